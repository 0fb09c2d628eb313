import { type SealContext, sealContext } from '../crypto/keyring.ts'
import { hourOf, seal, unseal } from '../crypto/seal.ts'
import { type Bytes, fromBase64Url, toBase64Url } from '../encoding.ts'
import { SessionError } from '../errors.ts'
import type { StoredValue, UpdateOptions } from '../store.ts'
import type { BoundedStore } from './bounded-store.ts'
import type { Settings } from './settings.ts'

/** What the store has under a key. */
export interface Opened {
  readonly version: string
  /** Null when it is nothing of ours. */
  readonly content: Bytes | null
}

/** How long a value is kept, in milliseconds since the epoch, and where it is listed. */
type Place = Omit<UpdateOptions, 'version'>

/** A store in which every value is sealed under its key: what is copied to another key opens nothing. */
export class SealedStore {
  readonly #settings: Pick<Settings<object>, 'keyring' | 'cookie' | 'clock' | 'emit'>
  readonly #store: BoundedStore

  constructor(
    settings: Pick<Settings<object>, 'keyring' | 'cookie' | 'clock' | 'emit'>,
    store: BoundedStore,
  ) {
    this.#settings = settings
    this.#store = store
  }

  /** @throws {SessionError} `ERR_SESSION_STORE`, also for a value under a secret that is not in the list. */
  async get(key: string): Promise<Opened | null> {
    const stored = await this.#store.get(key)
    return stored == null ? null : this.#open(key, stored)
  }

  /**
   * In the order of the keys.
   *
   * @throws {SessionError} `ERR_SESSION_STORE`, also when some did not come: what is not seen is not ended.
   */
  async getMany(keys: readonly string[]): Promise<(Opened | null)[]> {
    const stored = keys.length === 0 ? [] : await this.#store.getMany([...keys])
    if (!Array.isArray(stored) || stored.length !== keys.length) {
      throw new SessionError('ERR_SESSION_STORE', 'The store gave fewer records than it was asked for.')
    }
    return Promise.all(stored.map((one, i) => (one ? this.#open(keys[i] as string, one) : null)))
  }

  /** @returns The version; null when the key is taken. */
  async create(key: string, content: Bytes, place: Place): Promise<string | null> {
    return this.#store.create(key, await this.#seal(key, content), place)
  }

  /** @returns The new version; null when another one wrote first, or nothing is there any more. */
  async update(key: string, content: Bytes, place: Place & { version: string }): Promise<string | null> {
    return this.#store.update(key, await this.#seal(key, content), place)
  }

  async #open(key: string, { value, version }: StoredValue): Promise<Opened> {
    const { keyring, clock } = this.#settings
    // What a store answers is not taken on trust: a client may have parsed it, or left something out.
    const sealed = typeof value === 'string' && typeof version === 'string' ? fromBase64Url(value) : null
    if (sealed === null) return { version, content: null }
    // Any hour: here it only says which key sealed the value, since a store's copy has times of its own.
    const hours = { oldest: 0, current: hourOf(clock()), newest: Number.POSITIVE_INFINITY }
    const unsealed = await unseal(keyring, this.#context(key), sealed, hours)
    // A deployment with a newer secret wrote it, and must find it again.
    if (unsealed === 'unknown-key') throw this.#outage()
    return { version, content: typeof unsealed === 'string' ? null : unsealed.plaintext }
  }

  async #seal(key: string, content: Bytes): Promise<string> {
    const { keyring, clock } = this.#settings
    return toBase64Url(await seal(keyring, this.#context(key), content, clock()))
  }

  #context(key: string): SealContext {
    return sealContext('record', this.#settings.cookie.name, key)
  }

  #outage(): SessionError {
    const cause = new Error('the record is sealed under a secret that is not in the list')
    this.#settings.emit({ type: 'store-error', operation: 'open', cause })
    return new SessionError('ERR_SESSION_STORE', 'A stored session cannot be opened.', { cause })
  }
}
