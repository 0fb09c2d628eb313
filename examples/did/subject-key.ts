import { base64url, calculateJwkThumbprintUri, type JWK, type JWTPayload } from 'jose'
import { didKeyToJwk } from './did-key.ts'

/** What this site says it takes (SIOPv2, `subject_syntax_types_supported`). */
export const SUBJECT_SYNTAX_TYPES = ['urn:ietf:params:oauth:jwk-thumbprint', 'did:key', 'did:jwk']

/**
 * The public key that a subject is, or is the thumbprint of. None of them has to be asked for anywhere.
 *
 * @param kid Of the token's header. Of a DID it names the key, and each of these has one.
 * @returns Null when the token does not fit its own subject.
 */
export async function subjectKey({ sub, sub_jwk }: JWTPayload, kid: unknown): Promise<JWK | null> {
  if (typeof sub !== 'string') return null
  if (sub.startsWith('urn:ietf:params:oauth:jwk-thumbprint:sha-256:')) {
    const key = publicKey(sub_jwk)
    return key !== null && (await calculateJwkThumbprintUri(key, 'sha256')) === sub ? key : null
  }
  if (sub_jwk !== undefined) return null
  if (sub.startsWith('did:key:'))
    return kid === `${sub}#${sub.slice('did:key:'.length)}` ? didKeyToJwk(sub) : null
  if (sub.startsWith('did:jwk:')) return kid === `${sub}#0` ? didJwkToJwk(sub) : null
  return null
}

function didJwkToJwk(did: string): JWK | null {
  const [, encoded] = /^did:jwk:([\w-]+)$/.exec(did) ?? []
  if (encoded === undefined) return null
  try {
    return publicKey(JSON.parse(new TextDecoder().decode(base64url.decode(encoded))))
  } catch {
    return null
  }
}

/** Of the kinds of key that sign in here, only what belongs into a public one. With a private part it is nobody's any more. */
function publicKey(jwk: unknown): JWK | null {
  if (typeof jwk !== 'object' || jwk === null) return null
  const { kty, crv, x, y, d, use = 'sig' } = jwk as JWK
  if (d !== undefined || use !== 'sig' || typeof x !== 'string') return null
  if (kty === 'OKP' && crv === 'Ed25519') return { kty, crv, x }
  return kty === 'EC' && crv === 'P-256' && typeof y === 'string' ? { kty, crv, x, y } : null
}
