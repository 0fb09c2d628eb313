/** Codes are stable and meant for `switch`; messages are not. */
export type SessionErrorCode =
  | 'ERR_SESSION_TOO_LARGE'
  | 'ERR_SESSION_NOT_SERIALIZABLE'
  | 'ERR_SESSION_COMMITTED'
  | 'ERR_SESSION_ENDED'
  | 'ERR_SESSION_CONFLICT'
  | 'ERR_SESSION_LIMIT'
  | 'ERR_SESSION_STORE'

const STATUS: Record<SessionErrorCode, 403 | 409 | 500 | 503> = {
  ERR_SESSION_TOO_LARGE: 500,
  ERR_SESSION_NOT_SERIALIZABLE: 500,
  ERR_SESSION_COMMITTED: 500,
  ERR_SESSION_ENDED: 409,
  ERR_SESSION_CONFLICT: 409,
  ERR_SESSION_LIMIT: 403,
  ERR_SESSION_STORE: 503,
}

const REASON = { 403: 'Forbidden', 409: 'Conflict', 500: 'Internal Server Error', 503: 'Service Unavailable' }

/** Seconds until another try is worth it: a store that fails over needs about that long. */
const RETRY_AFTER = '5'

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
  readonly status: 403 | 409 | 500 | 503

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = STATUS[code]
  }

  /** An answer that tells the client nothing but the status (ASVS 16.5.1); Hono's default handler sends it. */
  getResponse(): Response {
    return new Response(REASON[this.status], {
      status: this.status,
      headers: {
        'Cache-Control': 'no-store',
        ...(this.status === 503 ? { 'Retry-After': RETRY_AFTER } : {}),
      },
    })
  }
}
