import { Secret } from 'otpauth'

/** As long as the output of SHA-1, which RFC 4226 section 4 (R6) recommends. */
const SECRET_BYTES = 20

/** What Google's first enrolments had. RFC 4226 wants 128 bits of new ones, and generateTotpSecret gives 160. */
const MIN_BYTES = 10
const MAX_BYTES = 1024

/** Lengths that no number of whole bytes has (RFC 4648 section 6). */
const IMPOSSIBLE = [1, 3, 6]

/**
 * A new secret for an authenticator app: 160 bits from the system's generator, 32 characters of base32 without padding.
 * Keep it encrypted, and take it into use once the user has sent a first code.
 */
export function generateTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32
}

/**
 * The bytes of a base32 secret (RFC 4648 section 6): any case, with or without padding, spaces allowed.
 *
 * @throws {TypeError | RangeError} Without a word of the secret itself.
 */
export function parseSecret(secret: unknown): Secret {
  const text = typeof secret === 'string' ? secret.replaceAll(' ', '').replace(/=+$/, '') : ''
  if (!/^[a-z2-7]+$/i.test(text) || IMPOSSIBLE.includes(text.length % 8)) {
    throw new TypeError('The secret must be base32, as generateTotpSecret() gives it.')
  }
  const bits = Math.floor((text.length * 5) / 8) * 8
  if (bits < MIN_BYTES * 8 || bits > MAX_BYTES * 8) {
    throw new RangeError(
      `The secret must have ${MIN_BYTES * 8} to ${MAX_BYTES * 8} bits, better 160: this has ${bits}.`,
    )
  }
  return Secret.fromBase32(text)
}
