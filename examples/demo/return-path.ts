/**
 * Where to go after a detour: a path of this site and nothing else, or a link to the sign-in page could send people
 * who trust this site to another one (open redirect).
 */
export function returnPath(wanted: string | undefined, otherwise: string): string {
  if (!wanted?.startsWith('/')) return otherwise
  const here = 'https://this.invalid'
  const url = URL.parse(wanted, here)
  if (url?.origin !== here) return otherwise
  // Dot segments are gone by now, and what is left of `/.//elsewhere` would name a host.
  return url.pathname.startsWith('//') ? otherwise : url.pathname + url.search
}

/** A page that asks for something, and then leads back to where it was needed. */
export function detour(page: string, back: string): string {
  return `${page}?${new URLSearchParams({ return: back })}`
}
