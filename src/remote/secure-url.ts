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

/** The URL when it is https, or http to a loopback address; else null. */
export function securely(value: unknown): URL | null {
  const url = URL.canParse(String(value)) ? new URL(String(value)) : null
  const isLocal = /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url?.hostname ?? '')
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal) ? url : null
}
