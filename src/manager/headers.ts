import { SessionError } from '../errors.ts'

/** What a session asks of the response that carries it. */
export interface SessionHeaders {
  readonly cookieName: string
  /** Set-Cookie lines. */
  readonly cookies: readonly string[]
  /** They carry more than recorded activity or a rotated secret. */
  readonly changed: boolean
  /** The request came with a live session, so the response may depend on it. */
  readonly live: boolean
  readonly clearSiteData: boolean
}

/** A cache in front that listens to one of these would not hear `Cache-Control` (RFC 9213). */
const TARGETED_CACHE_CONTROL = /(?:^|-)cdn-cache-control$|^surrogate-control$/i

/**
 * The response with the session's headers; every other Set-Cookie stays.
 *
 * A cookie goes on a copy: a handler may return the same response object to everyone, and what one visitor was given
 * must not stay on it. `Vary` and `private` may, and go on the response itself where its headers can be changed.
 */
export function withSessionHeaders(response: Response, session: SessionHeaders): Response {
  const cookies = unclaimed(response, session)
  if (cookies.length > 0 || session.clearSiteData) return withCookies(response, { ...session, cookies })
  // A protocol switch has no cache to steer, and on some runtimes no headers to change.
  if (!session.live || response.status === 101) return response
  try {
    markPrivate(response.headers)
    return response
  } catch {
    const copy = copyOf(response) // A proxied fetch has immutable headers.
    markPrivate(copy.headers)
    return copy
  }
}

/**
 * The lines that the response still needs. An app mounted inside that has the same session has recorded this activity
 * too, and one line is enough; of two changes one would be lost.
 */
function unclaimed(response: Response, { cookieName, cookies, changed }: SessionHeaders): readonly string[] {
  const claimed = cookies.length > 0 && setsCookie(response, cookieName)
  if (claimed && changed) {
    throw new TypeError(
      `The response already sets the cookie ${cookieName}. Give each session middleware its own cookie.name; ` +
        'to clear the cookie call session.signOut().',
    )
  }
  return claimed ? [] : cookies
}

function setsCookie(response: Response, cookieName: string): boolean {
  return response.headers.getSetCookie().some((line) => line.startsWith(`${cookieName}=`))
}

function withCookies(response: Response, { cookies, live, clearSiteData }: SessionHeaders): Response {
  const copy = copyOf(response)
  const { headers } = copy
  if (cookies.length > 0) forbidStorage(headers)
  for (const cookie of cookies) headers.append('Set-Cookie', cookie)
  if (clearSiteData) headers.set('Clear-Site-Data', '"cache", "cookies", "storage"')
  if (cookies.length > 0 || live) addVary(headers)
  return copy
}

function copyOf(response: Response): Response {
  const { status, headers } = response
  try {
    if ([204, 205, 304].includes(status)) return new Response(null, { status, headers })
    // Bun knows the type of a text only from its body, and forgets it with a stream.
    const forgets = 'Bun' in globalThis && !headers.has('Content-Type')
    return forgets ? response.clone() : new Response(response.body, response)
  } catch (cause) {
    throw new SessionError(
      'ERR_SESSION_COMMITTED',
      `The headers of this response (status ${status}) cannot be changed. Change the session on another request.`,
      { cause },
    )
  }
}

function forbidStorage(headers: Headers): void {
  headers.set('Cache-Control', 'no-store')
  for (const name of [...headers.keys()]) {
    if (TARGETED_CACHE_CONTROL.test(name)) headers.delete(name)
  }
}

function markPrivate(headers: Headers): void {
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'private')
  addVary(headers)
}

function addVary(headers: Headers): void {
  const fields = (headers.get('Vary') ?? '').split(',').map((field) => field.trim().toLowerCase())
  if (!fields.includes('cookie') && !fields.includes('*')) headers.append('Vary', 'Cookie')
}
