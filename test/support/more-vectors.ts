import text from '../vectors/more-v1.json' with { type: 'json' }
import type { OpenVector, RefuseVector, VectorSecret } from './vectors.ts'
import type { State } from './wafer1-store.ts'

/** A sealed session with something at position 5 of its `meta`, and what of that the API shows. */
export interface MoreVector extends Omit<OpenVector, 'session'> {
  readonly shown: {
    readonly userId: string | null
    readonly pending: {
      readonly userId: string
      readonly authTime: number
      readonly amr: readonly string[]
    } | null
    readonly oidc: { readonly iss: string; readonly sub: string; readonly sid?: string } | null
    /** By purpose. */
    readonly challenges: Readonly<Record<string, string>>
  }
}

interface Owned {
  readonly name: string
  /** The first writes, all read. */
  readonly secrets: readonly VectorSecret[]
  readonly cookieName: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** What a feature keeps on the server, as a store has it. */
export interface StateVector extends Owned {
  readonly purpose: string
  readonly names: readonly string[]
  /** Whose secret it is under. */
  readonly sealedUnder: number
  readonly storeKey: string
  readonly value: string
  /** Hexadecimal, as is the IV. */
  readonly content: string
  readonly hour: number
  readonly iv: string
  readonly state: State
}

/** A keyed hash of names, and what it is: where sessions are listed, or a mark. */
export interface TagVector extends Owned {
  readonly names: readonly string[]
  /** Base64url. */
  readonly tag: string
  /** Of a mark: what the store has under it. */
  readonly mark?: string
}

export interface MoreVectors {
  readonly format: string
  readonly open: readonly MoreVector[]
  readonly refuse: readonly RefuseVector[]
  readonly state: readonly StateVector[]
  readonly listed: readonly TagVector[]
  readonly marks: readonly TagVector[]
}

export const moreVectors: MoreVectors = text as unknown as MoreVectors
