import { type Bytes, concat, lengthPrefixed, readUint32 } from '../encoding.ts'
import type { RejectReason } from '../events.ts'
import type { Keyring, RingKey } from './keyring.ts'
import { equalBytes, mac } from './mac.ts'

/**
 * Version 2, the id cookie: `02 | kid 4 | handle 16 | token 32 | tag 16`. One HMAC over the cookie's name, the handle
 * and the token gives the tag, by which a forged cookie is refused before any store is asked, and the hash, by which
 * the record knows the token. Byte by byte in docs/format.md, frozen by test/vectors/id-v2.json.
 */
const VERSION = 2
const KID = 1
const HANDLE = 5
const TOKEN = 21
const TAG = 53
const LENGTH = 69

/** What an authentic id cookie says. */
export interface SessionToken {
  /** The secret that tagged it. */
  readonly ringKey: RingKey
  /** 16 bytes, public: the store key. */
  readonly handle: Bytes
  /** 32 bytes, the bearer value. */
  readonly token: Bytes
  /** 16 bytes: what the record keeps instead. */
  readonly hash: Bytes
}

/** The length of an id cookie's value, in characters. */
export const TOKEN_COOKIE_LENGTH: number = (LENGTH * 4) / 3

/** Reads an id cookie: one HMAC, none for what names no secret of the ring. */
export async function openToken(
  keyring: Keyring,
  cookieName: string,
  bytes: Bytes,
): Promise<SessionToken | RejectReason> {
  if (bytes.length !== LENGTH) return 'malformed'
  if (bytes[0] !== VERSION) return 'unknown-version'
  const ringKey = (await keyring.keys()).get(readUint32(bytes, KID))
  if (ringKey === undefined) return 'unknown-key'
  const signed = await sign(keyring, ringKey, cookieName, bytes.slice(HANDLE, TOKEN), bytes.slice(TOKEN, TAG))
  return equalBytes(signed.value.subarray(TAG), bytes.subarray(TAG)) ? signed.token : 'forged'
}

/** The id cookie of a handle and a token under one secret: one HMAC. */
export async function sign(
  keyring: Keyring,
  ringKey: RingKey,
  cookieName: string,
  handle: Bytes,
  token: Bytes,
): Promise<{ value: Bytes; token: SessionToken }> {
  const message = concat(lengthPrefixed(cookieName), handle, token)
  const digest = await mac(keyring, ringKey, 'token', message)
  const value = concat(new Uint8Array([VERSION]), ringKey.kid, handle, token, digest.subarray(0, 16))
  return { value, token: { ringKey, handle, token, hash: digest.slice(16) } }
}

/**
 * The token that follows another one: the same for every request that is told of it, so that an offer needs no write.
 *
 * @param ringKey The secret of the current token's hash, also on a machine whose first secret is another one.
 */
export async function nextToken(
  keyring: Keyring,
  ringKey: RingKey,
  cookieName: string,
  handle: Bytes,
  current: { readonly hash: Bytes; readonly seed: Bytes },
): Promise<Bytes> {
  const message = concat(lengthPrefixed(cookieName), handle, current.hash, current.seed)
  return mac(keyring, ringKey, 'renew', message)
}

/** The hash of a token under another secret than the one that tagged it; under that one it is there already. */
export async function hashToken(
  keyring: Keyring,
  ringKey: RingKey,
  cookieName: string,
  { ringKey: own, handle, token, hash }: SessionToken,
): Promise<Bytes> {
  if (ringKey === own) return hash
  return (await sign(keyring, ringKey, cookieName, handle, token)).token.hash
}
