import {
  parseExpiry,
  parseRecord,
  serializeExpiry,
  serializeRecord,
  type UnstorageRecord,
} from './unstorage-record.ts'

/** The part of unstorage's `Storage` that the store uses. */
export interface UnstorageClient {
  getItem(key: string): Promise<unknown>
  getItems(keys: string[]): Promise<{ key: string; value: unknown }[]>
  setItem(key: string, value: string, options: { ttl: number }): Promise<void>
  removeItem(key: string): Promise<void>
  getKeys(base: string): Promise<string[]>
  getMounts(): { readonly driver: { readonly name?: string } }[]
}

/** Records and entries of the index, by name. */
export interface UnstorageItems {
  /** Whatever is there, or null. */
  load(name: string): Promise<unknown>
  find(name: string): Promise<UnstorageRecord | null>
  findMany(names: readonly string[]): Promise<(UnstorageRecord | null)[]>
  write(name: string, record: UnstorageRecord, entries: readonly string[]): Promise<void>
  /** Removes what is in the index for a record that is gone, unless another may be about to be written. */
  prune(entry: string): Promise<void>
}

/** Between two colons, which become the slashes of a path: most file systems take names of 255 bytes. */
const TOO_LONG = /[^:]{201}/

/**
 * Drivers for files write in place: a reader may catch a part, and the whole some milliseconds after that, or more on a
 * busy machine. In all it waits for 0.4 seconds.
 */
const TRIES = 20
const PAUSE = 2

export function unstorageItems(storage: UnstorageClient, clock: () => number): UnstorageItems {
  const load = (name: string) => loadFrom(storage, name)
  const live = (record: UnstorageRecord | null) => (record && record.expiresAt > clock() ? record : null)

  async function find(name: string): Promise<UnstorageRecord | null> {
    return fits(name) ? live(await recordUnder(storage, name)) : null
  }

  return {
    load,
    find,
    async findMany(names) {
      const items = await storage.getItems([...new Set(names)].filter(fits))
      const records = new Map(items.map(({ key, value }) => [key, parseRecord(value)]))
      return Promise.all(
        names.map((name) => {
          const record = records.get(name)
          return record === undefined ? find(name) : live(record)
        }),
      )
    },
    async write(name, record, entries) {
      if (![name, ...entries].every(fits)) {
        throw new RangeError(
          'A key or a tag is too long: not every driver keeps a name of more than 200 characters.',
        )
      }
      const { expiresAt } = record
      const options = { ttl: Math.max(1, Math.ceil((expiresAt - clock()) / 1000)) }
      await Promise.all(entries.map((entry) => storage.setItem(entry, serializeExpiry(expiresAt), options)))
      await storage.setItem(name, serializeRecord(record), options)
    },
    async prune(entry) {
      const expiresAt = parseExpiry(await load(entry))
      if (expiresAt !== undefined && expiresAt <= clock()) await storage.removeItem(entry)
    },
  }
}

export function fits(name: string): boolean {
  return !TOO_LONG.test(name)
}

/** Drivers for files give what they could not read as the error that says so. */
async function loadFrom(storage: UnstorageClient, name: string): Promise<unknown> {
  const data = await storage.getItem(name)
  if (data instanceof Error) throw data
  return data ?? null
}

async function recordUnder(storage: UnstorageClient, name: string): Promise<UnstorageRecord | null> {
  for (let tries = 0; tries < TRIES; tries++) {
    const record = parseRecord(await loadFrom(storage, name))
    if (record !== undefined) return record
    await new Promise((resolve) => setTimeout(resolve, tries * PAUSE))
  }
  throw new Error('The storage has something under a name of this store that is no record, or a part of one.')
}
