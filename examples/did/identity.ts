import { base64url, calculateJwkThumbprintUri, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { jwkToDidKey } from './did-key.ts'

export type Kind = 'did:key' | 'did:jwk' | 'jwk-thumbprint'

/** What a wallet has for one person: a name that is a key, and the key's other half. */
export interface Identity {
  readonly sub: string
  /** @param now Milliseconds since the epoch. @returns An ID token about oneself, for whoever sent the request. */
  sign(request: { client_id: string; nonce: string }, now?: number): Promise<string>
}

export async function createIdentity(kind: Kind, alg: 'ES256' | 'Ed25519' = 'ES256'): Promise<Identity> {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  const jwk = await exportJWK(publicKey)
  const { sub, kid, claims = {} } = await named(kind, jwk)
  return {
    sub,
    sign({ client_id, nonce }, now = Date.now()) {
      const iat = Math.floor(now / 1000)
      return new SignJWT({ ...claims, nonce })
        .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
        .setIssuer(sub)
        .setSubject(sub)
        .setAudience(client_id)
        .setIssuedAt(iat)
        .setExpirationTime(iat + 120)
        .sign(privateKey)
    },
  }
}

async function named(kind: Kind, jwk: JWK): Promise<{ sub: string; kid?: string; claims?: object }> {
  if (kind === 'jwk-thumbprint') {
    return { sub: await calculateJwkThumbprintUri(jwk, 'sha256'), claims: { sub_jwk: jwk } }
  }
  const did = kind === 'did:key' ? jwkToDidKey(jwk) : `did:jwk:${base64url.encode(JSON.stringify(jwk))}`
  return { sub: did, kid: kind === 'did:key' ? `${did}#${did.slice('did:key:'.length)}` : `${did}#0` }
}
