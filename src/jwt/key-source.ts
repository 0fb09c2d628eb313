import { remoteDocuments } from '../remote/remote-document.ts'
import { secureUrl } from '../remote/secure-url.ts'
import { isPlain } from '../session/json.ts'
import type { Jwk, JwkSet } from './jwk.ts'
import { privateMember } from './jwk.ts'
import { type KeyFinder, keyFinder } from './key-finder.ts'

interface KeyOptions {
  readonly jwks?: JwkSet | undefined
  readonly jwksUri?: string | URL | undefined
}

interface Limits {
  readonly clock: () => number
  /** Seconds. */
  readonly timeout: number
}

const documents = /* @__PURE__ */ remoteDocuments((json) => {
  const find = keyFinder(json)
  if (find !== null) return find
  throw new Error('the answer is no JWK Set (RFC 7517 §5)')
})

/** Finders by their set: a verifier may be made per request. */
const finders = /* @__PURE__ */ new WeakMap<object, KeyFinder>()

/**
 * Where a verifier has its keys from.
 *
 * @throws {TypeError} Unless exactly one of both options is given, and right.
 */
export function keySource({ jwks, jwksUri }: KeyOptions, { clock, timeout }: Limits): KeyFinder {
  if ((jwks === undefined) === (jwksUri === undefined)) {
    throw new TypeError('Give either jwks, the public keys themselves, or jwksUri, where they are published.')
  }
  if (jwks !== undefined) return localKeys(jwks)
  const document = documents(secureUrl('jwksUri', jwksUri).href)
  return (alg, kid) => document.find((find) => find(alg, kid), clock(), timeout)
}

function localKeys(jwks: JwkSet): KeyFinder {
  const known = finders.get(jwks)
  if (known !== undefined) return known
  const find = keyFinder(jwks)
  if (find === null) throw new TypeError('jwks must be a JWK Set: { keys: […] }.')
  if (jwks.keys.some((key: Jwk) => isPlain(key) && privateMember(key) !== undefined)) {
    throw new TypeError('jwks holds a private key. Services get the public ones: await issuer.jwks().json().')
  }
  finders.set(jwks, find)
  return find
}
