import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { wholeNumber } from '../manager/whole-number.ts'
import { type CodeOptions, codeFormat, countersOf } from './one-time-code.ts'
import { parseSecret } from './secret.ts'

export interface VerifyHotpOptions extends CodeOptions {
  /** The counter that comes next: 0 at enrolment, then `nextCounter` of the last code that was right. */
  readonly counter: number
  /** How many codes the user may have asked for and not sent, 0 to 100 (RFC 4226 section 7.4). @default 5 */
  readonly window?: number | undefined
}

export type HotpResult = { readonly ok: true; readonly nextCounter: number } | { readonly ok: false }

const NAMES = ['counter', 'digits', 'algorithm', 'window']

/**
 * Checks a counter-based code (RFC 4226), that of `counter` or of one of the `window` after it. A code is right once
 * only when `nextCounter` is kept by compare and set, and attempts have to be limited: both are yours.
 *
 * @param secret base32
 * @param code What the user typed: anything but `digits` ASCII digits is wrong, and throws nothing.
 * @throws {TypeError | RangeError} For a wrong secret or option.
 */
export async function verifyHotp(
  secret: string,
  code: unknown,
  options: VerifyHotpOptions,
): Promise<HotpResult> {
  refuseUnknown('verifyHotp(secret, code, options)', options, NAMES)
  const window = wholeNumber('window', options.window ?? 5, 100, 0)
  const first = wholeNumber('counter', options.counter, Number.MAX_SAFE_INTEGER - 101, 0)
  const range = { first, last: first + window }
  const [match] = countersOf(parseSecret(secret), code, codeFormat(options), range)
  return match === undefined ? { ok: false } : { ok: true, nextCounter: match + 1 }
}
