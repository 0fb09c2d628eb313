import { HOTP, type Secret } from 'otpauth'
import { equalBytes } from '../crypto/mac.ts'
import { utf8 } from '../encoding.ts'
import { wholeNumber } from '../manager/whole-number.ts'

/** The hash under the HMAC. Most authenticator apps know SHA-1 only, and HMAC does not need its lost strength. */
export type OtpAlgorithm = 'SHA-1' | 'SHA-256' | 'SHA-512'

/** What codes look like: the same at enrolment and at every check. */
export interface CodeOptions {
  /** Of a code, 6 to 8 (RFC 4226 section 5.3). @default 6 */
  readonly digits?: number | undefined
  /** @default 'SHA-1' */
  readonly algorithm?: OtpAlgorithm | undefined
}

export interface CodeFormat {
  readonly digits: number
  readonly algorithm: OtpAlgorithm
}

/** As otpauth and the Key URI spell them. */
const SPELLINGS: Record<OtpAlgorithm, string> = { 'SHA-1': 'SHA1', 'SHA-256': 'SHA256', 'SHA-512': 'SHA512' }

/** @throws {TypeError | RangeError} */
export function codeFormat({ digits = 6, algorithm = 'SHA-1' }: CodeOptions): CodeFormat {
  if (!Object.hasOwn(SPELLINGS, algorithm)) {
    throw new TypeError(`algorithm must be one of ${Object.keys(SPELLINGS).join(', ')}.`)
  }
  return { digits: wholeNumber('digits', digits, 8, 6), algorithm }
}

export function spellingOf(algorithm: OtpAlgorithm): string {
  return SPELLINGS[algorithm]
}

/** The code of a counter (RFC 4226 section 5.3). */
export function codeOf(secret: Secret, counter: number, { digits, algorithm }: CodeFormat): string {
  return HOTP.generate({ secret, counter, digits, algorithm: SPELLINGS[algorithm] })
}

/**
 * Those of the counters from `first` to `last` that have this code, in their order. Never throws for a code, whatever it
 * is. Each counter is tried and each digit compared: the time tells neither which one it was nor how much was right.
 */
export function countersOf(
  secret: Secret,
  code: unknown,
  format: CodeFormat,
  { first, last }: { readonly first: number; readonly last: number },
): number[] {
  if (typeof code !== 'string' || code.length !== format.digits) return [] // A megabyte costs nothing.
  const given = utf8(code)
  const counters = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  return counters.filter((counter) => equalBytes(utf8(codeOf(secret, counter, format)), given))
}
