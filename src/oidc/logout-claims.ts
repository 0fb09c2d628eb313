import { isPlain } from '../session/json.ts'
import { CLOCK_LEEWAY } from '../session/lifecycle.ts'
import { refusal } from './refusal.ts'

/** Whom a logout token is about, and until when it must not come again. */
export type Logout = LogoutSubject & {
  readonly iss: string
  readonly jti: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

type LogoutSubject =
  | { readonly sid: string; readonly sub: string | undefined }
  | { readonly sid?: undefined; readonly sub: string }

type Claims = Readonly<Record<string, unknown>>

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** Seconds for which a token without `exp` is good: the time that providers are asked to give theirs (§4). */
const MAX_AGE = 120

/** Seconds: a `jti` is remembered as long as its token could come again, so that must have an end. */
const MAX_LIFETIME = 86_400

/**
 * The claims of a logout token whose signature, issuer, audience and `exp` are right, checked for the rest (OpenID Connect
 * Back-Channel Logout 1.0 §2.4 and §2.6).
 *
 * @param now Milliseconds since the epoch.
 * @throws {SessionError} `ERR_TOKEN_INVALID`
 */
export function checkedLogout(claims: Claims, now: number): Logout {
  // An ID token has one, and must not pass for a logout token (§2.4).
  if (Object.hasOwn(claims, 'nonce')) throw refusal('It has a nonce, which no logout token may have.')
  checkEvents(claims)
  const until = endOf(claims, now)
  return { ...subjectOf(claims), iss: text(claims, 'iss'), jti: text(claims, 'jti'), until }
}

function checkEvents({ events }: Claims): void {
  if (isPlain(events) && Object.hasOwn(events, EVENT) && isPlain(events[EVENT as never])) return
  throw refusal(`Its events do not have ${EVENT} with an object.`)
}

function subjectOf(claims: Claims): LogoutSubject {
  const sub = claims.sub === undefined ? undefined : text(claims, 'sub')
  if (claims.sid !== undefined) return { sid: text(claims, 'sid'), sub }
  if (sub !== undefined) return { sub }
  throw refusal('It has neither sid nor sub.')
}

/** Other machines may be behind, and would still take it: so it is remembered for a little longer. */
function endOf({ iat, exp }: Claims, now: number): number {
  const seconds = now / 1000
  if (typeof iat !== 'number') throw refusal('It has no iat.')
  if (iat > seconds + CLOCK_LEEWAY) throw refusal('Its iat is in the future.')
  const end = typeof exp === 'number' ? exp : iat + MAX_AGE
  if (end <= seconds) throw refusal('It has expired.')
  if (end > seconds + MAX_LIFETIME) throw refusal('Its exp is more than a day ahead.')
  return (end + CLOCK_LEEWAY) * 1000
}

function text(claims: Claims, name: string): string {
  const value = claims[name]
  if (typeof value === 'string' && value !== '') return value
  throw refusal(`Its ${name} is no string, or missing.`)
}
