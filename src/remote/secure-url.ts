/**
 * Whoever can change what is on the way decides who gets in, and who is signed out: http only where there is no way.
 *
 * @throws {TypeError}
 */
export function secureUrl(name: string, value: unknown): URL {
  const url = securely(value)
  if (url !== null) return url
  throw new TypeError(`${name} must be an https URL, or http on this machine: current value is ${value}.`)
}

/** The URL when it is https, or http to a loopback address; else null, whatever it is. */
export function securely(value: unknown): URL | null {
  const url = parsed(value)
  const isLocal = /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url?.hostname ?? '')
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal) ? url : null
}

/** Not by URL.canParse: of a very long host it says yes where the parser throws (Node 24); and JSON may be no text. */
function parsed(value: unknown): URL | null {
  try {
    return new URL(String(value))
  } catch {
    return null
  }
}
