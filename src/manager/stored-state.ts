import { tagOf } from '../crypto/tag.ts'
import { type Bytes, concat, fromUtf8, toBase64Url, utf8 } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import type { BoundedStore } from './bounded-store.ts'
import { type Opened, SealedStore } from './sealed-store.ts'
import type { ServerState, StateEntry, StatePlace } from './server-state.ts'
import type { Settings } from './settings.ts'
import { TRIES } from './tries.ts'

/** `03 | JSON of [expiresAt, value]`, or `04 | JSON of [expiresAt, value, key]` for what goes on under that key. */
const STATE = 3
const MOVED = 4

interface Held extends StateEntry {
  readonly key: string
  /** Where it goes on, when it has moved. */
  readonly target?: string | undefined
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
      const held = await this.#find(keys)
      if (held === null) return null
      const stays = held.target === undefined && (held.key === keys[0] || !this.atomicUpdate)
      if (stays) return { value: held.value, version: held.version, expiresAt: held.expiresAt }
      await this.#move(held, keys[0] as string)
    }
    throw new SessionError(
      'ERR_SESSION_CONFLICT',
      'Others are writing the same value. Try the request again.',
    )
  }

  async create(name: readonly string[], value: unknown, place: StatePlace): Promise<string | null> {
    const keys = await this.#keys(name)
    const [first, ...older] = keys as [string, ...string[]]
    if (older.length > 0 && (await this.#find(older)) !== null) return null
    const version = await this.#sealed.create(first, encode(STATE, [place.expiresAt, value]), place)
    if (version === null || older.length === 0 || (await this.#find(older)) === null) return version
    // A deployment that still seals with an older secret wrote it at the same moment: neither has it.
    await this.#store.delete(first, { version })
    return null
  }

  async update(
    name: readonly string[],
    value: unknown,
    { version, expiresAt }: StatePlace & { readonly version: string },
  ): Promise<string | null> {
    const keys = await this.#keys(name)
    // Where nothing can be compared, it stays under the secret that it was written with.
    for (const key of this.atomicUpdate ? keys.slice(0, 1) : keys) {
      const next = await this.#sealed.update(key, encode(STATE, [expiresAt, value]), { expiresAt, version })
      if (next !== null) return next
    }
    return null
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

  async #find(keys: readonly string[]): Promise<Held | null> {
    const all =
      keys.length === 1 ? [await this.#sealed.get(keys[0] as string)] : await this.#sealed.getMany(keys)
    const held = all
      .map((opened, i) => opened && decode(keys[i] as string, opened))
      .filter((one) => one !== null)
    return held.find(({ target }) => target === undefined) ?? held[0] ?? null
  }

  /**
   * What an older secret names goes on under the first. The old one is closed by compare and set before the new one is
   * there, and holds the value until then: no two requests can each change one of them, and whoever comes upon a move
   * that was not finished finishes it.
   */
  async #move({ key, value, version, expiresAt, target }: Held, first: string): Promise<void> {
    const to = target ?? first
    const moved = encode(MOVED, [expiresAt, value, to])
    const closed =
      target === undefined ? await this.#sealed.update(key, moved, { expiresAt, version }) : version
    if (closed === null) return
    await this.#sealed.create(to, encode(STATE, [expiresAt, value]), { expiresAt })
    await this.#store.delete(key, { version: closed })
  }
}

function encode(kind: number, content: readonly unknown[]): Bytes {
  return concat(new Uint8Array([kind]), utf8(JSON.stringify(content)))
}

function decode(key: string, { version, content }: Opened): Held | null {
  const kind = content?.[0]
  if (!content || (kind !== STATE && kind !== MOVED)) return null
  const [expiresAt, value, target] = JSON.parse(fromUtf8(content.subarray(1)) as string)
  return { key, value, version, expiresAt, target }
}
