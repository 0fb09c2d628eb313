/** The formats as docs/format.md has them, always with the same bytes where the library draws them at random. */
import { base64url, fromBase64url, fromHex, hkdf, kidOf, lp, number } from '../support/wafer1.ts'
import { signId } from '../support/wafer1-store.ts'

type Bytes = Uint8Array<ArrayBuffer>

export const NAME = '__Host-session'
export const NOW: number = Date.UTC(2026, 10, 23, 9, 41, 27, 345)
export const SECONDS: number = Math.floor(NOW / 1000)
export const SECRET = 'a secret for fuzzing, and for nothing else'
export const OLDER = 'the secret that came before it in fuzzing'
/** In no list. */
export const STRANGER = 'a secret of somebody else'
export const HANDLE = '000102030405060708090a0b0c0d0e0f'
export const STORE_KEY: string = base64url(fromHex(HANDLE))
export const TOKEN = '5a'.repeat(32)
export const SEED = '0f'.repeat(16)

const HOUR = Math.floor(NOW / 3_600_000)
const IV = fromHex('a0a1a2a3a4a5a6a7a8a9aaab')

export interface Sealer {
  /** Base64url of the sealed bytes. */
  seal(content: Uint8Array): Promise<string>
}

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text) as Bytes

/** Seals under one key that is derived once: a fuzzer has no time to lose. */
export async function sealer(
  purpose: 'session' | 'record',
  storeKey = '',
  secret: string = SECRET,
  hour: number = HOUR,
): Promise<Sealer> {
  const hourBytes = number(hour, 3)
  const info = [...lp('wafer/1'), ...lp('seal'), ...lp(purpose), ...lp(NAME), ...hourBytes]
  const raw = await hkdf(bytesOf(secret), info, 32)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt'])
  const head = Uint8Array.from([1, ...(await kidOf(bytesOf(secret))), ...hourBytes])
  const additionalData = Uint8Array.from([...head, ...lp(purpose), ...lp(NAME), ...lp(storeKey)])
  return {
    async seal(content) {
      const plaintext = Uint8Array.from(content)
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: IV, additionalData }, key, plaintext)
      return textOf(concat(head, IV, new Uint8Array(sealed)))
    },
  }
}

/** The id cookie of the one session that is in a store. */
export async function idCookie(
  secret: string = SECRET,
): Promise<{ value: string; hash: string; kid: string }> {
  const owner = { secret: bytesOf(secret), cookieName: NAME }
  const { value, hash } = await signId(owner, fromHex(HANDLE), fromHex(TOKEN))
  const kid = Array.from(await kidOf(owner.secret), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { value, hash, kid }
}

/** The same value with one bit of it the other way. */
export function flipped(value: string, at: number): string {
  const bytes = fromBase64url(value)
  return textOf(bytes.map((byte, i) => (i === (at < 0 ? bytes.length + at : at) ? byte ^ 1 : byte)))
}

/** Bytes as a string, one a character. */
export function binary(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** The bytes again; of a character that is none its lower half. */
export function fromBinary(text: string): Bytes {
  return Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff)
}

export function textOf(bytes: Uint8Array): string {
  return btoa(binary(bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  return fromBinary(parts.map(binary).join(''))
}
