import { SessionError, type SessionErrorCode } from '../errors.ts'

/** Seconds after which another try is worth it: a store that fails over takes that long. */
export const RETRY_AFTER = 5

/** Nobody may keep an answer, or a later logout would not arrive. */
const NO_STORE = { 'Cache-Control': 'no-store' }

export function ended(): Response {
  return new Response(null, { headers: NO_STORE })
}

/** OpenID Connect Back-Channel Logout 1.0 §2.8. */
export function invalid(description: string, status: 400 | 413 = 400): Response {
  return Response.json(
    { error: 'invalid_request', error_description: description },
    { status, headers: NO_STORE },
  )
}

export function wrongMethod(allowed: string): Response {
  return new Response('Method Not Allowed', { status: 405, headers: { ...NO_STORE, Allow: allowed } })
}

/** Nothing is wrong with the request: the provider may send it again (§2.5). */
const TEMPORARY: readonly SessionErrorCode[] = ['ERR_SESSION_STORE', 'ERR_SESSION_CONFLICT', 'ERR_TOKEN_KEYS']

/** The answer for an error, or the error again when it is the application's own. */
export function failed(error: unknown): Response {
  if (!(error instanceof SessionError)) throw error
  if (error.code === 'ERR_TOKEN_INVALID') return invalid(error.message)
  if (!TEMPORARY.includes(error.code)) throw error
  return new Response('Service Unavailable', {
    status: 503,
    headers: { ...NO_STORE, 'Retry-After': String(RETRY_AFTER) },
  })
}
