/** Codes are stable and meant for `switch`; messages are not. */
export type SessionErrorCode =
  | 'ERR_SESSION_TOO_LARGE'
  | 'ERR_SESSION_NOT_SERIALIZABLE'
  | 'ERR_SESSION_COMMITTED'
  | 'ERR_SESSION_ENDED'

const STATUS: Record<SessionErrorCode, number> = {
  ERR_SESSION_TOO_LARGE: 500,
  ERR_SESSION_NOT_SERIALIZABLE: 500,
  ERR_SESSION_COMMITTED: 500,
  ERR_SESSION_ENDED: 409,
}

const REASON: Record<number, string> = { 409: 'Conflict', 500: 'Internal Server Error' }

/**
 * Thrown when the library cannot do what it was asked to do.
 *
 * A missing, expired or forged cookie is never an error: `open()` answers those with an anonymous session.
 * A wrong argument is a `TypeError` or a `RangeError`.
 */
export class SessionError extends Error {
  override name = 'SessionError'
  readonly code: SessionErrorCode
  /** The HTTP status that fits: 409 or 500. */
  readonly status: number

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = STATUS[code]
  }

  /** An answer that tells the client nothing but the status (ASVS 16.5.1); Hono's default handler sends it. */
  getResponse(): Response {
    return new Response(REASON[this.status], {
      status: this.status,
      headers: { 'Cache-Control': 'no-store' },
    })
  }
}
