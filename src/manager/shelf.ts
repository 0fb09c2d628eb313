import { type SealContext, sealContext } from '../crypto/keyring.ts'
import { hourOf, seal, unseal } from '../crypto/seal.ts'
import { type Bytes, fromBase64Url, toBase64Url } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import { toSeconds } from '../session/lifecycle.ts'
import {
  decodeStored,
  encodeLive,
  encodeTombstone,
  type LiveSession,
  type Tombstone,
} from '../session/stored.ts'
import type { StoredValue } from '../store.ts'
import type { BoundedStore } from './bounded-store.ts'
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

  constructor(settings: Settings<object>, store: BoundedStore) {
    this.#settings = settings
    this.#store = store
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
    const key = toBase64Url(handle)
    const stored = await this.#store.get(key)
    return stored == null ? null : this.#open(key, handle, stored)
  }

  /** The records that are listed under any of the tags, each once. */
  async list(tags: readonly Bytes[]): Promise<Found[]> {
    const listed = await Promise.all(tags.map((tag) => this.#store.list(toBase64Url(tag))))
    const handles = handlesOf(listed.flat())
    const stored = handles.size === 0 ? [] : await this.#store.getMany([...handles.keys()])
    const found = await Promise.all(
      Array.from(handles, ([key, handle], i) => stored?.[i] && this.#open(key, handle, stored[i])),
    )
    return found.filter((record) => record != null)
  }

  /** @returns Null when the handle is taken. */
  async create(live: LiveSession): Promise<FoundLive | null> {
    const key = toBase64Url(live.record.handle)
    const value = await this.#seal(key, encodeLive(live))
    return found(live, await this.#store.create(key, value, placeOf(live)))
  }

  /** @returns Null when another request wrote first, or the record is gone. */
  async update({ handle, version }: Found, live: LiveSession): Promise<FoundLive | null> {
    const key = toBase64Url(handle)
    const value = await this.#seal(key, encodeLive(live))
    return found(live, await this.#store.update(key, value, { ...placeOf(live), version }))
  }

  /** Puts a tombstone in its place, until the session's absolute end. @returns False when another request wrote first. */
  async bury({ handle, version, content }: FoundLive, successor?: Bytes): Promise<boolean> {
    const key = toBase64Url(handle)
    const endedAt = toSeconds(this.#settings.clock())
    const value = await this.#seal(key, encodeTombstone({ endedAt, successor }))
    const expiresAt = content.record.absoluteExpiresAt * 1000
    return (await this.#store.update(key, value, { expiresAt, version, tags: [] })) !== null
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

  async #open(key: string, handle: Bytes, { value, version }: StoredValue): Promise<Found> {
    const sealed = isText(value) && isText(version) ? fromBase64Url(value) : null
    const unsealed =
      sealed && (await unseal(this.#settings.keyring, this.#context(key), sealed, this.#hours()))
    // A deployment with a newer secret wrote it, and must find it again.
    if (unsealed === 'unknown-key') throw this.#outage()
    const content =
      unsealed === null || typeof unsealed === 'string' ? null : decodeStored(unsealed.plaintext)
    return { handle, version, content }
  }

  async #seal(key: string, content: Bytes): Promise<string> {
    const { keyring, clock } = this.#settings
    return toBase64Url(await seal(keyring, this.#context(key), content, clock()))
  }

  #context(key: string): SealContext {
    return sealContext('record', this.#settings.cookie.name, key)
  }

  /** Any hour: of a record it only says which key sealed it, since a store's copy has times of its own. */
  #hours() {
    return { oldest: 0, current: hourOf(this.#settings.clock()), newest: Number.POSITIVE_INFINITY }
  }

  #outage(): SessionError {
    const cause = new Error('the record is sealed under a secret that is not in the list')
    this.#settings.emit({ type: 'store-error', operation: 'open', cause })
    return new SessionError('ERR_SESSION_STORE', 'A stored session cannot be opened.', { cause })
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
