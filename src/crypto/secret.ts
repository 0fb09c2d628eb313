import { type Bytes, toBase64Url, utf8 } from '../encoding.ts'

/** A secret as it is given: a string counts as its UTF-8 bytes and is never decoded. */
export type Secret = string | Uint8Array

const MIN_BYTES = 32
const MIN_DISTINCT = 10
/** The end of every message about a bad secret. */
export const HOW_TO = 'Make one with `openssl rand -base64 32` or generateSecret().'

/** A new secret: 32 random bytes as 43 characters of base64url. */
export function generateSecret(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
}

/**
 * The bytes of each secret, checked. The messages never contain a secret.
 *
 * @throws {TypeError} When the list is empty or holds something else than strings and byte arrays.
 * @throws {RangeError} When a secret is short, monotonous, or there twice.
 */
export function secretBytes(secret: Secret | readonly Secret[]): Bytes[] {
  const list = Array.isArray(secret) ? secret : [secret]
  if (list.length === 0) throw new TypeError(`secret must hold at least one secret. ${HOW_TO}`)
  const all = list.map(checkedBytes)
  if (new Set(all.map(toBase64Url)).size < all.length) {
    throw new RangeError(`secret holds one secret twice. ${HOW_TO}`)
  }
  return all
}

function checkedBytes(secret: unknown): Bytes {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    throw new TypeError(
      `secret must be a string, a Uint8Array, or a list of them, not ${secret === null ? 'null' : typeof secret}. ${HOW_TO}`,
    )
  }
  const bytes = typeof secret === 'string' ? utf8(secret) : new Uint8Array(secret)
  if (bytes.length < MIN_BYTES) {
    throw new RangeError(
      `secret must be at least ${MIN_BYTES} random bytes, this one has ${bytes.length}. ${HOW_TO}`,
    )
  }
  if (new Set(bytes).size < MIN_DISTINCT) {
    throw new RangeError(
      `secret must be random, this one has fewer than ${MIN_DISTINCT} distinct characters. ${HOW_TO}`,
    )
  }
  return bytes
}
