/** Bytes that Web Crypto takes as they are. */
export type Bytes = Uint8Array<ArrayBuffer>

/** What the newest runtimes have of their own, several times as fast. */
interface NativeBase64 {
  toBase64(options: { alphabet: 'base64url'; omitPadding: true }): string
}

interface NativeFromBase64 {
  fromBase64?(text: string, options: { alphabet: 'base64url' }): Bytes
}

const ENCODER = /* @__PURE__ */ new TextEncoder()
const DECODER = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What is not of the URL alphabet (RFC 4648 §5). */
const FOREIGN = /[^\w-]/

/** What the last characters may be when so many are over a multiple of 4: their unused bits are zero (§3.5). */
const LAST = ['', '', 'AQgw', 'AEIMQUYcgkosw048']

/** UTF-8 of a string. */
export function utf8(text: string): Bytes {
  return ENCODER.encode(text) as Bytes
}

/** The string, or null when the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return DECODER.decode(bytes)
  } catch {
    return null
  }
}

/** base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  if ('toBase64' in bytes) {
    return (bytes as unknown as NativeBase64).toBase64({ alphabet: 'base64url', omitPadding: true })
  }
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The bytes, or null for anything but the canonical spelling: one value must not have two cookies. */
export function fromBase64Url(text: string): Bytes | null {
  if (!isCanonical(text)) return null
  const native = Uint8Array as NativeFromBase64
  if (native.fromBase64 !== undefined) return native.fromBase64(text, { alphabet: 'base64url' })
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** Not by one expression: engines give up on it, each in its own way, when a record has megabytes. */
function isCanonical(text: string): boolean {
  const over = text.length % 4
  return !FOREIGN.test(text) && (over === 0 || (LAST[over] as string).includes(text.at(-1) as string))
}

/**
 * A token in three parts (RFC 7515 §7.1), each in the one spelling that it has: JOSE libraries pass over white space, and
 * bits that mean nothing.
 */
export function isCompact(token: string): boolean {
  const parts = token.split('.', 4)
  return parts.length === 3 && parts.every((part) => part !== '' && fromBase64Url(part) !== null)
}

/** The parts, one behind the other. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** `LP(x) = uint16be(byte length) | x`, one behind the other, so that no two lists of parts look alike. */
export function lengthPrefixed(...texts: readonly string[]): Bytes {
  return concat(
    ...texts.flatMap((text) => {
      const bytes = utf8(text)
      return [new Uint8Array([bytes.length >> 8, bytes.length & 0xff]), bytes]
    }),
  )
}

/** Big-endian, from anywhere in the bytes. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  const at = (index: number) => bytes[offset + index] as number
  return at(0) * 2 ** 24 + (at(1) << 16) + (at(2) << 8) + at(3) // A DataView costs more than all of this.
}

/** Big-endian, of a whole number. */
export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}
