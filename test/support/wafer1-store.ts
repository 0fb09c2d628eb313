/**
 * The formats of sessions in a store a second time, written from the description alone: it shares no line with src/.
 */
import { base64url, hex, hkdf, hmac, kidOf, lp, number } from './wafer1.ts'

type Bytes = Uint8Array<ArrayBuffer>

export interface IdCookie {
  readonly version: number
  /** Hexadecimal, as are the others. */
  readonly kid: string
  readonly handle: string
  readonly token: string
  readonly tag: string
}

/** What one HMAC gives: the cookie's value, and what the record keeps of the token. */
export interface SignedId {
  /** Hexadecimal. */
  readonly key: string
  readonly message: string
  readonly digest: string
  readonly tag: string
  readonly hash: string
  readonly value: string
}

export interface Stored {
  readonly kind: 'live'
  /** Hexadecimal, 16 bytes, as are the other hashes, the seed and the tags. */
  readonly hash: string
  /** Hexadecimal. */
  readonly kid: string
  /** Seconds. */
  readonly since: number
  readonly seed: string
  readonly previous: { readonly hash: string; readonly kid: string; readonly replacedAt: number } | null
  readonly tags: readonly string[]
  /** Hexadecimal: a record as a sealed cookie has it. */
  readonly record: string
}

export interface Buried {
  readonly kind: 'tombstone'
  /** Seconds. */
  readonly endedAt: number
  /** Hexadecimal. */
  readonly successor: string | null
}

export interface Owner {
  readonly secret: Bytes
  readonly cookieName: string
}

/** `02 | kid 4 | handle 16 | token 32 | tag 16`. */
export async function signId(
  { secret, cookieName }: Owner,
  handle: Uint8Array,
  token: Uint8Array,
  version = 2,
): Promise<SignedId> {
  const key = await macKey(secret, 'token')
  const message = Uint8Array.from([...lp(cookieName), ...handle, ...token])
  const digest = await hmac(key, message)
  const tag = digest.slice(0, 16)
  const value = Uint8Array.from([version, ...(await kidOf(secret)), ...handle, ...token, ...tag])
  return {
    key: hex(key),
    message: hex(message),
    digest: hex(digest),
    tag: hex(tag),
    hash: hex(digest.slice(16)),
    value: base64url(value),
  }
}

/** The parts of an id cookie, whether or not its tag is right. */
export function partsOf(value: Uint8Array): IdCookie {
  const part = (from: number, to: number) => hex(value.subarray(from, to))
  const [version = -1] = value
  return { version, kid: part(1, 5), handle: part(5, 21), token: part(21, 53), tag: part(53, 69) }
}

/** The token that is offered to whoever holds the current one. */
export async function nextToken(
  { secret, cookieName }: Owner,
  handle: Uint8Array,
  hash: Uint8Array,
  seed: Uint8Array,
): Promise<Bytes> {
  return hmac(
    await macKey(secret, 'renew'),
    Uint8Array.from([...lp(cookieName), ...handle, ...hash, ...seed]),
  )
}

/** What a user's sessions are listed under. */
export async function userTag(secret: Bytes, userId: string): Promise<Bytes> {
  return (await hmac(await macKey(secret, 'tag'), Uint8Array.from([...lp('user'), ...lp(userId)]))).slice(
    0,
    16,
  )
}

export function encodeStored(content: Stored | Buried): Bytes {
  if (content.kind === 'tombstone') {
    return Uint8Array.from([2, ...number(content.endedAt, 4), ...bytes(content.successor ?? '')])
  }
  const { hash, kid, since, seed, previous, tags, record } = content
  const before = previous ?? { hash: '00'.repeat(16), kid: '00000000', replacedAt: 0 }
  return Uint8Array.from([
    1,
    ...bytes(hash + kid),
    ...number(since, 4),
    ...bytes(seed + before.hash + before.kid),
    ...number(before.replacedAt, 4),
    tags.length,
    ...bytes(tags.join('')),
    ...bytes(record),
  ])
}

export function decodeStored(content: Uint8Array): Stored | Buried {
  let at = 0
  const take = (length: number) => {
    at += length
    return hex(content.subarray(at - length, at))
  }
  const takeNumber = (length: number) => Number.parseInt(take(length), 16)
  if (takeNumber(1) === 2) {
    const endedAt = takeNumber(4)
    return { kind: 'tombstone', endedAt, successor: content.length > 5 ? take(16) : null }
  }
  const [hash, kid, since, seed] = [take(16), take(4), takeNumber(4), take(16)]
  const previous = { hash: take(16), kid: take(4), replacedAt: takeNumber(4) }
  const tags = Array.from({ length: takeNumber(1) }, () => take(16))
  const record = take(content.length - at)
  return {
    kind: 'live',
    hash,
    kid,
    since,
    seed,
    previous: previous.replacedAt === 0 ? null : previous,
    tags,
    record,
  }
}

function macKey(secret: Bytes, use: string): Promise<Bytes> {
  return hkdf(secret, [...lp('wafer/1'), ...lp(use)], 32)
}

function bytes(text: string): number[] {
  return Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}

/** The first half of an HMAC over names: what a session is listed under, the key of a mark, the key of a state. */
export async function tagOf(secret: Bytes, ...names: readonly string[]): Promise<Bytes> {
  return (await hmac(await macKey(secret, 'tag'), Uint8Array.from(names.flatMap(lp)))).slice(0, 16)
}

/** What a feature keeps on the server. */
export interface State {
  /** Milliseconds. */
  readonly expiresAt: number
  readonly value: unknown
  /** The key under which it goes on; not there where it stays. */
  readonly movedTo?: string
  /** True once it is there. */
  readonly hasMoved?: boolean
}

export function encodeState({ expiresAt, value, movedTo, hasMoved }: State): Bytes {
  const content = [expiresAt, value, ...(movedTo === undefined ? [] : [movedTo]), ...(hasMoved ? [1] : [])]
  const text = new TextEncoder().encode(JSON.stringify(content))
  return Uint8Array.from([movedTo === undefined ? 3 : 4, ...text])
}

/** Null for what is none. */
export function decodeState(content: Uint8Array): State | null {
  if (content[0] !== 3 && content[0] !== 4) return null
  const [expiresAt, value, movedTo, there] = JSON.parse(new TextDecoder().decode(content.subarray(1)))
  if (content[0] === 3) return { expiresAt, value }
  return { expiresAt, value, movedTo, hasMoved: there === 1 }
}
