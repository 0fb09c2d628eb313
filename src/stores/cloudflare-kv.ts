/**
 * Records in Workers KV.
 *
 * @module
 */

import type { SessionStore, StoreCapabilities } from '../store.ts'
import { checkClient } from './check-client.ts'
import { checkNames, fits, type KVNames, kvNames } from './kv-names.ts'
import { type KVRecord, newRecord, parseRecord, storedValue } from './kv-record.ts'

/** What of a Workers `KVNamespace` this store uses. */
export interface KVBinding {
  get(key: string, options: KVReadOptions): Promise<string | null>
  get(keys: string[], options: KVReadOptions): Promise<Map<string, string | null>>
  put(key: string, value: string, options: { expirationTtl: number }): Promise<void>
  delete(key: string): Promise<void>
  list(options: { prefix: string; cursor: string | null }): Promise<KVPage>
}

export interface KVReadOptions {
  readonly type: 'text'
  /** Seconds. */
  readonly cacheTtl: number
}

export interface KVPage {
  readonly keys: readonly { readonly name: string }[]
  readonly list_complete: boolean
  readonly cursor?: string
}

export interface KVStoreOptions {
  /** Begins the name of everything that is written. @default 'session:' */
  readonly prefix?: string | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

const CAPABILITIES: StoreCapabilities = {
  consistency: { staleFor: 60 },
  atomicUpdate: false,
  index: { staleFor: 60 },
}

/** Seconds: KV refuses a shorter life. */
const MIN_TTL = 60

/** Keys that one bulk read takes. */
const MAX_BULK = 100

/**
 * For so long, in seconds, a location shows what it has read, also that there was nothing. KV's default is 60; this is the
 * least it takes. A sign-out that is seen sooner is worth more than a cached read, and as KV says that changes may take
 * "60 seconds or more", it leaves the 60 that are declared some room.
 */
const READ: KVReadOptions = { type: 'text', cacheTtl: 30 }

/**
 * Keeps records in KV, which is eventually consistent: for about a minute another location may show a record that is
 * deleted, or miss one that is new. It has no compare-and-set, so `create` and `update` look before they write, and of
 * two that race the last one stays, even over a `delete`. KV takes one write a second to a key, and rejects more.
 *
 * @throws {RangeError} On writing, when a key or a tag with its key makes a name of more than 512 bytes, KV's limit.
 */
export function kvStore(
  kv: KVBinding,
  { prefix = 'session:', clock = Date.now }: KVStoreOptions = {},
): SessionStore {
  checkClient('kvStore', 'a KV namespace', kv, 'get')
  const names = kvNames(prefix)
  const { find, findMany, keysUnder } = reads(kv, names, clock)
  const { write, unlist } = writes(kv, names, clock)

  return {
    capabilities: CAPABILITIES,
    async get(key) {
      return storedValue(await find(key))
    },
    async getMany(keys) {
      return (await findMany(keys)).map(storedValue)
    },
    async create(key, value, { expiresAt, tags = [] }) {
      const record = newRecord(value, expiresAt, tags)
      return (await find(key)) === null ? write(key, record, record.tags) : null
    },
    async update(key, value, { expiresAt, version, tags }) {
      const old = await find(key)
      if (old?.version !== version) return null
      const record = newRecord(value, expiresAt, tags ?? old.tags)
      const outlives = expiresAt > old.expiresAt
      const toList = outlives ? record.tags : without(record.tags, old.tags)
      await write(key, record, toList)
      await unlist(key, without(old.tags, record.tags))
      return record.version
    },
    async delete(key, { version, tags } = {}) {
      // Without a version, what is read has no say: a stale miss must not keep the record.
      const old = version === undefined && tags ? null : await find(key)
      if (version !== undefined && old?.version !== version) return
      const name = names.record(key)
      if (fits(name)) await kv.delete(name)
      await unlist(key, old?.tags ?? tags ?? [])
    },
    async list(tag) {
      const keys = await keysUnder(tag)
      const records = await findMany(keys)
      return keys.filter((_, i) => records[i]?.tags.includes(tag))
    },
  }
}

function reads(kv: KVBinding, names: KVNames, clock: () => number) {
  return {
    async find(key: string): Promise<KVRecord | null> {
      const name = names.record(key)
      return fits(name) ? parseRecord(await kv.get(name, READ), clock()) : null
    },
    async findMany(keys: readonly string[]): Promise<(KVRecord | null)[]> {
      const distinct = [...new Set(keys.map(names.record))].filter(fits)
      const answers = await Promise.all(pages(distinct).map((page) => kv.get(page, READ)))
      const texts = new Map(answers.flatMap((answer) => [...answer]))
      return keys.map((key) => parseRecord(texts.get(names.record(key)), clock()))
    },
    /** Of the records that were there when the list was fresh. */
    async keysUnder(tag: string): Promise<string[]> {
      const prefix = names.entries(tag)
      if (!fits(prefix)) return []
      const keys: string[] = []
      for (let cursor: string | null | undefined = null; cursor !== undefined; ) {
        const page: KVPage = await kv.list({ prefix, cursor })
        for (const { name } of page.keys) keys.push(names.keyOf(tag, name))
        cursor = page.list_complete ? undefined : page.cursor
      }
      return keys
    },
  }
}

function writes(kv: KVBinding, names: KVNames, clock: () => number) {
  return {
    /** The index first: an entry too many does no harm, as `list` looks at the records. */
    async write(key: string, record: KVRecord, toList: readonly string[]): Promise<string> {
      const name = names.record(key)
      const entries = toList.map((tag) => names.entry(tag, key))
      checkNames([name, ...entries])
      const options = { expirationTtl: Math.max(MIN_TTL, Math.ceil((record.expiresAt - clock()) / 1000)) }
      await Promise.all(entries.map((entry) => kv.put(entry, '', options)))
      await kv.put(name, JSON.stringify(record), options)
      return record.version
    },
    async unlist(key: string, tags: readonly string[]): Promise<void> {
      const entries = tags.map((tag) => names.entry(tag, key)).filter(fits)
      await Promise.all(entries.map((entry) => kv.delete(entry)))
    },
  }
}

function without(tags: readonly string[], others: readonly string[]): string[] {
  return tags.filter((tag) => !others.includes(tag))
}

function pages(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / MAX_BULK)
  return Array.from({ length: count }, (_, i) => names.slice(i * MAX_BULK, (i + 1) * MAX_BULK))
}
