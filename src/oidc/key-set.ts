import { createLocalJWKSet, errors } from 'jose'
import { SessionError } from '../errors.ts'
import { isPlain } from '../session/json.ts'
import { refusal } from './refusal.ts'

/** A JSON Web Key Set (RFC 7517 §5): the public keys of a provider. */
export interface JwkSet {
  readonly keys: readonly Jwk[]
}

/** A public key; its members depend on `kty`. */
export interface Jwk {
  readonly kty?: string | undefined
  readonly kid?: string | undefined
  readonly alg?: string | undefined
  readonly use?: string | undefined
  readonly [member: string]: unknown
}

/** What of a token's header chooses the key. */
export interface KeyHeader {
  readonly alg: string
  readonly kid?: string | undefined
}

type PublicKey = Awaited<ReturnType<ReturnType<typeof createLocalJWKSet>>>

/** The key that a header means; null when it is not in the set. */
export type KeySet = (header: KeyHeader) => Promise<PublicKey | null>

/** Members of private keys, and `k` of symmetric ones (RFC 7518 §6). */
const SECRET = ['d', 'k', 'priv']

/**
 * Finds keys in a set, each for its own `alg` and `use` (RFC 8725 §3.1). Symmetric and private keys, which somebody has
 * published by mistake, verify nothing.
 *
 * @throws {Error} When it is no set of keys.
 */
export function keySet(jwks: unknown): KeySet {
  const listed = isPlain(jwks) && 'keys' in jwks ? jwks.keys : undefined
  if (!Array.isArray(listed)) throw new Error('it is no JWK Set (RFC 7517 §5)')
  const find = createLocalJWKSet({ keys: listed.filter(isPublic) as never[] })

  return async function keyOf({ alg, kid }) {
    try {
      return await find({ alg, ...(kid !== undefined && { kid }) })
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey) return null
      if (cause instanceof errors.JWKSMultipleMatchingKeys) {
        throw refusal('It names no key, and several are possible (OpenID Connect Core §10.1).', cause)
      }
      throw new SessionError('ERR_TOKEN_KEYS', 'The key cannot be used on this runtime.', { cause })
    }
  }
}

function isPublic(key: unknown): boolean {
  return isPlain(key) && !SECRET.some((member) => member in key)
}
