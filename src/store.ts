/**
 * How old an answer may be. `strong`: every read sees every write that was acknowledged before it. `staleFor`: a read
 * may show what was there that many seconds ago, also that nothing was; `Infinity` where nobody gives a bound.
 */
export type StoreConsistency = 'strong' | { readonly staleFor: number }

/** What a store can do. `describeStore` of `wafer-session/testing` proves it. */
export interface StoreCapabilities {
  readonly consistency: StoreConsistency
  /**
   * `create`, `update` and `delete` with a version are atomic: of two that race one wins, and the other is told. Without
   * it they do what they can, and a race may lose a write or bring back what was deleted.
   */
  readonly atomicUpdate: boolean
  /**
   * How `list` follows the records. `atomic`: record and index change in one step. `ordered`: the index entry is written
   * before the record and removed after it, so no live record is ever missing. `staleFor`: a list may be that many
   * seconds old. `false`: there is no `list`.
   */
  readonly index: 'atomic' | 'ordered' | { readonly staleFor: number } | false
}

/** A record as the store has it. */
export interface StoredValue {
  readonly value: string
  /** Of this value: another one after every write. Opaque. */
  readonly version: string
}

export interface CreateOptions {
  /** Milliseconds since the epoch; from then on the record is not there. */
  readonly expiresAt: number
  /** What `list` finds it under. */
  readonly tags?: readonly string[] | undefined
}

export interface UpdateOptions extends CreateOptions {
  /** The version that is replaced; any other is left alone. */
  readonly version: string
  /** Replaces the set; without it the set stays. */
  readonly tags?: readonly string[] | undefined
}

export interface DeleteOptions {
  /** Deletes only this version. */
  readonly version?: string | undefined
  /** The tags of the record, for stores that do not keep them with it. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Where records are kept: what a store author writes. Stores know nothing of sessions; values are opaque strings and at
 * rest they hold ciphertext, tags are hashes. A method rejects only when the system failed: what is missing or expired
 * is `null`, and so is a write that lost. Keys and tags may be any string.
 */
export interface SessionStore {
  readonly capabilities: StoreCapabilities
  /** The record, or null when there is none or it has expired. One round trip. */
  get(key: string): Promise<StoredValue | null>
  /** The same for many keys, in their order, in one round trip. */
  getMany?(keys: readonly string[]): Promise<(StoredValue | null)[]>
  /** Inserts if absent. @returns The version, or null when the key is taken. */
  create(key: string, value: string, options: CreateOptions): Promise<string | null>
  /** Compares and sets. @returns The new version, or null when it lost or the record is gone: it never resurrects. */
  update(key: string, value: string, options: UpdateOptions): Promise<string | null>
  /** Idempotent. */
  delete(key: string, options?: DeleteOptions): Promise<void>
  /** The keys of the records that are there and have the tag. */
  list?(tag: string): Promise<string[]>
}
