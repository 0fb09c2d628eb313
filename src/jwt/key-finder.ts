import { createLocalJWKSet, errors } from 'jose'
import { isPlain } from '../session/json.ts'
import { algorithmOf, type Jwk, privateMember, publicJwk, type SigningAlgorithm } from './jwk.ts'
import { refusal } from './refusal.ts'

type PublicKey = Awaited<ReturnType<ReturnType<typeof createLocalJWKSet>>>

/** The key that a token's header means; null when it is not in the set. */
export type KeyFinder = (alg: SigningAlgorithm, kid: string | undefined) => Promise<PublicKey | null>

/**
 * Finds keys in a set, each for its own algorithm only (RFC 8725 §3.1). Symmetric keys, and private ones, which somebody
 * has published by mistake, verify nothing.
 *
 * @returns Null when it is no set of keys.
 */
export function keyFinder(jwks: unknown): KeyFinder | null {
  const listed = isPlain(jwks) && 'keys' in jwks ? jwks.keys : undefined
  if (!Array.isArray(listed)) return null
  const local = createLocalJWKSet({ keys: listed.filter(isPlain).flatMap(usable) as never[] })
  return async function find(alg, kid) {
    try {
      return await local({ alg, ...(kid !== undefined && { kid }) })
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey) return null
      if (cause instanceof errors.JWKSMultipleMatchingKeys)
        throw refusal('It may be any of several keys.', cause)
      throw refusal(`Its key cannot be used: has the Web Crypto of this runtime ${alg}?`, cause)
    }
  }
}

function usable(key: Jwk): Jwk[] {
  const alg = algorithmOf(key)
  return alg === null || privateMember(key) !== undefined ? [] : [publicJwk(key, alg)]
}
