/**
 * A second sealer, written from the description of the format alone, so that tests can make cookies that the library
 * would never write. It shares no code with src/.
 */
type Bytes = Uint8Array<ArrayBuffer>

export interface SealOptions {
  readonly secret: string
  /** Milliseconds since the epoch; decides the hour. */
  readonly at: number
  readonly cookieName?: string
  readonly purpose?: string
  readonly storeKey?: string
  readonly version?: number
  readonly kid?: Uint8Array
}

/** All in milliseconds since the epoch. */
export interface Times {
  readonly createdAt: number
  readonly lastSeenAt?: number
  readonly idleExpiresAt?: number
  readonly absoluteExpiresAt?: number
  readonly authTime?: number
}

/** The bytes inside the seal: 38 of head, then what is normally `meta LF data`. */
export function recordBytes(times: Times, text: string | Uint8Array, handle: Uint8Array = random(16)): Bytes {
  const { createdAt, lastSeenAt = createdAt, authTime = 0 } = times
  const { idleExpiresAt = lastSeenAt + 1_800_000, absoluteExpiresAt = createdAt + 86_400_000 } = times
  const seconds = [createdAt, lastSeenAt, idleExpiresAt, absoluteExpiresAt].map((time) =>
    bigEndian(Math.floor(time / 1000), 4),
  )
  return join(handle, ...seconds, bigEndian(authTime, 6), typeof text === 'string' ? encode(text) : text)
}

/** The cookie value for some bytes. */
export async function sealValue(content: Uint8Array, options: SealOptions): Promise<string> {
  const {
    secret,
    at,
    cookieName = '__Host-session',
    purpose = 'session',
    storeKey = '',
    version = 1,
  } = options
  const hour = bigEndian(Math.floor(at / 3_600_000), 3)
  const material = await crypto.subtle.importKey('raw', encode(secret), 'HKDF', false, ['deriveBits'])
  const derive = async (info: Bytes, bits: number) =>
    new Uint8Array(
      await crypto.subtle.deriveBits(
        { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
        material,
        bits,
      ),
    )
  const kid = options.kid ?? (await derive(join(prefixed('wafer/1'), prefixed('kid')), 32))
  const info = join(prefixed('wafer/1'), prefixed('seal'), prefixed(purpose), prefixed(cookieName), hour)
  const key = await crypto.subtle.importKey('raw', await derive(info, 256), 'AES-GCM', false, ['encrypt'])
  const iv = random(12)
  const head = join(bigEndian(version, 1), kid, hour)
  const additionalData = join(head, prefixed(purpose), prefixed(cookieName), prefixed(storeKey))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, join(content))
  return base64url(join(head, iv, new Uint8Array(sealed)))
}

export function base64url(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}

export function fromBase64url(text: string): Bytes {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  return Uint8Array.from(binary, (char) => char.charCodeAt(0))
}

export function encode(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes
}

export function join(...parts: readonly Uint8Array[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

function prefixed(text: string): Bytes {
  const bytes = encode(text)
  return join(bigEndian(bytes.length, 2), bytes)
}

/** Six bytes do not fit the 32 bits of the shift operators. */
function bigEndian(value: number, length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => Math.floor(value / 256 ** (length - 1 - i)) % 256)
}
