/** Codes are stable and meant for `switch`; messages are not. */
export type SessionErrorCode =
  | 'ERR_SESSION_TOO_LARGE'
  | 'ERR_SESSION_NOT_SERIALIZABLE'
  | 'ERR_SESSION_COMMITTED'
  | 'ERR_SESSION_ENDED'
  | 'ERR_SESSION_CONFLICT'
  | 'ERR_SESSION_LIMIT'
  | 'ERR_SESSION_STORE'
  | 'ERR_TOKEN_INVALID'
  | 'ERR_TOKEN_KEYS'

const STATUS: Record<SessionErrorCode, 401 | 403 | 409 | 500 | 503> = {
  ERR_SESSION_TOO_LARGE: 500,
  ERR_SESSION_NOT_SERIALIZABLE: 500,
  ERR_SESSION_COMMITTED: 500,
  ERR_SESSION_ENDED: 409,
  ERR_SESSION_CONFLICT: 409,
  ERR_SESSION_LIMIT: 403,
  ERR_SESSION_STORE: 503,
  ERR_TOKEN_INVALID: 401,
  ERR_TOKEN_KEYS: 503,
}

const REASON = {
  401: 'Unauthorized',
  403: 'Forbidden',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** What a status asks of its response. After 5 seconds another try is worth it: a store that fails over takes that long. */
const HEADERS: { readonly [status: number]: Record<string, string> } = {
  401: { 'WWW-Authenticate': 'Bearer error="invalid_token"' }, // RFC 6750 §3.1
  503: { 'Retry-After': '5' },
}

/**
 * Thrown when the library cannot do what it was asked to do.
 *
 * A missing, expired or forged cookie is never an error: `open()` answers those with an anonymous session.
 * A wrong argument is a `TypeError` or a `RangeError`.
 */
export class SessionError extends Error {
  override name = 'SessionError'
  readonly code: SessionErrorCode
  /** The HTTP status that fits. */
  readonly status: 401 | 403 | 409 | 500 | 503

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = STATUS[code]
  }

  /** An answer that tells the client nothing but the status (ASVS 16.5.1); Hono's default handler sends it. */
  getResponse(): Response {
    return new Response(REASON[this.status], {
      status: this.status,
      headers: { 'Cache-Control': 'no-store', ...HEADERS[this.status] },
    })
  }
}
