/**
 * Records in any of unstorage's drivers.
 *
 * @module
 */

import type { SessionStore, StoreCapabilities, StoreConsistency, StoredValue } from '../store.ts'
import { checkClient } from './check-client.ts'
import { safeKey } from './safe-key.ts'
import { fits, type UnstorageClient, unstorageItems } from './unstorage-items.ts'
import { parseRecord, type UnstorageRecord } from './unstorage-record.ts'

export type { UnstorageClient } from './unstorage-items.ts'

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

/**
 * Keeps records in an unstorage `Storage`. Its drivers cannot compare and set: `create` and `update` look before they
 * write, and of two that race the last one stays, even over a `delete`. Say `consistency: 'strong'` only of a driver
 * that shows every client at once what any of them wrote, and that evicts nothing.
 *
 * Drivers that know `ttl` forget what has expired; in others it stays until you clear it. `list` asks for the keys under
 * a tag, for which most drivers go through all that they have.
 *
 * @throws {RangeError} When an option is out of bounds; on writing, when the name of a key or tag becomes longer than
 * 200 characters, of which all but `a-z` and `0-9` take five.
 */
export function unstorageStore(
  storage: UnstorageClient,
  { prefix = 'session:', consistency: told, clock = Date.now }: UnstorageStoreOptions = {},
): SessionStore {
  checkClient('unstorageStore', 'the storage of createStorage()', storage, 'getMounts')
  const consistency = told ?? promiseOf(storage)
  checkOptions(prefix, consistency)
  const { load, find, findMany, write, prune } = unstorageItems(storage, clock)
  const recordName = (key: string) => `${prefix}r:${part(key)}`
  const listName = (tag: string) => `${prefix}t:${part(tag)}`
  const entryName = (tag: string, key: string) => `${listName(tag)}:${part(key)}`

  return {
    capabilities: capabilitiesOf(consistency),
    async get(key) {
      return storedValue(await find(recordName(key)))
    },
    async getMany(keys) {
      return (await findMany(keys.map(recordName))).map(storedValue)
    },
    async create(key, value, { expiresAt, tags = [] }) {
      const name = recordName(key)
      if ((await find(name)) !== null) return null
      const record = newRecord(key, value, expiresAt, tags)
      const entries = record.tags.map((tag) => entryName(tag, key))
      await write(name, record, entries)
      return record.version
    },
    async update(key, value, { expiresAt, version, tags }) {
      const name = recordName(key)
      const old = await find(name)
      if (old?.version !== version) return null
      const record = newRecord(key, value, expiresAt, tags ?? old.tags)
      // Entries that are there and live long enough. Those of tags that it loses stay: `list` looks at the record too.
      const listed = expiresAt <= old.expiresAt ? old.tags : []
      const entries = record.tags.filter((tag) => !listed.includes(tag)).map((tag) => entryName(tag, key))
      await write(name, record, entries)
      return record.version
    },
    // The index keeps its entry until that expires, for the record that an update in a race may bring back.
    async delete(key, { version } = {}) {
      const name = recordName(key)
      if (!fits(name)) return
      const data = await load(name)
      if (version !== undefined && parseRecord(data)?.version !== version) return
      await storage.removeItem(name)
      if (consistency === 'strong' && data !== null && (await load(name)) === data) {
        throw new Error('The storage did not remove a record, and gave no reason.')
      }
    },
    async list(tag) {
      const entries = await storage.getKeys(listName(tag))
      const records = await findMany(entries.map((entry) => `${prefix}r:${entry.split(':').at(-1)}`))
      await Promise.all(entries.filter((_, i) => records[i] === null).map(prune))
      return records.flatMap((record) => (record?.tags.includes(tag) ? [record.key] : []))
    },
  }
}

/** Never empty, as unstorage drops what is. */
function part(text: string): string {
  return `k${safeKey(text, UNSAFE)}`
}

function newRecord(key: string, value: string, expiresAt: number, tags: readonly string[]): UnstorageRecord {
  return { key, version: crypto.randomUUID(), expiresAt, tags: [...tags], value }
}

function storedValue(record: UnstorageRecord | null): StoredValue | null {
  return record && { value: record.value, version: record.version }
}

/** Of all that is mounted: which of it a prefixed storage lies in cannot be told. */
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
