import { MAX_COOKIE_BYTES } from '../cookie/chunk.ts'

/** Anything with a `fetch` of its own: a Hono app, `export default` of a Worker. */
export interface Fetcher {
  fetch(request: Request): Response | Promise<Response>
}

/** The cookies of one host, kept as a browser keeps them. */
export interface CookieJar {
  /**
   * Sends a request with the cookies of the jar, and Origin and Sec-Fetch-Site where a form of the page itself would have
   * them; keeps what the response sets.
   */
  request(app: Fetcher, url: string, init?: RequestInit): Promise<Response>
  /** Takes over the Set-Cookie lines of a response. */
  store(response: Response): void
  /** The Cookie header, empty when there is nothing to send. */
  header(): string
  get(name: string): string | undefined
  set(name: string, value: string): void
  /** Closes the browser: cookies without Max-Age and Expires go. */
  restart(): void
}

export interface CookieJarOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
  /** What relative URLs are relative to. @default 'https://example.test' */
  readonly origin?: string | undefined
}

interface KeptCookie {
  readonly value: string
  /** Milliseconds since the epoch; undefined until the browser closes. */
  readonly expires: number | undefined
}

/** A jar that drops what a browser would drop: expired, oversized, and `__Host-` and `__Secure-` cookies without their attributes. */
export function cookieJar({
  clock = Date.now,
  origin = 'https://example.test',
}: CookieJarOptions = {}): CookieJar {
  const kept = new Map<string, KeptCookie>()
  const live = () => [...kept].filter(([, { expires }]) => expires === undefined || expires > clock())

  const pairs = () => live().map(([name, { value }]) => [name, value] as const)

  const jar: CookieJar = {
    async request(app, url, init = {}) {
      const request = browserRequest(new URL(url, origin), init, pairs())
      const response = await app.fetch(request)
      jar.store(response)
      return response
    },
    store(response) {
      for (const line of response.headers.getSetCookie()) keep(kept, line, clock())
    },
    header: () =>
      pairs()
        .map((pair) => pair.join('='))
        .join('; '),
    get: (name) => live().find(([kept]) => kept === name)?.[1].value,
    set(name, value) {
      kept.set(name, { value, expires: undefined })
    },
    restart() {
      for (const [name, { expires }] of kept) if (expires === undefined) kept.delete(name)
    },
  }
  return jar
}

/** With the headers that a browser adds to a form of the page itself, unless they are given; so it is with cookies. */
function browserRequest(
  url: URL,
  init: RequestInit,
  cookies: readonly (readonly [string, string])[],
): Request {
  const request = new Request(url, init)
  const { headers } = request
  const own = headers.get('Cookie') ?? ''
  const added = cookies.filter(([name]) => !`; ${own}`.includes(`; ${name}=`)).map((pair) => pair.join('='))
  if (added.length > 0) headers.set('Cookie', [own, ...added].filter(Boolean).join('; '))
  if (!headers.has('Origin') && !headers.has('Sec-Fetch-Site') && !['GET', 'HEAD'].includes(request.method)) {
    headers.set('Origin', url.origin)
    headers.set('Sec-Fetch-Site', 'same-origin')
  }
  return request
}

function keep(kept: Map<string, KeptCookie>, line: string, now: number): void {
  const [pair = '', ...attributes] = line.split(/;\s*/)
  const [name, value] = splitAt(pair)
  const given = new Map(
    attributes.map((attribute) => splitAt(attribute)).map(([key, text]) => [key.toLowerCase(), text]),
  )
  if (name.length + value.length > MAX_COOKIE_BYTES) return
  if (name.startsWith('__Secure-') && !given.has('secure')) return
  if (
    name.startsWith('__Host-') &&
    (!given.has('secure') || given.get('path') !== '/' || given.has('domain'))
  )
    return
  const expires = expiry(given, now)
  if (expires !== undefined && expires <= now) kept.delete(name)
  else kept.set(name, { value, expires })
}

/** Max-Age wins over Expires, and one that is none is ignored (RFC 6265bis §5.6). */
function expiry(attributes: ReadonlyMap<string, string>, now: number): number | undefined {
  const maxAge = attributes.get('max-age') ?? ''
  if (/^-?\d+$/.test(maxAge)) return now + Number(maxAge) * 1000
  const expires = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(expires) ? undefined : expires
}

function splitAt(text: string): [string, string] {
  const equals = text.indexOf('=')
  return equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
}
