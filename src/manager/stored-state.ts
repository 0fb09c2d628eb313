import { tagOf } from '../crypto/tag.ts'
import { type Bytes, concat, fromUtf8, toBase64Url, utf8 } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import type { BoundedStore } from './bounded-store.ts'
import { type Opened, SealedStore } from './sealed-store.ts'
import type { ServerState, StateEntry, StatePlace } from './server-state.ts'
import type { Settings } from './settings.ts'
import { TRIES } from './tries.ts'

/** What stands under the key of a secret: the value, `03 | JSON of [expiresAt, value]`… */
const STATE = 3
/** …or, when it goes on under the key of another: where, and the value until it is there. */
const MOVED = 4

interface Held extends StateEntry {
  readonly key: string
  /** The key under which it goes on. */
  readonly target?: string | undefined
  /** It is not there yet. */
  readonly isMoving: boolean
}

/**
 * @param purpose Keeps what one feature writes apart from what others do.
 * @throws {TypeError} Without a store.
 */
export function serverState(settings: Settings<object>, purpose: string): ServerState {
  const store = settings.store ?? settings.revocations
  if (store === undefined) {
    throw new TypeError(
      'This needs a server that remembers: give the session manager a store, or revocations.',
    )
  }
  return new StoredState(settings, store, purpose)
}

class StoredState implements ServerState {
  readonly #settings: Settings<object>
  readonly #store: BoundedStore
  readonly #sealed: SealedStore
  readonly #purpose: string

  constructor(settings: Settings<object>, store: BoundedStore, purpose: string) {
    this.#settings = settings
    this.#store = store
    this.#sealed = new SealedStore(settings, store)
    this.#purpose = purpose
  }

  get atomicUpdate(): boolean {
    return this.#store.atomicUpdate
  }

  async get(name: readonly string[]): Promise<StateEntry | null> {
    const keys = await this.#keys(name)
    for (let tries = 0; tries < TRIES; tries++) {
      const held = await this.#held(keys)
      const state = held.find(isState)
      const moving = held.find(({ isMoving }) => isMoving)
      // Where the first key says that it has moved, a deployment is at work that has the secrets in another order.
      const stays = !this.atomicUpdate || held.some(({ key }) => key === keys[0])
      if (state !== undefined && stays) return entryOf(state)
      if (state === undefined && moving === undefined) return null
      await (state === undefined ? this.#finish(moving as Held) : this.#move(state, keys[0] as string))
    }
    throw new SessionError(
      'ERR_SESSION_CONFLICT',
      'Others are writing the same value. Try the request again.',
    )
  }

  async create(name: readonly string[], value: unknown, place: StatePlace): Promise<string | null> {
    const keys = await this.#keys(name)
    const [first, ...others] = keys as [string, ...string[]]
    const held = others.length === 0 ? [] : await this.#held(keys)
    if (held.some((one) => isState(one) || one.isMoving)) return null
    const content = encode(STATE, [place.expiresAt, value])
    const left = held.find(({ key }) => key === first)
    const version = left
      ? await this.#sealed.update(first, content, { ...place, version: left.version })
      : await this.#sealed.create(first, content, place)
    if (version === null) return null
    if (others.length === 0 || !(await this.#held(others)).some(isState)) return versionOf(first, version)
    // A deployment with the secrets in another order wrote it at the same moment: neither has it.
    await this.#store.delete(first, { version })
    return null
  }

  async update(
    name: readonly string[],
    value: unknown,
    { version, expiresAt }: StatePlace & { readonly version: string },
  ): Promise<string | null> {
    const key = (await this.#keys(name)).find((one) => version.startsWith(versionOf(one, '')))
    if (key === undefined) return null
    const content = encode(STATE, [expiresAt, value])
    const inStore = version.slice(versionOf(key, '').length)
    const next = await this.#sealed.update(key, content, { expiresAt, version: inStore })
    return next === null ? null : versionOf(key, next)
  }

  async delete(name: readonly string[]): Promise<void> {
    await Promise.all((await this.#keys(name)).map((key) => this.#store.delete(key)))
  }

  /** The key under every secret, the first one's first. */
  async #keys(name: readonly string[]): Promise<string[]> {
    const { keyring, cookie } = this.#settings
    const ringKeys = [...(await keyring.keys()).values()]
    const tags = ringKeys.map((ringKey) => {
      return tagOf(keyring, ringKey, 'state', cookie.name, this.#purpose, ...name)
    })
    return (await Promise.all(tags)).map(toBase64Url)
  }

  /** What is there, in the order of the keys. */
  async #held(keys: readonly string[]): Promise<Held[]> {
    const all =
      keys.length === 1 ? [await this.#sealed.get(keys[0] as string)] : await this.#sealed.getMany(keys)
    return all.flatMap((opened, i) => (opened && decode(keys[i] as string, opened)) ?? [])
  }

  /**
   * What an older secret names goes on under the first. The old key is closed by compare and set before the new one is
   * there, and holds the value until then: no two requests can each change one of them, and whoever comes upon a move
   * that was not finished finishes it. It stays closed, lest a slow request brings back what it once saw.
   */
  async #move({ key, value, version, expiresAt }: Held, target: string): Promise<void> {
    const content = encode(MOVED, [expiresAt, value, target])
    const closed = await this.#sealed.update(key, content, { expiresAt, version })
    if (closed === null) return
    await this.#finish({ key, value, version: closed, expiresAt, target })
  }

  async #finish({ key, value, version, expiresAt, target = '' }: Omit<Held, 'isMoving'>): Promise<void> {
    await this.#sealed.create(target, encode(STATE, [expiresAt, value]), { expiresAt })
    await this.#sealed.update(key, encode(MOVED, [expiresAt, null, target, 1]), { expiresAt, version })
  }
}

function isState({ target }: Held): boolean {
  return target === undefined
}

function entryOf({ key, value, version, expiresAt }: Held): StateEntry {
  return { value, version: versionOf(key, version), expiresAt }
}

/** A version is good for one key only. */
function versionOf(key: string, version: string): string {
  return `${key} ${version}`
}

function encode(kind: number, content: readonly unknown[]): Bytes {
  return concat(new Uint8Array([kind]), utf8(JSON.stringify(content)))
}

/** `[expiresAt, value]`, `[expiresAt, value, target]` while it moves, `[expiresAt, null, target, 1]` when it is there. */
function decode(key: string, { version, content }: Opened): Held | null {
  const kind = content?.[0]
  if (!content || (kind !== STATE && kind !== MOVED)) return null
  const [expiresAt, value, target, isThere] = parsed(content.subarray(1))
  if (typeof expiresAt !== 'number') return null
  if (kind === STATE) return { key, value, version, expiresAt, isMoving: false }
  return typeof target === 'string'
    ? { key, value, version, expiresAt, target, isMoving: isThere !== 1 }
    : null
}

/** What is authentic was written by this library, and still only what has the right shape is let in. */
function parsed(bytes: Bytes): readonly unknown[] {
  try {
    const content: unknown = JSON.parse(fromUtf8(bytes) ?? '')
    return Array.isArray(content) ? content : []
  } catch {
    return []
  }
}
