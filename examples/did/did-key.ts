import { base64url, type JWK } from 'jose'
import { fromBase58btc, toBase58btc } from './base58btc.ts'
import { yOf } from './p256.ts'

/** What stands before the key (https://github.com/multiformats/multicodec): its kind as a varint. */
const ED25519 = [0xed, 0x01]
const P256 = [0x80, 0x24]

/** The public key that a `did:key` is, of the kinds that sign in here; null for anything else. */
export function didKeyToJwk(did: string): JWK | null {
  const bytes = did.startsWith('did:key:z') ? fromBase58btc(did.slice('did:key:z'.length)) : null
  const [first, second, ...key] = bytes ?? []
  if (first === ED25519[0] && second === ED25519[1] && key.length === 32) {
    return { kty: 'OKP', crv: 'Ed25519', x: base64url.encode(new Uint8Array(key)) }
  }
  const isCompressed = key.length === 33 && (key[0] === 2 || key[0] === 3)
  return first === P256[0] && second === P256[1] && isCompressed ? p256Jwk(key) : null
}

export function jwkToDidKey({ crv, x = '', y = '' }: JWK): string {
  const isOdd = (base64url.decode(y).at(-1) ?? 0) % 2
  const prefix = crv === 'Ed25519' ? ED25519 : [...P256, 2 + isOdd]
  return `did:key:z${toBase58btc(new Uint8Array([...prefix, ...base64url.decode(x)]))}`
}

function p256Jwk([sign, ...x]: readonly number[]): JWK | null {
  const y = yOf(
    x.reduce((number, byte) => number * 256n + BigInt(byte), 0n),
    sign === 3,
  )
  return y === null
    ? null
    : { kty: 'EC', crv: 'P-256', x: base64url.encode(new Uint8Array(x)), y: base64url.encode(bytesOf(y)) }
}

function bytesOf(y: bigint): Uint8Array {
  const hex = y.toString(16).padStart(64, '0')
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
