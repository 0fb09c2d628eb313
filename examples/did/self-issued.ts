import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose'
import { subjectKey } from './subject-key.ts'

export interface Expected {
  /** This site, as the request named it (`client_id`). */
  readonly audience: string
  /** What this session asked with. */
  readonly nonce: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

export const ALGORITHMS = ['ES256', 'Ed25519', 'EdDSA']

/** Seconds: longer than any wallet needs, and no token is one for later. */
const MAX_AGE = 300
const LEEWAY = 30

/**
 * Who issued this ID token about themselves (Self-Issued OpenID Provider 2, "Self-Issued ID Token Validation").
 *
 * @returns Their `sub`; null when the token shows nothing, whatever the reason.
 */
export async function verifySelfIssued(
  idToken: string,
  { audience, nonce, now }: Expected,
): Promise<string | null> {
  try {
    const { kid, alg = '' } = decodeProtectedHeader(idToken)
    const key = await subjectKey(decodeJwt(idToken), kid)
    if (key === null) return null
    const { payload } = await jwtVerify(idToken, await importJWK(key, alg), {
      algorithms: ALGORITHMS,
      audience,
      currentDate: new Date(now),
      maxTokenAge: MAX_AGE,
      clockTolerance: LEEWAY,
    })
    const { iss, sub, iat = 0, exp = Number.POSITIVE_INFINITY } = payload
    const isForNow = exp - iat <= MAX_AGE
    return iss === sub && payload.nonce === nonce && isForNow ? (sub ?? null) : null
  } catch {
    return null
  }
}
