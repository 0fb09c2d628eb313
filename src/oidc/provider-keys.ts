import { remoteDocuments } from '../remote/remote-document.ts'
import { secureUrl } from '../remote/secure-url.ts'
import { type JwkSet, type KeyHeader, type KeySet, keySet } from './key-set.ts'
import { discovered } from './metadata.ts'
import { refusal } from './refusal.ts'

/** Where a provider has its keys: in the options, behind a URI, or where its metadata says. */
export interface KeyOptions {
  readonly issuer: string
  readonly jwks?: JwkSet | undefined
  readonly jwksUri?: string | URL | undefined
}

type PublicKey = NonNullable<Awaited<ReturnType<KeySet>>>

/**
 * The key that a header means.
 *
 * @param now Milliseconds since the epoch.
 * @throws {SessionError} `ERR_TOKEN_INVALID` when the provider has no such key, `ERR_TOKEN_KEYS` when nobody can tell.
 */
export type ProviderKeys = (header: KeyHeader, now: number) => Promise<PublicKey>

const documents = /* @__PURE__ */ remoteDocuments(keySet)

/** Sets by what they were made of: handlers may be made per request. */
const sets = /* @__PURE__ */ new WeakMap<object, KeySet>()

/** @throws {TypeError} When both options are given, or one is wrong. */
export function providerKeys({ issuer, jwks, jwksUri }: KeyOptions): ProviderKeys {
  if (jwks !== undefined && jwksUri !== undefined) {
    throw new TypeError('Give jwks or jwksUri, or neither for the metadata of the issuer; not both.')
  }
  if (jwks !== undefined) return fixedKeys(givenSet(jwks))
  if (jwksUri === undefined) {
    secureUrl('issuer', issuer)
    return publishedKeys((now) => discovered(issuer, 'jwks_uri', now))
  }
  const uri = secureUrl('jwksUri', jwksUri)
  return publishedKeys(async () => uri)
}

function fixedKeys(find: KeySet): ProviderKeys {
  return async function fixedKey(header) {
    return (await find(header)) ?? unknown(header)
  }
}

function publishedKeys(uriAt: (now: number) => Promise<URL>): ProviderKeys {
  return async function publishedKey(header, now) {
    const document = documents((await uriAt(now)).href)
    return (await document.find((keyOf) => keyOf(header), now)) ?? unknown(header)
  }
}

/** @throws {TypeError} */
function givenSet(jwks: JwkSet): KeySet {
  const known = sets.get(jwks)
  if (known !== undefined) return known
  try {
    const find = keySet(jwks)
    sets.set(jwks, find)
    return find
  } catch (cause) {
    throw new TypeError('jwks must be a JWK Set, { keys: […] }, with the public keys of the provider.', {
      cause,
    })
  }
}

function unknown({ alg }: KeyHeader): never {
  throw refusal(`The provider has no such key for ${alg}.`)
}
