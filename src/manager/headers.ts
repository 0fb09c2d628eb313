import { SessionError } from '../errors.ts'

/** What a session asks of the response that carries it. */
export interface SessionHeaders {
  readonly cookieName: string
  /** Set-Cookie lines. */
  readonly cookies: readonly string[]
  /** The request came with a live session, so the response may depend on it. */
  readonly live: boolean
  readonly clearSiteData: boolean
}

/** A cache in front that listens to one of these would not hear `Cache-Control` (RFC 9213). */
const TARGETED_CACHE_CONTROL = /(?:^|-)cdn-cache-control$|^surrogate-control$/i

/**
 * The response with the session's headers: the same object when nothing is asked, or when its headers can be changed;
 * else a copy (a proxied `fetch` has immutable ones). Every other Set-Cookie stays.
 */
export function withSessionHeaders(response: Response, session: SessionHeaders): Response {
  if (session.cookies.length === 0 && !session.live && !session.clearSiteData) return response
  // A protocol switch has no cache to steer, and on some runtimes no headers to change.
  if (response.status === 101 && session.cookies.length === 0) return response
  try {
    apply(response.headers, session)
    return response
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const copy = mutableCopy(response)
    apply(copy.headers, session)
    return copy
  }
}

function mutableCopy(response: Response): Response {
  try {
    return new Response(response.body, response)
  } catch (cause) {
    throw new SessionError(
      'ERR_SESSION_COMMITTED',
      `The headers of this response (status ${response.status}) cannot be changed. Change the session on another request.`,
      { cause },
    )
  }
}

function apply(headers: Headers, { cookieName, cookies, live, clearSiteData }: SessionHeaders): void {
  if (cookies.length > 0) {
    assertUnclaimed(headers, cookieName)
    headers.set('Cache-Control', 'no-store')
    for (const name of [...headers.keys()]) {
      if (TARGETED_CACHE_CONTROL.test(name)) headers.delete(name)
    }
    for (const cookie of cookies) headers.append('Set-Cookie', cookie)
  } else if (live && !headers.has('Cache-Control')) {
    headers.set('Cache-Control', 'private')
  }
  if (clearSiteData) headers.set('Clear-Site-Data', '"cache", "cookies", "storage"')
  if (cookies.length > 0 || live) addVary(headers)
}

function addVary(headers: Headers): void {
  const fields = (headers.get('Vary') ?? '').split(',').map((field) => field.trim().toLowerCase())
  if (!fields.includes('cookie') && !fields.includes('*')) headers.append('Vary', 'Cookie')
}

/** Two lines of one name, and the browser keeps the last: one of the two sessions would be lost without a word. */
function assertUnclaimed(headers: Headers, cookieName: string): void {
  if (!headers.getSetCookie().some((line) => line.startsWith(`${cookieName}=`))) return
  throw new TypeError(
    `The response already sets the cookie ${cookieName}. Give each session middleware its own cookie.name.`,
  )
}
