import text from '../vectors/seal-v1.json' with { type: 'json' }
import type { Fields } from './wafer1.ts'

/** A secret as text, or as bytes in hexadecimal. */
export type VectorSecret = { readonly utf8: string } | { readonly hex: string }

export interface VectorTimeouts {
  readonly idleTimeout: number
  readonly absoluteTimeout: number
}

interface Vector {
  readonly name: string
  /** The first seals, all open. */
  readonly secrets: readonly VectorSecret[]
  readonly cookieName: string
  readonly timeouts: VectorTimeouts & { readonly remember?: VectorTimeouts }
  readonly maxChunks: number
  /** When the cookie is opened, in milliseconds since the epoch. */
  readonly now: number
  /** The Cookie header. */
  readonly cookie: string
}

export interface OpenVector extends Vector {
  /** Which of the secrets sealed it. */
  readonly sealedUnder: number
  /** The value, its parts put together. */
  readonly value: string
  /** Hexadecimal, as are iv, key, aad and record. */
  readonly kid: string
  readonly hour: number
  readonly iv: string
  readonly key: string
  readonly aad: string
  readonly record: string
  readonly fields: Fields
  /** What the API shows at the moment the session was last seen; null for what is not there. */
  readonly session: {
    readonly id: string
    readonly userId: string | null
    readonly createdAt: number
    readonly lastSeenAt: number
    readonly expiresAt: number
    readonly authTime: number | null
    readonly amr: readonly string[]
    readonly acr: string | null
    readonly remember: boolean
    readonly data: unknown
    readonly flash: Readonly<Record<string, unknown>>
  }
}

export interface RefuseVector extends Vector {
  readonly reason: string
}

export interface Vectors {
  readonly format: string
  readonly open: readonly OpenVector[]
  readonly refuse: readonly RefuseVector[]
  /** Pairs of secrets with one kid. */
  readonly oneKid: readonly (readonly [VectorSecret, VectorSecret])[]
}

export const vectors: Vectors = text as unknown as Vectors
