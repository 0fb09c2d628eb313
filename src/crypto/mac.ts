import type { Bytes } from '../encoding.ts'
import type { Keyring, MacUse, RingKey, RingKeys } from './keyring.ts'

/** HMAC-SHA-256 under the secret's key for this use: 32 bytes. */
export async function mac(keyring: Keyring, ringKey: RingKey, use: MacUse, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await keyring.mac(ringKey, use), message))
}

/** The secret that signs and seals. */
export async function firstKey(keyring: Keyring): Promise<RingKey> {
  return firstOf(await keyring.keys())
}

/** The first of the imported ones. */
export function firstOf(keys: RingKeys): RingKey {
  return keys.values().next().value as RingKey
}

/** Compares in a time that does not depend on where they differ; lengths are public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0)
  return difference === 0
}
