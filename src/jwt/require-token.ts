import type { Context, MiddlewareHandler } from 'hono'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { reaches } from '../session/assurance.ts'
import { wordsOf } from './check-options.ts'
import type { AccessTokenClaims } from './claims.ts'
import { accessTokenVerifier, VERIFY_OPTIONS, type VerifyAccessTokenOptions } from './verify-access-token.ts'

export interface RequireTokenOptions extends VerifyAccessTokenOptions {
  /** Every one of these must be in the token's `scope`: a list, or with spaces between them. */
  readonly scope?: string | readonly string[] | undefined
  /** Seconds that the last authentication may be old. */
  readonly maxAge?: number | undefined
  /** The token's `acr` must be one of these, a list or with spaces between them; `aal3` also does for `aal2`. */
  readonly acr?: string | readonly string[] | undefined
}

/** What handlers behind `requireToken` know. */
export type TokenEnv = { Variables: { token: AccessTokenClaims } }

/** Who does not pass, and what would help (RFC 6750 §3, RFC 9470 §3). */
interface Challenge {
  readonly status: 401 | 403
  readonly error?: string
  readonly params?: Readonly<Record<string, string>>
}

const TEXT = { 401: 'Unauthorized', 403: 'Forbidden' }

/**
 * Lets only requests through that bring an access token in their Authorization header; `c.var.token` has its claims.
 *
 * Without one the answer is 401, without a `scope` 403, and with an authentication that is too old or too weak 401 with
 * the challenge of RFC 9470. What `verifyAccessToken` throws is thrown on, for `app.onError`; Hono answers it with 401 or
 * 503 itself.
 *
 * @param options A function where bindings arrive per request, as on Workers.
 * @throws {TypeError | RangeError} For wrong options.
 */
export function requireToken(
  options: RequireTokenOptions | ((c: Context) => RequireTokenOptions),
): MiddlewareHandler<TokenEnv> {
  const guardFor = typeof options === 'function' ? (c: Context) => guard(options(c)) : always(guard(options))

  return async function requireToken(c, next) {
    const { verify, missing } = guardFor(c)
    const token = bearerToken(c.req.header('Authorization'))
    if (token === undefined) return refused({ status: 401 })
    const claims = await verify(token)
    const challenge = missing(claims)
    if (challenge !== undefined) return refused(challenge)
    c.set('token', claims)
    return next()
  }
}

function always<T>(value: T): () => T {
  return () => value
}

function guard({ scope, maxAge, acr, ...options }: RequireTokenOptions) {
  refuseUnknown('requireToken', options, VERIFY_OPTIONS)
  const { clock = Date.now } = options
  const [scopes, levels] = [wordsOf('scope', scope), wordsOf('acr', acr)]
  if (maxAge !== undefined && !(maxAge > 0 && Number.isFinite(maxAge))) {
    throw new RangeError(`maxAge must be a positive number of seconds: current value is ${maxAge}.`)
  }

  function missing(claims: AccessTokenClaims): Challenge | undefined {
    const granted = claims.scope?.split(' ') ?? []
    if (!scopes.every((one) => granted.includes(one))) {
      return { status: 403, error: 'insufficient_scope', params: { scope: scopes.join(' ') } }
    }
    const oldest = maxAge === undefined ? 0 : clock() / 1000 - maxAge
    const isFresh = maxAge === undefined || (claims.auth_time ?? Number.NEGATIVE_INFINITY) >= oldest
    const isStrong = levels.length === 0 || levels.some((level) => reaches(claims.acr, level))
    if (isFresh && isStrong) return undefined
    const params = {
      ...(levels.length > 0 && { acr_values: levels.join(' ') }),
      ...(maxAge !== undefined && { max_age: String(maxAge) }),
    }
    return { status: 401, error: 'insufficient_user_authentication', params }
  }

  return { verify: accessTokenVerifier(options), missing }
}

/** What stands behind `Bearer` (RFC 6750 §2.1); undefined when something else does, or nothing. */
function bearerToken(header: string | undefined): string | undefined {
  return header?.match(/^Bearer(?: +(.*))?$/i)?.[1]?.trim()
}

function refused({ status, error, params = {} }: Challenge): Response {
  const quoted = Object.entries({ ...(error && { error }), ...params }).map(
    ([name, value]) => `${name}="${value}"`,
  )
  const challenge = ['Bearer', quoted.join(', ')].join(' ').trim()
  return new Response(TEXT[status], {
    status,
    headers: { 'WWW-Authenticate': challenge, 'Cache-Control': 'no-store' },
  })
}
