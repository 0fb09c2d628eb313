import { cookieValue } from './visitor.ts'
import { base64url, fromBase64url } from './wafer1.ts'

/** The bytes of the sealed value in a cookie. */
export function bytesOf(cookie: string): Uint8Array {
  return fromBase64url(cookieValue(cookie))
}

/** The session cookie with these bytes as its value. */
export function cookieOf(bytes: Uint8Array): string {
  return `__Host-session=${base64url(bytes)}`
}

/** The cookie with one bit the other way; bit 0 is the first bit of the first byte. */
export function flipBit(cookie: string, bit: number): string {
  const bytes = bytesOf(cookie)
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (0x80 >> (bit & 7))
  return cookieOf(bytes)
}

/** The cookie as if sealed in another hour. */
export function withHour(cookie: string, hour: number): string {
  const bytes = bytesOf(cookie)
  bytes.set([hour >> 16, (hour >> 8) & 255, hour & 255], 5)
  return cookieOf(bytes)
}

/** The cookie with a bit of its ciphertext the other way. */
export function forge(cookie: string): string {
  return flipBit(cookie, 8 * 24)
}
