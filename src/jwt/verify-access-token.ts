import { decodeProtectedHeader, jwtVerify } from 'jose'
import { isCompact } from '../encoding.ts'
import { namedText } from '../manager/named-text.ts'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { wholeNumber } from '../manager/whole-number.ts'
import { CLOCK_LEEWAY } from '../session/lifecycle.ts'
import { audienceOf } from './check-options.ts'
import { type AccessTokenClaims, checkedClaims } from './claims.ts'
import { ALGORITHMS, type JwkSet, type SigningAlgorithm } from './jwk.ts'
import { keySource } from './key-source.ts'
import { refusal } from './refusal.ts'
import { liveness, type RevocationSource } from './revocation-source.ts'

export interface VerifyAccessTokenOptions {
  /** The `iss` that it must have, exactly. */
  readonly issuer: string
  /** The name of this service, or several: one of them must be in `aud`. */
  readonly audience: string | readonly string[]
  /** The issuer's public keys: `await issuer.jwks().json()`. Either these or `jwksUri`. */
  readonly jwks?: JwkSet | undefined
  /** Where the issuer publishes them: https, or http on this machine. */
  readonly jwksUri?: string | URL | undefined
  /**
   * With it a token dies with its session: the store that the session manager has as `revocations`, or, for sessions in a
   * store, the session manager.
   */
  readonly revocations?: RevocationSource | undefined
  /** Never a symmetric one. @default every algorithm of the issuer's keys */
  readonly algorithms?: readonly SigningAlgorithm[] | undefined
  /** Seconds that reading keys or marks may take. @default 5 */
  readonly timeout?: number | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

export const VERIFY_OPTIONS: readonly string[] = [
  'issuer',
  'audience',
  'jwks',
  'jwksUri',
  'revocations',
  'algorithms',
  'timeout',
  'clock',
]

/** Characters: what fits in a header of Node, and twice what ML-DSA-87 needs. */
export const MAX_TOKEN = 16_384

/**
 * The claims of an access token that is genuine, meant for this service, alive, and whose session lives (RFC 9068 §4,
 * RFC 8725).
 *
 * @throws {SessionError} `ERR_TOKEN_INVALID` (401) for any other token; `ERR_TOKEN_KEYS` or `ERR_SESSION_STORE` (503) when
 * nobody can tell.
 * @throws {TypeError | RangeError} For wrong options.
 */
export async function verifyAccessToken(
  token: string,
  options: VerifyAccessTokenOptions,
): Promise<AccessTokenClaims> {
  refuseUnknown('verifyAccessToken', options, VERIFY_OPTIONS)
  return accessTokenVerifier(options)(token)
}

/** The same with options that were checked once. @throws {TypeError | RangeError} */
export function accessTokenVerifier(
  options: VerifyAccessTokenOptions,
): (token: string) => Promise<AccessTokenClaims> {
  const { clock = Date.now, revocations } = options
  const timeout = wholeNumber('timeout', options.timeout ?? 5, 60)
  const findKey = keySource(options, { clock, timeout })
  const allowed = checkedAlgorithms(options.algorithms)
  const expected = { issuer: namedText('issuer', options.issuer), audience: audienceOf(options.audience) }
  const isLive = revocations === undefined ? undefined : liveness(revocations, timeout)

  return async function verify(token) {
    const { alg, kid } = checkedHeader(token, allowed)
    const key = await findKey(alg, kid)
    if (key === null) throw refusal('It is signed with a key that the issuer does not publish.')
    const now = clock()
    const { payload } = await jwtVerify(token, key, {
      ...expected,
      typ: 'at+jwt',
      algorithms: [alg],
      currentDate: new Date(now),
    }).catch((cause) => {
      throw refusal('The token does not verify.', cause)
    })
    const claims = checkedClaims(payload)
    if (claims.iat > now / 1000 + CLOCK_LEEWAY) throw refusal('It was issued in the future.')
    if (isLive && !(await isLive(claims))) throw refusal('Its session was ended.')
    return claims
  }
}

/** What the header says before anything of it is trusted. `jku`, `x5u` and `jwk` are nobody's to say (RFC 8725 §3.10). */
function checkedHeader(token: unknown, allowed: readonly string[]): { alg: SigningAlgorithm; kid?: string } {
  if (typeof token !== 'string' || token.length > MAX_TOKEN || !isCompact(token)) {
    throw refusal('It is no token.')
  }
  const { alg, kid, crit } = protectedHeader(token)
  if (!allowed.includes(alg as string)) throw refusal('Its algorithm is not allowed.')
  if (crit !== undefined) throw refusal('It has a critical extension (RFC 7515 §4.1.11).')
  if (kid !== undefined && typeof kid !== 'string') throw refusal('Its kid is no string.')
  return { alg: alg as SigningAlgorithm, ...(kid !== undefined && { kid }) }
}

function protectedHeader(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token)
  } catch (cause) {
    throw refusal('Its header cannot be read.', cause)
  }
}

/** @throws {TypeError} */
function checkedAlgorithms(algorithms: readonly SigningAlgorithm[] = ALGORITHMS): readonly string[] {
  const isKnown = Array.isArray(algorithms) && algorithms.every((alg) => ALGORITHMS.includes(alg))
  if (isKnown && algorithms.length > 0) return algorithms
  throw new TypeError(`algorithms must be a list of some of ${ALGORITHMS.join(', ')}.`)
}
