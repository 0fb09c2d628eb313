import { type Bytes, fromBase64Url, toBase64Url } from '../encoding.ts'
import { toSeconds } from '../session/lifecycle.ts'
import {
  decodeStored,
  encodeLive,
  encodeTombstone,
  type LiveSession,
  type Tombstone,
} from '../session/stored.ts'
import type { BoundedStore } from './bounded-store.ts'
import { type Opened, SealedStore } from './sealed-store.ts'
import type { Settings } from './settings.ts'

/** What the store has under a handle. */
export interface Found<Content = LiveSession | Tombstone | null> {
  readonly handle: Bytes
  readonly version: string
  /** Null when it is nothing of ours. */
  readonly content: Content
}

export type FoundLive = Found<LiveSession & { readonly data: object }>

/** Sealed records in a store, by handle. */
export class Shelf {
  readonly #settings: Settings<object>
  readonly #store: BoundedStore
  readonly #sealed: SealedStore

  constructor(settings: Settings<object>, store: BoundedStore) {
    this.#settings = settings
    this.#store = store
    this.#sealed = new SealedStore(settings, store)
  }

  get isAtomic(): boolean {
    return this.#store.atomicUpdate
  }

  get hasIndex(): boolean {
    return this.#store.hasIndex
  }

  /** A copy that looks expired or broken is all there is. */
  get isStrong(): boolean {
    return this.#store.atomicUpdate && this.#store.consistency === 'strong'
  }

  /** @throws {SessionError} `ERR_SESSION_STORE`, also for a record under a secret that is not in the list. */
  async get(handle: Bytes): Promise<Found | null> {
    const opened = await this.#sealed.get(toBase64Url(handle))
    return opened && decoded(handle, opened)
  }

  /** The records that are listed under any of the tags, each once. */
  async list(tags: readonly Bytes[]): Promise<Found[]> {
    const listed = await Promise.all(tags.map((tag) => this.#store.list(toBase64Url(tag))))
    const handles = handlesOf(listed.flat())
    const opened = await this.#sealed.getMany([...handles.keys()])
    const found = Array.from(handles.values(), (handle, i) => opened[i] && decoded(handle, opened[i]))
    return found.filter((record) => record != null)
  }

  /** @returns Null when the handle is taken. */
  async create(live: LiveSession): Promise<FoundLive | null> {
    const key = toBase64Url(live.record.handle)
    return found(live, await this.#sealed.create(key, encodeLive(live), placeOf(live)))
  }

  /** @returns Null when another request wrote first, or the record is gone. */
  async update({ handle, version }: Found, live: LiveSession): Promise<FoundLive | null> {
    const key = toBase64Url(handle)
    return found(live, await this.#sealed.update(key, encodeLive(live), { ...placeOf(live), version }))
  }

  /** Puts a tombstone in its place, until the session's absolute end. @returns False when another request wrote first. */
  async bury({ handle, version, content }: FoundLive, successor?: Bytes): Promise<boolean> {
    const key = toBase64Url(handle)
    const endedAt = toSeconds(this.#settings.clock())
    const tombstone = encodeTombstone({ endedAt, successor })
    const expiresAt = content.record.absoluteExpiresAt * 1000
    return (await this.#sealed.update(key, tombstone, { expiresAt, version, tags: [] })) !== null
  }

  /** Whatever its version is. */
  async delete({ handle, content }: Found): Promise<void> {
    await this.#store.delete(toBase64Url(handle), { tags: tagsOf(content) })
  }

  /** This version only, and only where a stale copy cannot look like it. */
  async discard({ handle, version, content }: Found): Promise<void> {
    if (!this.isStrong || !isText(version)) return
    await this.#store.delete(toBase64Url(handle), { version, tags: tagsOf(content) })
  }
}

/** The keys that are handles, each once. */
function handlesOf(keys: readonly string[]): Map<string, Bytes> {
  const handles = new Map<string, Bytes>()
  for (const key of keys) {
    const handle = isText(key) ? fromBase64Url(key) : null
    if (handle !== null) handles.set(key, handle)
  }
  return handles
}

function decoded(handle: Bytes, { version, content }: Opened): Found {
  return { handle, version, content: content && decodeStored(content) }
}

/** What a store answers is not taken on trust: a client may have parsed it, or left something out. */
function isText(value: unknown): boolean {
  return typeof value === 'string'
}

export function isLive(found: Found | null): found is FoundLive {
  return found?.content != null && 'record' in found.content
}

function found(live: LiveSession, version: string | null): FoundLive | null {
  return version === null ? null : { handle: live.record.handle, version, content: { data: {}, ...live } }
}

/** The store forgets a session by itself when its time is over (ASVS 7.3). */
function placeOf({ record: { idleExpiresAt, absoluteExpiresAt }, tags }: LiveSession) {
  return {
    expiresAt: Math.min(idleExpiresAt, absoluteExpiresAt) * 1000,
    tags: tags.map(toBase64Url),
  }
}

function tagsOf(content: Found['content']): string[] {
  return content !== null && 'tags' in content ? content.tags.map(toBase64Url) : []
}
