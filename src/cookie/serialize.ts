/** How the session cookie is written. */
export interface CookieOptions {
  /** Browsers accept `__Host-` only as Secure, with Path=/ and no Domain. @default '__Host-session' */
  readonly name?: string | undefined
  /** Shares the cookie with subdomains; needs a `__Secure-` name (ASVS 3.3.1). @default none: this host only */
  readonly domain?: string | undefined
  /** @default '/' */
  readonly path?: string | undefined
  /** @default 'Lax' */
  readonly sameSite?: 'Strict' | 'Lax' | 'None' | undefined
  /** False only for development on plain http, with a name without prefix. @default true */
  readonly secure?: boolean | undefined
  /** CHIPS: a separate cookie jar per top-level site. @default false */
  readonly partitioned?: boolean | undefined
}

/** The options, checked, with the attributes as they stand in every Set-Cookie line. */
export interface Cookie {
  readonly name: string
  readonly sameSite: 'Strict' | 'Lax' | 'None'
  readonly attributes: string
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i
/** Printable ASCII but the semicolon (RFC 6265bis §4.1.1, av-octet). */
const PATH = /^\/[\x20-\x3a\x3c-\x7e]*$/
/** Browsers ignore a longer attribute value, in octets (RFC 6265bis §5.6). */
const MAX_ATTRIBUTE = 1024
const MAX_NAME = 256

/**
 * The cookie that these options describe.
 *
 * @throws {TypeError | RangeError} When a browser would refuse it, or it would be less safe than its name says.
 */
export function defineCookie(options: CookieOptions = {}): Cookie {
  const {
    name = '__Host-session',
    domain,
    path = '/',
    sameSite = 'Lax',
    secure = true,
    partitioned = false,
  } = options
  checkName(name)
  checkDomain(name, domain)
  checkPath(path)
  checkPrefix({ name, domain, path, secure })
  if (!['Strict', 'Lax', 'None'].includes(sameSite)) {
    throw new TypeError(`cookie.sameSite must be 'Strict', 'Lax' or 'None'.`)
  }
  if (!secure && sameSite === 'None') throw new TypeError(`cookie.sameSite 'None' needs cookie.secure.`)
  if (!secure && partitioned) throw new TypeError('cookie.partitioned needs cookie.secure.')
  const attributes = [
    domain === undefined ? '' : `; Domain=${domain}`,
    `; Path=${path}`,
    secure ? '; Secure' : '',
    `; HttpOnly; SameSite=${sameSite}`,
    partitioned ? '; Partitioned' : '',
  ].join('')
  return { name, sameSite, attributes }
}

/** A Set-Cookie line; with `maxAge`, in seconds, the cookie outlives the browser. */
export function setCookieLine(cookie: Cookie, name: string, value: string, maxAge?: number): string {
  return `${name}=${value}${maxAge === undefined ? '' : `; Max-Age=${maxAge}`}${cookie.attributes}`
}

/** The line that removes a cookie: the same attributes, or the browser would keep it (RFC 6265bis §4.1.2). */
export function clearCookieLine(cookie: Cookie, name: string): string {
  return `${name}=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${cookie.attributes}`
}

function checkName(name: string): void {
  if (!TOKEN.test(name) || name.length > MAX_NAME) {
    throw new TypeError(`cookie.name must be a token of at most ${MAX_NAME} characters (RFC 9110 §5.6.2).`)
  }
  if (/\.[1-3]$/.test(name))
    throw new TypeError('cookie.name must not end in .1, .2 or .3: those are for chunks.')
}

function checkDomain(name: string, domain: string | undefined): void {
  if (domain === undefined) return
  if (!HOST.test(domain) || domain.length > MAX_ATTRIBUTE) {
    throw new TypeError('cookie.domain must be a host name such as example.com.')
  }
  if (!name.startsWith('__Secure-')) {
    throw new TypeError('cookie.domain needs a name that begins with __Secure-.')
  }
}

function checkPath(path: string): void {
  if (!PATH.test(path) || path.length > MAX_ATTRIBUTE) {
    throw new TypeError(
      `cookie.path must begin with / and be at most ${MAX_ATTRIBUTE} printable ASCII characters.`,
    )
  }
}

function checkPrefix({ name, domain, path, secure }: CookieOptions & { name: string }): void {
  const prefix = /^__(?:Host|Secure)-/i.exec(name)?.[0]
  if (prefix === undefined) return
  if (prefix !== '__Host-' && prefix !== '__Secure-') {
    throw new TypeError(`cookie.name must spell its prefix __Host- or __Secure-.`)
  }
  if (!secure) {
    throw new TypeError(`cookie.secure false needs a name without prefix, such as 'session'.`)
  }
  if (prefix === '__Host-' && (path !== '/' || domain !== undefined)) {
    throw new TypeError(
      'A __Host- cookie has Path=/ and no Domain. Name it __Secure-session to change either.',
    )
  }
}
