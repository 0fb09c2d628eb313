import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { wholeNumber } from '../manager/whole-number.ts'
import { type CodeFormat, type CodeOptions, codeFormat, countersOf } from './one-time-code.ts'
import { parseSecret } from './secret.ts'

/** What the server and the authenticator app agree on, and how far their clocks may differ. */
export interface TotpOptions extends CodeOptions {
  /** Seconds that a code is shown, 10 to 300 (RFC 6238 section 4.1). @default 30 */
  readonly period?: number | undefined
  /** Steps before and after now that are right too, 0 to 10 (RFC 6238 section 5.2 wants at most 1). @default 1 */
  readonly window?: number | undefined
}

export interface VerifyTotpOptions extends TotpOptions {
  /** The step of the last code that was accepted: one at or before it is refused (RFC 6238 section 5.2). */
  readonly lastStep?: number | undefined
  /** Milliseconds since the epoch. @default Date.now() */
  readonly now?: number | undefined
}

export type TotpResult = { readonly ok: true; readonly step: number } | { readonly ok: false }

export interface TotpFormat extends CodeFormat {
  readonly period: number
  readonly window: number
}

/** In milliseconds: what a Date can hold. */
const MAX_TIME = 8.64e15

export const TOTP_OPTIONS: readonly string[] = ['digits', 'algorithm', 'period', 'window']

/**
 * Checks a time-based code (RFC 6238). It remembers nothing: keep `step` as the next `lastStep` by compare and set, and
 * limit attempts, or let `createTotpVerifier` do both.
 *
 * @param secret base32
 * @param code What the user typed: anything but `digits` ASCII digits is wrong, and throws nothing.
 * @returns The step, `now / period` rounded down, of the code that was right.
 * @throws {TypeError | RangeError} For a wrong secret or option.
 */
export async function verifyTotp(
  secret: string,
  code: unknown,
  options: VerifyTotpOptions = {},
): Promise<TotpResult> {
  refuseUnknown('verifyTotp(secret, code, options)', options, [...TOTP_OPTIONS, 'lastStep', 'now'])
  const { lastStep = -1, now = Date.now() } = options
  wholeNumber('lastStep', lastStep, Number.MAX_SAFE_INTEGER, -1)
  const step = stepOf(secret, code, totpFormat(options), now)
  return step !== null && step > lastStep ? { ok: true, step } : { ok: false }
}

/** @throws {TypeError | RangeError} */
export function totpFormat(options: TotpOptions): TotpFormat {
  return {
    ...codeFormat(options),
    period: wholeNumber('period', options.period ?? 30, 300, 10),
    window: wholeNumber('window', options.window ?? 1, 10, 0),
  }
}

/**
 * The step that a code is of, null when it is wrong. Should it be that of several, the last: the others go with it.
 *
 * @throws {TypeError | RangeError} For a wrong secret or time.
 */
export function stepOf(secret: string, code: unknown, format: TotpFormat, now: number): number | null {
  const { period, window } = format
  const milliseconds = wholeNumber('now', typeof now === 'number' ? Math.floor(now) : now, MAX_TIME, 0)
  const step = Math.floor(milliseconds / 1000 / period)
  const range = { first: Math.max(0, step - window), last: step + window }
  return countersOf(parseSecret(secret), code, format, range).at(-1) ?? null
}
