import { refusal } from './refusal.ts'

/** What an access token says (RFC 9068 §2.2). Times are whole seconds since the epoch. */
export interface AccessTokenClaims {
  readonly iss: string
  readonly aud: string | readonly string[]
  /** The user. */
  readonly sub: string
  readonly client_id: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
  /** The session that it comes from: its public id. */
  readonly sid?: string | undefined
  /** When the user last authenticated. */
  readonly auth_time?: number | undefined
  readonly acr?: string | undefined
  readonly amr?: readonly string[] | undefined
  /** Space-separated (RFC 6749 §3.3). */
  readonly scope?: string | undefined
  /** Where to ask whether the session was ended. */
  readonly session_marks?: SessionMarks | undefined
  readonly [claim: string]: unknown
}

/** What the revocation marks of a session need: no secret, and nothing that names a user. */
export interface SessionMarks {
  /** Opaque. */
  readonly keys: readonly string[]
  /** The last authentication in milliseconds since the epoch: `auth_time` is too coarse for marks. */
  readonly auth_time_ms: number
}

/** The claims that are the issuer's own; nobody else may set them. */
export const OWN_CLAIMS: readonly string[] = [
  'iss',
  'aud',
  'sub',
  'client_id',
  'iat',
  'nbf',
  'exp',
  'jti',
  'sid',
  'auth_time',
  'acr',
  'amr',
  'session_marks',
]

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string' && value !== ''
const isTime: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

const CHECKS: { readonly [claim: string]: Check } = {
  iss: isText,
  aud: (value) => isText(value) || isTexts(value),
  sub: isText,
  client_id: isText,
  iat: isTime,
  exp: isTime,
  jti: isText,
  sid: optional(isText),
  auth_time: optional(isTime),
  acr: optional(isText),
  amr: optional(isTexts),
  scope: optional((value) => typeof value === 'string'),
  session_marks: optional(isMarks),
}

/** @throws {SessionError} `ERR_TOKEN_INVALID` when a claim is missing, or is not what it should be. */
export function checkedClaims(claims: Readonly<Record<string, unknown>>): AccessTokenClaims {
  const wrong = Object.keys(CHECKS).find((name) => CHECKS[name]?.(claims[name]) === false)
  if (wrong !== undefined) throw refusal(`The claim ${wrong} is missing or not what it should be.`)
  return claims as unknown as AccessTokenClaims
}

function isMarks(value: unknown): boolean {
  const { keys, auth_time_ms } = (value ?? {}) as Partial<SessionMarks>
  return isTexts(keys) && isTime(auth_time_ms)
}
