/**
 * The format a second time, written from docs/format.md alone: it shares no line with src/, so that both would have to
 * be wrong in the same way.
 */

type Bytes = Uint8Array<ArrayBuffer>

export interface Seal {
  readonly secret: Bytes
  readonly cookieName: string
  readonly purpose?: string | undefined
  /** Where the value is kept; none for a cookie. */
  readonly storeKey?: string | undefined
  /** Whole hours since 1970. */
  readonly hour: number
  readonly version?: number | undefined
  readonly iv?: Bytes | undefined
}

/** A record, field by field. */
export interface Fields {
  /** Hexadecimal. */
  readonly handle: string
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
  /** Milliseconds. */
  readonly authTime: number
  readonly meta: readonly unknown[]
  readonly data: unknown
}

export interface Opened {
  readonly version: number
  readonly kid: string
  readonly hour: number
  readonly iv: string
  readonly key: string
  readonly aad: string
  readonly record: Bytes
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function fromHex(text: string): Bytes {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  )
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (char) => ({ '+': '-', '/': '_' })[char] ?? '')
}

export function fromBase64url(text: string): Bytes {
  const binary = atob(text.replace(/[-_]/g, (char) => (char === '-' ? '+' : '/')))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

/** The public name of a secret. */
export async function kidOf(secret: Bytes): Promise<Bytes> {
  return hkdf(secret, [...lp('wafer/1'), ...lp('kid')], 4)
}

/** The value of a cookie that holds these bytes. */
export async function sealBytes(record: Uint8Array, seal: Seal): Promise<string> {
  const { version = 1, iv = crypto.getRandomValues(new Uint8Array(12)) } = seal
  const head = [version, ...(await kidOf(seal.secret)), ...threeBytes(seal.hour)]
  const key = await aesKey(await hourKey(seal), 'encrypt')
  const parameters = { name: 'AES-GCM', iv, additionalData: aadOf(head, seal) }
  const sealed = await crypto.subtle.encrypt(parameters, key, Uint8Array.from(record))
  return base64url(Uint8Array.from([...head, ...iv, ...new Uint8Array(sealed)]))
}

/** What is in a cookie's value, and every number on the way there; rejects when the tag is wrong. */
export async function openValue(value: string, seal: Omit<Seal, 'hour' | 'iv'>): Promise<Opened> {
  const bytes = fromBase64url(value)
  const head = [...bytes.subarray(0, 8)]
  const [version = 0, k0 = 0, k1 = 0, k2 = 0, k3 = 0, h0 = 0, h1 = 0, h2 = 0] = head
  const hour = h0 * 65536 + h1 * 256 + h2
  const iv = bytes.slice(8, 20)
  const key = await hourKey({ ...seal, hour })
  const aad = aadOf(head, seal)
  const parameters = { name: 'AES-GCM', iv, additionalData: aad }
  const record = await crypto.subtle.decrypt(parameters, await aesKey(key, 'decrypt'), bytes.slice(20))
  return {
    version,
    kid: hex(Uint8Array.of(k0, k1, k2, k3)),
    hour,
    iv: hex(iv),
    key: hex(key),
    aad: hex(aad),
    record: new Uint8Array(record),
  }
}

export function encodeFields(fields: Fields): Bytes {
  const meta = fields.meta.length === 0 ? '' : JSON.stringify(fields.meta)
  return recordBytes(fields, `${meta}\n${JSON.stringify(fields.data)}`)
}

/** The same with a text that need not be what the format asks for. */
export function recordBytes(fields: Omit<Fields, 'meta' | 'data'>, text: string | Uint8Array): Bytes {
  const { handle, createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt, authTime } = fields
  const times = [createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt].flatMap((time) => number(time, 4))
  const rest = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return Uint8Array.from([...fromHex(handle), ...times, ...number(authTime, 6), ...rest])
}

export function decodeFields(record: Uint8Array): Fields {
  const at = (offset: number, length: number) =>
    Number.parseInt(hex(record.subarray(offset, offset + length)), 16)
  const text = new TextDecoder('utf-8', { fatal: true }).decode(record.subarray(38))
  const [meta = '', ...data] = text.split('\n')
  return {
    handle: hex(record.subarray(0, 16)),
    createdAt: at(16, 4),
    lastSeenAt: at(20, 4),
    idleExpiresAt: at(24, 4),
    absoluteExpiresAt: at(28, 4),
    authTime: at(32, 6),
    meta: meta === '' ? [] : JSON.parse(meta),
    data: JSON.parse(data.join('\n')),
  }
}

function hourKey({ secret, purpose = 'session', cookieName, hour }: Seal): Promise<Bytes> {
  const info = [...lp('wafer/1'), ...lp('seal'), ...lp(purpose), ...lp(cookieName), ...threeBytes(hour)]
  return hkdf(secret, info, 32)
}

function aadOf(head: readonly number[], seal: Omit<Seal, 'hour'>): Bytes {
  const { purpose = 'session', cookieName, storeKey = '' } = seal
  return Uint8Array.from([...head, ...lp(purpose), ...lp(cookieName), ...lp(storeKey)])
}

/** HKDF in its two steps of HMAC (RFC 5869 §2), for at most one block. */
export async function hkdf(secret: Bytes, info: readonly number[], length: number): Promise<Bytes> {
  const pseudorandomKey = await hmac(new Uint8Array(32), secret)
  const block = await hmac(pseudorandomKey, Uint8Array.from([...info, 1]))
  return block.slice(0, length)
}

export async function hmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
  ])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message))
}

function aesKey(key: Bytes, use: 'encrypt' | 'decrypt') {
  return crypto.subtle.importKey('raw', key, 'AES-GCM', false, [use])
}

export function lp(text: string): number[] {
  const bytes = new TextEncoder().encode(text)
  return [...number(bytes.length, 2), ...bytes]
}

function threeBytes(value: number): number[] {
  return number(value, 3)
}

/** Big-endian. */
export function number(value: number, length: number): number[] {
  return [...fromHex(value.toString(16).padStart(2 * length, '0'))]
}
