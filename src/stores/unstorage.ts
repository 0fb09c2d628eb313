/**
 * Records in any of unstorage's drivers.
 *
 * @module
 */
import type { SessionStore, StoreCapabilities, StoreConsistency, StoredValue } from '../store.ts'
import { safeKey } from './safe-key.ts'
import {
  parseExpiry,
  parseRecord,
  serializeExpiry,
  serializeRecord,
  type UnstorageRecord,
} from './unstorage-record.ts'

/** The part of unstorage's `Storage` that this store uses. */
export interface UnstorageClient {
  getItem(key: string): Promise<unknown>
  getItems(keys: string[]): Promise<{ key: string; value: unknown }[]>
  setItem(key: string, value: string, options: { ttl: number }): Promise<void>
  removeItem(key: string): Promise<void>
  getKeys(base: string): Promise<string[]>
  getMounts(): { readonly driver: { readonly name?: string } }[]
}

export interface UnstorageStoreOptions {
  /** In front of every key: names, each with a colon behind it. @default 'session:' */
  readonly prefix?: string | undefined
  /** What the driver promises. @default 'strong' for the drivers memory, fs and fs-lite, else { staleFor: Infinity } */
  readonly consistency?: StoreConsistency | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

/** Drivers that keep everything in this process, or on this machine. */
const LOCAL = ['memory', 'fs', 'fs-lite']

/** unstorage gives some characters a meaning, drivers give it to others; some file systems do not tell A from a. */
const UNSAFE = /[^a-z0-9]/g

/** Between two colons, which become the slashes of a path: most file systems take names of 255 bytes. */
const TOO_LONG = /[^:]{201}/

/** Drivers for files write in place: a reader may catch a part, and milliseconds after that the whole. */
const TRIES = 12

/**
 * Keeps records in an unstorage `Storage`. Its drivers cannot compare and set: `create` and `update` look before they
 * write, and of two that race the last one stays. Say `consistency: 'strong'` only of a driver that shows every client
 * at once what any of them wrote, and that evicts nothing.
 *
 * Drivers that know `ttl` forget what has expired; in others it stays until you clear it. `list` asks for the keys under
 * a tag, for which most drivers go through all that they have.
 *
 * @throws {RangeError} When an option is out of bounds; on writing, when the name of a key or tag becomes longer than
 * 200 characters, of which all but `a-z` and `0-9` take five.
 */
export function unstorageStore(
  storage: UnstorageClient,
  { prefix = 'session:', consistency = promiseOf(storage), clock = Date.now }: UnstorageStoreOptions = {},
): SessionStore {
  checkOptions(prefix, consistency)
  const part = (text: string) => `k${safeKey(text, UNSAFE)}`
  const recordName = (key: string) => `${prefix}r:${part(key)}`
  const listName = (tag: string) => `${prefix}t:${part(tag)}`
  const live = (record: UnstorageRecord | null) => (record && record.expiresAt > clock() ? record : null)

  async function load(name: string): Promise<unknown> {
    const data = await storage.getItem(name)
    // The drivers for files give what they could not read as the error that says so.
    if (data instanceof Error) throw data
    return data
  }

  async function find(name: string): Promise<UnstorageRecord | null> {
    if (TOO_LONG.test(name)) return null
    for (let tries = 0; tries < TRIES; tries++) {
      const record = parseRecord(await load(name))
      if (record !== undefined) return live(record)
      await new Promise((resolve) => setTimeout(resolve, tries))
    }
    throw new Error(
      'The storage has something under a name of this store that is no record, or a part of one.',
    )
  }

  async function findMany(names: readonly string[]): Promise<(UnstorageRecord | null)[]> {
    const asked = [...new Set(names)].filter((name) => !TOO_LONG.test(name))
    const items = await storage.getItems(asked)
    const records = new Map(items.map(({ key, value }) => [key, parseRecord(value)]))
    return Promise.all(
      names.map((name) => {
        const record = records.get(name)
        return record === undefined ? find(name) : live(record)
      }),
    )
  }

  /** The entries of the index before the record. They stay until they expire, so that no race can take one away. */
  async function write(record: UnstorageRecord, newTags: readonly string[]): Promise<string> {
    const { key, expiresAt, version } = record
    const name = recordName(key)
    const entries = newTags.map((tag) => `${listName(tag)}:${part(key)}`)
    const tooLong = [name, ...entries].find((each) => TOO_LONG.test(each))
    if (tooLong !== undefined)
      throw new RangeError(`A name is too long for most drivers: ${tooLong.length} characters.`)
    const options = { ttl: Math.max(1, Math.ceil((expiresAt - clock()) / 1000)) }
    await Promise.all(entries.map((entry) => storage.setItem(entry, serializeExpiry(expiresAt), options)))
    await storage.setItem(name, serializeRecord(record), options)
    return version
  }

  /** What is in the index for a record that is gone. One that is about to be written has an entry that lasts. */
  async function prune(entry: string): Promise<void> {
    const expiresAt = parseExpiry(await load(entry))
    if (expiresAt !== undefined && expiresAt <= clock()) await storage.removeItem(entry)
  }

  return {
    capabilities: capabilitiesOf(consistency),
    async get(key) {
      return stored(await find(recordName(key)))
    },
    async getMany(keys) {
      return (await findMany(keys.map(recordName))).map(stored)
    },
    async create(key, value, { expiresAt, tags = [] }) {
      if ((await find(recordName(key))) !== null) return null
      return write({ key, version: crypto.randomUUID(), expiresAt, tags: [...tags], value }, tags)
    },
    async update(key, value, { expiresAt, version, tags }) {
      const old = await find(recordName(key))
      if (old?.version !== version) return null
      const next = { key, version: crypto.randomUUID(), expiresAt, tags: [...(tags ?? old.tags)], value }
      const listed = expiresAt <= old.expiresAt ? old.tags : []
      return write(
        next,
        next.tags.filter((tag) => !listed.includes(tag)),
      )
    },
    async delete(key, { version } = {}) {
      const name = recordName(key)
      if (TOO_LONG.test(name)) return
      const data = await load(name)
      if (version !== undefined && parseRecord(data)?.version !== version) return
      await storage.removeItem(name)
      if (consistency === 'strong' && data && (await load(name)) === data) {
        throw new Error('The storage did not remove a record, and gave no reason.')
      }
    },
    async list(tag) {
      const start = `${listName(tag)}:`
      const entries = (await storage.getKeys(start)).filter((entry) => entry.startsWith(start))
      const records = await findMany(entries.map((entry) => `${prefix}r:${entry.slice(start.length)}`))
      await Promise.all(entries.filter((_, i) => records[i] === null).map(prune))
      return records.flatMap((record) => (record?.tags.includes(tag) ? [record.key] : []))
    },
  }
}

function stored(record: UnstorageRecord | null): StoredValue | null {
  return record && { value: record.value, version: record.version }
}

/** Of all that is mounted: what a prefixed storage is mounted on cannot be told. */
function promiseOf(storage: UnstorageClient): StoreConsistency {
  const local = storage.getMounts().every(({ driver }) => LOCAL.includes(driver.name ?? ''))
  return local ? 'strong' : { staleFor: Number.POSITIVE_INFINITY }
}

function capabilitiesOf(consistency: StoreConsistency): StoreCapabilities {
  return { consistency, atomicUpdate: false, index: consistency === 'strong' ? 'ordered' : consistency }
}

function checkOptions(prefix: string, consistency: StoreConsistency): void {
  if (!/^(?:[\w-]+:)*$/.test(prefix)) {
    throw new RangeError(`prefix must be names, each with a colon behind it: current value is ${prefix}.`)
  }
  if (consistency !== 'strong' && !(consistency.staleFor > 0)) {
    throw new RangeError(`staleFor must be more than 0: current value is ${consistency.staleFor}.`)
  }
}
