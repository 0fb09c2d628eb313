/// <reference path="./cloudflare-workers.d.ts" />
import { DurableObject } from 'cloudflare:workers'
import type { StoredValue } from '../store.ts'
import type {
  IndexEntry,
  Listing,
  RecordUpdate,
  RecordWrite,
  SessionObjectState,
  SessionObjectStorage,
  UpdateAnswer,
} from './session-object-types.ts'

/** What a record's object keeps, under the name `record`. */
interface ObjectRecord extends RecordWrite, StoredValue {}

const RECORD = 'record'

/** By a type of its own, so that those who read the published types need none of Cloudflare's. */
const WorkersObject = DurableObject as unknown as new (state: SessionObjectState, env: unknown) => object

/**
 * The Durable Object behind `durableObjectStore`: export it from the Worker, and name it in `new_sqlite_classes` of a
 * migration. An object holds one record, or the keys of all the records that have one tag. It keeps nothing in memory,
 * and at the end of what it holds an alarm leaves it empty, so that it ceases to exist.
 */
export class SessionObject extends WorkersObject {
  /** How Workers' types know an object that can be called. */
  declare readonly __DURABLE_OBJECT_BRAND: never
  readonly #storage: SessionObjectStorage

  constructor(state: SessionObjectState, env: unknown) {
    super(state, env)
    this.#storage = state.storage
  }

  // Of a record.

  read(): StoredValue | null {
    const record = this.#record()
    return record && { value: record.value, version: record.version }
  }

  hasTag(tag: string): boolean {
    return this.#record()?.listing.tags.includes(tag) ?? false
  }

  async create(write: RecordWrite): Promise<string | null> {
    return this.#record() === null ? this.#write(write) : null
  }

  async update({ value, expiresAt, version, tags, listing }: RecordUpdate): Promise<UpdateAnswer | null> {
    const old = this.#record()
    if (old?.version !== version) return null
    const wanted = listing?.tags ?? tags ?? old.listing.tags
    const entered = listing ?? old.listing
    if (!covers(entered, wanted, expiresAt)) return { unlisted: wanted }
    const left = old.listing.tags.filter((tag) => !wanted.includes(tag))
    const next = await this.#write({ value, expiresAt, listing: { ...entered, tags: wanted } })
    return { version: next, left: { ...old.listing, tags: left } }
  }

  /** @returns What has to be removed from the index. */
  async remove(version?: string): Promise<Listing | null> {
    const record = this.#record()
    if (record === null || (version !== undefined && version !== record.version)) return null
    await this.#clear()
    return record.listing
  }

  // Of a tag.

  async enlist(key: string, { stamp, expiresAt }: IndexEntry): Promise<void> {
    const name = JSON.stringify(key)
    const known = this.#storage.kv.get<IndexEntry>(name)
    this.#storage.kv.put(name, { stamp, expiresAt: Math.max(expiresAt, known?.expiresAt ?? 0) })
    await this.#settle()
  }

  async delist(key: string, stamp: string): Promise<void> {
    const { kv } = this.#storage
    const name = JSON.stringify(key)
    if (kv.get<IndexEntry>(name)?.stamp !== stamp) return
    kv.delete(name)
    await this.#settle()
  }

  keys(): string[] {
    const now = Date.now()
    const entries = [...this.#storage.kv.list<IndexEntry>()]
    return entries.filter(([, { expiresAt }]) => expiresAt > now).map(([name]) => JSON.parse(name))
  }

  // Of both.

  /** It may come late, twice, or after something new was written. */
  async alarm(): Promise<void> {
    await this.#settle()
  }

  #record(): ObjectRecord | null {
    const record = this.#storage.kv.get<ObjectRecord>(RECORD)
    return record && record.expiresAt > Date.now() ? record : null
  }

  async #write(write: RecordWrite): Promise<string> {
    const version = crypto.randomUUID()
    this.#storage.kv.put(RECORD, { ...write, version })
    await this.#storage.setAlarm(write.expiresAt)
    return version
  }

  /** Drops what has expired, and comes back when the last of the rest does. */
  async #settle(): Promise<void> {
    const { kv } = this.#storage
    const now = Date.now()
    let end = 0
    for (const [name, { expiresAt }] of [...kv.list<{ readonly expiresAt: number }>()]) {
      if (expiresAt > now) end = Math.max(end, expiresAt)
      else kv.delete(name)
    }
    await (end === 0 ? this.#clear() : this.#storage.setAlarm(end))
  }

  /** Deleting what was written is not enough, and before 2026-02-24 `deleteAll` left the alarm. */
  async #clear(): Promise<void> {
    await Promise.all([this.#storage.deleteAlarm(), this.#storage.deleteAll()])
  }
}

/** True when each of the tags has an entry that lasts as long as the record. */
function covers(listing: Listing, tags: readonly string[], expiresAt: number): boolean {
  return tags.every((tag) => listing.tags.includes(tag) && expiresAt <= listing.expiresAt)
}
