const HERE = 'https://this.invalid'
/** Longer ones some servers refuse as a header. */
const MAX_LENGTH = 2048

/**
 * Where to go back to after a detour: a path of this site and nothing else, or a link to the sign-in page could send people
 * who trust this site to another one (open redirect: CWE-601, ASVS 3.7.2).
 *
 * @param wanted What the request says, such as `c.req.query('return_to')`; anything.
 * @param otherwise Where to go when that is no path of this site.
 */
export function returnPath(wanted: unknown, otherwise = '/'): string {
  // Backslashes, tabs and line ends are read in different ways by different parsers: no path of ours has one.
  if (typeof wanted !== 'string' || wanted.length > MAX_LENGTH) return otherwise
  if (!/^\/[\x21-\x5b\x5d-\x7e]*$/.test(wanted) || !URL.canParse(wanted, HERE)) return otherwise
  const url = new URL(wanted, HERE)
  if (url.origin !== HERE) return otherwise
  // Dot segments are gone by now, and what is left of `/.//elsewhere` would name a host.
  return url.pathname.startsWith('//') ? otherwise : url.pathname + url.search
}

/** A page that asks for something and then leads back, by `return_to`, to where it was needed. */
export function detour(page: string, back: string | undefined): string {
  if (back === undefined) return page
  const { pathname, search, hash } = new URL(page, HERE)
  const joint = search === '' ? '?' : '&'
  return `${pathname}${search}${joint}${new URLSearchParams({ return_to: back })}${hash}`
}
