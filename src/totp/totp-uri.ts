import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { type CodeOptions, spellingOf } from './one-time-code.ts'
import { parseSecret } from './secret.ts'
import { totpFormat } from './verify-totp.ts'

export interface TotpUriOptions extends CodeOptions {
  /** base32 */
  readonly secret: string
  /** Whose code it is: the name of your application, as the authenticator app shows it. */
  readonly issuer: string
  /** The user as they know themselves, such as an e-mail address. */
  readonly account: string
  /** Seconds. @default 30 */
  readonly period?: number | undefined
}

const NAMES = ['secret', 'issuer', 'account', 'digits', 'algorithm', 'period']

/**
 * What an authenticator app enrols from, as a link or a QR code: the Key URI format, `otpauth://totp/…`. It holds the
 * secret, so it belongs in no log and no cache.
 *
 * @throws {TypeError | RangeError} Also for a colon in the issuer or the account, where the format has its own.
 */
export function totpUri(options: TotpUriOptions): string {
  refuseUnknown('totpUri(options)', options, NAMES)
  const { digits, algorithm, period } = totpFormat(options)
  const issuer = encodeName('issuer', options.issuer)
  const account = encodeName('account', options.account)
  const secret = parseSecret(options.secret).base32
  const codes = `algorithm=${spellingOf(algorithm)}&digits=${digits}&period=${period}`
  return `otpauth://totp/${issuer}:${account}?secret=${secret}&issuer=${issuer}&${codes}`
}

function encodeName(option: string, name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '') {
    throw new TypeError(`${option} must be a non-empty string.`)
  }
  if (name.includes(':')) {
    throw new RangeError(`${option} must not contain a colon, which separates issuer and account.`)
  }
  if (!name.isWellFormed()) throw new RangeError(`${option} must not contain half a surrogate pair.`)
  // RFC 3986 reserves these too; without an apostrophe the URI is safe in any attribute.
  return encodeURIComponent(name).replace(/[!'()*]/g, percent)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
