/** An authenticator app: RFC 6238 by Web Crypto, so that what the library says is compared with something else. */

export interface AppOptions {
  readonly digits?: number
  readonly period?: number
  readonly algorithm?: 'SHA-1' | 'SHA-256' | 'SHA-512'
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export function toBase32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => ALPHABET.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('')
}

export function fromBase32(text: string): Uint8Array<ArrayBuffer> {
  const bits = Array.from(text, (letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2))
}

/** What the app shows at a time, in milliseconds. */
export function codeAt(secret: string, now: number, options: AppOptions = {}): Promise<string> {
  return codeOfCounter(secret, Math.floor(now / 1000 / (options.period ?? 30)), options)
}

export async function codeOfCounter(
  secret: string,
  counter: number,
  { digits = 6, algorithm = 'SHA-1' }: AppOptions = {},
): Promise<string> {
  const hmac = { name: 'HMAC', hash: algorithm }
  const key = await crypto.subtle.importKey('raw', fromBase32(secret), hmac, false, ['sign'])
  const message = new DataView(new ArrayBuffer(8))
  message.setBigUint64(0, BigInt(counter))
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, message))
  const offset = mac.getUint8(mac.byteLength - 1) & 0xf
  const number = (mac.getUint32(offset) & 0x7fffffff) % 10 ** digits
  return String(number).padStart(digits, '0')
}

/** A code that is right neither now nor in the steps around. */
export async function wrongCode(secret: string, now: number): Promise<string> {
  const near = await Promise.all([-2, -1, 0, 1, 2].map((step) => codeAt(secret, now + step * 30_000)))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find(
    (code) => !near.includes(code),
  ) as string
}
