import type { SessionManagerOptions } from 'wafer-session'
import idText from '../vectors/id-v2.json' with { type: 'json' }
import recordText from '../vectors/record-v1.json' with { type: 'json' }
import type { OpenVector, VectorSecret } from './vectors.ts'
import type { Fields } from './wafer1.ts'
import type { Buried, SignedId, Stored } from './wafer1-store.ts'

/** What a manager needs to know of a vector. */
export interface StoreSetting {
  /** The first tags and seals, all open. */
  readonly secrets: readonly VectorSecret[]
  readonly cookieName: string
  /** The manager's other options that matter. */
  readonly options: Pick<
    SessionManagerOptions,
    'idleTimeout' | 'absoluteTimeout' | 'remember' | 'renewalTimeout' | 'renewalGrace'
  >
}

export interface IdVector extends Omit<StoreSetting, 'options'>, SignedId {
  readonly name: string
  /** Which of the secrets tagged it. */
  readonly taggedUnder: number
  /** Hexadecimal, as are all the others but `value`. */
  readonly kid: string
  readonly handle: string
  readonly token: string
  /** 16 bytes of a record in which this token is the current one, and the token that follows it then. */
  readonly seed: string
  readonly next: string
}

export interface IdRefusal extends Omit<StoreSetting, 'options'> {
  readonly name: string
  readonly reason: string
  readonly value: string
}

interface Kept extends StoreSetting {
  readonly name: string
  /** When the cookie is presented, in milliseconds since the epoch. */
  readonly now: number
  /** The value of the cookie. */
  readonly cookie: string
  /** Where the store has it, and what. */
  readonly storeKey: string
  readonly value: string
}

export interface RecordVector extends Kept {
  readonly sealedUnder: number
  /** Hexadecimal, as are iv, key, aad and content. */
  readonly kid: string
  readonly hour: number
  readonly iv: string
  readonly key: string
  readonly aad: string
  readonly content: string
  readonly stored: Stored | Buried
  /** Of a live one. */
  readonly fields: Fields | null
  readonly session: OpenVector['session'] | null
  /** The reason of the refusal; null when it opens. */
  readonly reason: string | null
  /** The token, in hexadecimal, that the response carries; null when it carries none. */
  readonly sent: string | null
}

export interface RecordRefusal extends Kept {
  /** The event: the reason of a refusal, or `store-error`. */
  readonly event: string
}

export interface IdVectors {
  readonly format: string
  readonly open: readonly IdVector[]
  readonly refuse: readonly IdRefusal[]
}

export interface RecordVectors {
  readonly format: string
  readonly open: readonly RecordVector[]
  readonly refuse: readonly RecordRefusal[]
}

export const idVectors: IdVectors = idText as unknown as IdVectors
export const recordVectors: RecordVectors = recordText as unknown as RecordVectors
