import { type Bytes, readUint32 } from '../encoding.ts'
import type { RejectReason } from '../events.ts'
import { type Keyring, type SealContext, uint24 } from './keyring.ts'
import { firstOf } from './mac.ts'

/**
 * Version 1: `01 | kid 4 | hour 3 | iv 12 | ciphertext | tag 16`; the first eight bytes, the purpose, the cookie name
 * and the store key are authenticated with it. Byte by byte in docs/format.md, frozen by test/vectors/seal-v1.json.
 */
const VERSION = 1
const HEAD = 8
const IV = 12
const TAG = 16

/** What a sealed value adds to its content, in bytes. */
export const SEAL_OVERHEAD: number = HEAD + IV + TAG

/** The hours, counted from the epoch, in which a value that may still be opened can have been sealed. */
export interface HourRange {
  readonly oldest: number
  /** The hour of now. */
  readonly current: number
  /** The hour of now on a clock that is ahead of this one by as much as is allowed. */
  readonly newest: number
}

export interface Unsealed {
  readonly plaintext: Bytes
  /** False when an older secret opened it: due to be sealed again under the first. */
  readonly primary: boolean
}

/** The hour of a time in milliseconds. */
export function hourOf(milliseconds: number): number {
  return Math.floor(milliseconds / 3_600_000)
}

/**
 * Seals under the first secret's key of this hour: one `subtle` call, one more in the first use of an hour.
 *
 * A key seals for one hour only, which keeps random 96-bit IVs inside the bound of 2^32 (NIST SP 800-38D §8.3).
 */
export async function seal(
  keyring: Keyring,
  context: SealContext,
  plaintext: Bytes,
  now: number,
): Promise<Bytes> {
  const ringKey = firstOf(await keyring.keys())
  const hour = hourOf(now)
  const sealed = new Uint8Array(SEAL_OVERHEAD + plaintext.length)
  sealed[0] = VERSION
  sealed.set(ringKey.kid, 1)
  sealed.set(uint24(hour), 5)
  const iv = crypto.getRandomValues(new Uint8Array(IV))
  sealed.set(iv, HEAD)
  const known = keyring.cached(ringKey, context, hour)
  const key = known ?? (await keyring.derive(ringKey, context, hour))
  const ciphertext = await crypto.subtle.encrypt(gcm(context, sealed, iv), key, plaintext)
  if (known === undefined) keyring.keep(ringKey, context, hour, key, hour)
  sealed.set(new Uint8Array(ciphertext), HEAD + IV)
  return sealed
}

/**
 * Opens a sealed value. Everything that can be refused without crypto is; then exactly one key is tried, and a key
 * that had to be derived is kept only when it opened something, so that a forged value evicts nothing.
 */
export async function unseal(
  keyring: Keyring,
  context: SealContext,
  sealed: Bytes,
  hours: HourRange,
): Promise<Unsealed | RejectReason> {
  if (sealed.length < SEAL_OVERHEAD) return 'malformed'
  if (sealed[0] !== VERSION) return 'unknown-version'
  const keys = await keyring.keys()
  const ringKey = keys.get(readUint32(sealed, 1))
  if (ringKey === undefined) return 'unknown-key'
  const hour = readUint32(sealed, 4) & 0xffffff
  if (hour < hours.oldest || hour > hours.newest) return 'hour-out-of-range'

  const known = keyring.cached(ringKey, context, hour)
  const key = known ?? (await keyring.derive(ringKey, context, hour))
  const iv = sealed.subarray(HEAD, HEAD + IV)
  let plaintext: ArrayBuffer
  try {
    plaintext = await crypto.subtle.decrypt(gcm(context, sealed, iv), key, sealed.subarray(HEAD + IV))
  } catch {
    return 'forged'
  }
  if (known === undefined) keyring.keep(ringKey, context, hour, key, hours.current)
  return { plaintext: new Uint8Array(plaintext), primary: ringKey === firstOf(keys) }
}

function gcm(context: SealContext, sealed: Bytes, iv: Bytes): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: context.aad(sealed) }
}
