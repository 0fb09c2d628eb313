import { type Bytes, concat, lengthPrefixed, readUint32 } from '../encoding.ts'
import { HOW_TO, type Secret, secretBytes } from './secret.ts'

/** What a key is derived for: one key must never serve two uses (RFC 5869 §3.2). */
export interface SealContext {
  /** A session in its cookie, or a record in a store. */
  readonly purpose: 'session' | 'record'
  readonly cookieName: string
  /** The first 8 bytes of a value, `LP(purpose) LP(cookie name) LP(store key)`: what is authenticated. */
  readonly aad: (sealed: Bytes) => Bytes
}

/** What of a value is in its AAD. */
const HEAD = 8

/** A context whose AAD is made once an hour; the store key is empty for a cookie. */
export function sealContext(purpose: SealContext['purpose'], cookieName: string, storeKey = ''): SealContext {
  let aad: Bytes | undefined
  return {
    purpose,
    cookieName,
    aad(sealed) {
      if (aad === undefined || !startAlike(sealed, aad)) {
        aad = concat(sealed.subarray(0, HEAD), lengthPrefixed(purpose, cookieName, storeKey))
      }
      return aad
    },
  }
}

/** Heads are public. */
function startAlike(sealed: Bytes, known: Bytes): boolean {
  for (let i = 0; i < HEAD; i++) if (sealed[i] !== known[i]) return false
  return true
}

/** One secret of the ring, imported. */
export interface RingKey {
  /** 4 public bytes that name the secret in every sealed value. */
  readonly kid: Bytes
  /** The same as a number, so that nothing a client sends can name a property. */
  readonly index: number
  readonly material: CryptoKey
}

/** Secrets by kid, in the order of the list. */
export type RingKeys = ReadonlyMap<number, RingKey>

/** What a MAC is for: the id cookie, the next token of it, a store's index, what a session is bound to, a log. */
export type MacUse = 'token' | 'renew' | 'tag' | 'binding' | 'log'

interface CachedKey {
  readonly key: CryptoKey
  readonly hour: number
}

/** The application's secrets and the keys derived from them. The first seals, all open. */
export interface Keyring {
  /**
   * The imported secrets by kid, in the order of the list.
   *
   * @throws {RangeError} At first use, when two secrets have the same kid.
   */
  keys(): RingKeys | Promise<RingKeys>
  /** The one HMAC-SHA-256 key of a secret for a use. */
  mac(ringKey: RingKey, use: MacUse): Promise<CryptoKey>
  /** The AES-256-GCM key of an hour when it is in the cache. */
  cached(ringKey: RingKey, context: SealContext, hour: number): CryptoKey | undefined
  /** Derives the AES-256-GCM key of an hour; keeping it is the caller's decision, after it has proven itself. */
  derive(ringKey: RingKey, context: SealContext, hour: number): Promise<CryptoKey>
  /** Keeps a key that has sealed a cookie or opened one. */
  keep(ringKey: RingKey, context: SealContext, hour: number, key: CryptoKey, currentHour: number): void
}

const FORMAT = 'wafer/1'
const MAX_SEAL_KEYS = 64
const MAX_RINGS = 64
const NO_SALT = /* @__PURE__ */ new Uint8Array(0)

const rings = /* @__PURE__ */ new Map<string, Keyring>()

/**
 * The key ring of some secrets, made once per list: on Workers the options arrive per request.
 *
 * @throws {TypeError | RangeError} See `secretBytes`.
 */
export function keyringOf(secret: Secret | readonly Secret[]): Keyring {
  const id = ringId(secret)
  const known = rings.get(id)
  if (known !== undefined) return known
  const ring = createKeyring(secretBytes(secret))
  if (rings.size >= MAX_RINGS) rings.delete(rings.keys().next().value as string)
  rings.set(id, ring)
  return ring
}

function ringId(secret: Secret | readonly Secret[]): string {
  return JSON.stringify([secret].flat(), (_, value) =>
    value instanceof Uint8Array ? { bytes: Array.from(value) } : value,
  )
}

function createKeyring(secrets: readonly Bytes[]): Keyring {
  let imported: RingKeys | undefined
  const sealKeys = new Map<string, CachedKey>()
  const macKeys = new Map<string, CryptoKey>()

  // Only results are kept, never promises: on Workers a promise made for one request may never settle for another.
  async function importAll(): Promise<RingKeys> {
    imported = indexByKid(await Promise.all(secrets.map(importSecret)))
    return imported
  }

  return {
    keys: () => imported ?? importAll(),
    async mac(ringKey, use) {
      const id = `${ringKey.index} ${use}`
      const known = macKeys.get(id)
      if (known !== undefined) return known
      const key = await crypto.subtle.deriveKey(
        hkdf(use),
        ringKey.material,
        { name: 'HMAC', hash: 'SHA-256', length: 256 },
        false,
        ['sign'],
      )
      macKeys.set(id, key)
      return key
    },
    cached: (ringKey, context, hour) => sealKeys.get(cacheId(ringKey, context, hour))?.key,
    derive: (ringKey, context, hour) =>
      crypto.subtle.deriveKey(
        hkdf('seal', lengthPrefixed(context.purpose, context.cookieName), uint24(hour)),
        ringKey.material,
        { name: 'AES-GCM', length: 256 },
        false,
        ['encrypt', 'decrypt'],
      ),
    keep(ringKey, context, hour, key, currentHour) {
      if (sealKeys.size >= MAX_SEAL_KEYS) sealKeys.delete(leastUseful(sealKeys, currentHour))
      sealKeys.set(cacheId(ringKey, context, hour), { key, hour })
    },
  }
}

/** The oldest entry that is not of the current or the last hour, which every busy application needs at any moment. */
function leastUseful(sealKeys: ReadonlyMap<string, CachedKey>, currentHour: number): string {
  for (const [id, { hour }] of sealKeys) {
    if (hour < currentHour - 1) return id
  }
  return sealKeys.keys().next().value as string
}

function cacheId(ringKey: RingKey, context: SealContext, hour: number): string {
  return `${ringKey.index} ${hour} ${context.purpose} ${context.cookieName}`
}

async function importSecret(secret: Bytes): Promise<RingKey> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits', 'deriveKey'])
  const kid = new Uint8Array(await crypto.subtle.deriveBits(hkdf('kid'), material, 32))
  return { kid, index: readUint32(kid, 0), material }
}

function indexByKid(keys: readonly RingKey[]): RingKeys {
  const byKid = new Map(keys.map((key) => [key.index, key]))
  if (byKid.size < keys.length) {
    throw new RangeError(`Two secrets have one key id by chance. Replace the newer. ${HOW_TO}`)
  }
  return byKid
}

function hkdf(use: string, ...context: readonly Uint8Array[]): HkdfParams {
  return {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: NO_SALT,
    info: concat(lengthPrefixed(FORMAT, use), ...context),
  }
}

/** Three bytes, big-endian. */
export function uint24(value: number): Bytes {
  return new Uint8Array([value >>> 16, (value >>> 8) & 0xff, value & 0xff])
}
