import { type Bytes, concat, fromUtf8, readUint32, toBase64Url, utf8 } from '../encoding.ts'

/**
 * What a session is, wherever it is kept. Times are whole seconds since the epoch, rounded down; `authTime` is in
 * milliseconds. Never changed in place: every step of the life cycle makes a new one.
 */
export interface SessionRecord {
  /** 16 bytes, public: 8 new at sign-in, 8 new at every regeneration. */
  readonly handle: Bytes
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly idleExpiresAt: number
  readonly absoluteExpiresAt: number
  readonly user?: SignedIn | undefined
  readonly flash: Readonly<Record<string, unknown>>
  /** What the client was when the session was opened, where the option `binding` asks for it. */
  readonly binding?: Binding | undefined
  /** When the revocation marks were last read, in seconds, where there are some. */
  readonly checkedAt?: number | undefined
  /** Such as `Firefox on Windows`: for lists of devices. */
  readonly device?: string | undefined
  /** Such as `Lisbon, PT`: for lists of devices. */
  readonly location?: string | undefined
  /** The data as JSON text: compared as such, parsed once. */
  readonly data: string
}

/** Keyed hashes of what a client looks like; nothing of it in clear. */
export interface Binding {
  /** The secret that the hashes are made with, as a number. */
  readonly kid: number
  readonly hashes: Readonly<Record<string, string>>
}

/** The data of a session that nobody wrote to. */
export const NO_DATA = '{}'

/** Who signed in, when and how. */
export interface SignedIn {
  readonly id: string
  readonly authTime: number
  readonly amr: readonly string[]
  readonly acr?: string | undefined
  /** The cookie outlives the browser, and the `remember` timeouts hold. */
  readonly remember: boolean
}

/** The half of a handle that stays through regenerations, for names. */
export function sessionPart(handle: Uint8Array): string {
  return toBase64Url(handle.subarray(0, SESSION_PART))
}

/** True for one session under whatever ids; handles are public, and need no constant time. */
export function sameSession(a: Uint8Array, b: Uint8Array): boolean {
  return sessionPart(a) === sessionPart(b)
}

/** Bytes of a handle that are new only at sign-in; the others are new at every regeneration. */
const SESSION_PART = 8

/** handle 16 | createdAt 4 | lastSeenAt 4 | idleExpiresAt 4 | absoluteExpiresAt 4 | authTime 6 | meta, LF, data. */
const TIMES = 16
const AUTH_TIME = 32
const JSON_AT = 38
const LF = '\n'

/** Anything that JSON.parse could turn into an own `__proto__` key: any of its letters may be escaped. */
const SUSPECT = /__proto__|\\u/

/** The bytes that are sealed; the layout is described in docs/format.md. */
export function encodeRecord(record: SessionRecord): Bytes {
  const head = new Uint8Array(JSON_AT)
  const view = new DataView(head.buffer)
  const authTime = record.user?.authTime ?? 0
  head.set(record.handle)
  const times = [record.createdAt, record.lastSeenAt, record.idleExpiresAt, record.absoluteExpiresAt]
  times.forEach((time, i) => {
    view.setUint32(TIMES + 4 * i, time)
  })
  view.setUint16(AUTH_TIME, Math.floor(authTime / 2 ** 32))
  view.setUint32(AUTH_TIME + 2, authTime % 2 ** 32)
  return concat(head, utf8(encodeMeta(record) + LF + record.data))
}

/** The record in the bytes and its data, or null when they are not one. */
export function decodeRecord(bytes: Bytes): { record: SessionRecord; data: object } | null {
  const text = bytes.length > JSON_AT ? fromUtf8(bytes.subarray(JSON_AT)) : null
  const lineEnd = text?.indexOf(LF) ?? -1
  if (text === null || lineEnd === -1) return null
  const meta = lineEnd === 0 ? [] : parse(text.slice(0, lineEnd))
  const dataText = text.slice(lineEnd + 1)
  const data = parse(dataText)
  if (!Array.isArray(meta) || !isPlain(data)) return null
  const [id = null, amr = null, acr = null, remember = null, flash = null, more = null] = meta
  const authTime = (readUint32(bytes, AUTH_TIME) >>> 16) * 2 ** 32 + readUint32(bytes, AUTH_TIME + 2)
  if (!isMeta(id, amr, acr, flash) || !isMore(more)) return null
  const record: SessionRecord = {
    handle: bytes.slice(0, TIMES),
    createdAt: readUint32(bytes, TIMES),
    lastSeenAt: readUint32(bytes, TIMES + 4),
    idleExpiresAt: readUint32(bytes, TIMES + 8),
    absoluteExpiresAt: readUint32(bytes, TIMES + 12),
    user:
      id === null
        ? undefined
        : { id, authTime, amr: amr ?? [], acr: acr ?? undefined, remember: remember === 1 },
    flash: flash ?? {},
    ...decodeMore(more ?? {}),
    data: dataText,
  }
  return { record, data }
}

/** `[userId, amr, acr, remember, flash, more]` without the empty ones at the end; nothing at all when every one is. */
function encodeMeta(record: SessionRecord): string {
  const { user, flash } = record
  const meta: unknown[] = [
    user?.id ?? null,
    user?.amr.length ? user.amr : null,
    user?.acr ?? null,
    user?.remember ? 1 : null,
    Object.keys(flash).length > 0 ? flash : null,
    encodeMore(record),
  ]
  while (meta.length > 0 && meta.at(-1) === null) meta.pop()
  return meta.length === 0 ? '' : JSON.stringify(meta)
}

function isMeta(id: unknown, amr: unknown, acr: unknown, flash: unknown): boolean {
  return (
    (id === null || typeof id === 'string') &&
    (amr === null || (Array.isArray(amr) && amr.every((method) => typeof method === 'string'))) &&
    (acr === null || typeof acr === 'string') &&
    (flash === null || isPlain(flash))
  )
}

/** What only some configurations keep, under short names: a cookie has little room. */
interface More {
  readonly b?: readonly [number, Record<string, string>]
  readonly c?: number
  readonly d?: string
  readonly l?: string
}

function encodeMore({ binding, checkedAt, device, location }: SessionRecord): More | null {
  const more: More = {
    ...(binding && { b: [binding.kid, { ...binding.hashes }] }),
    ...(checkedAt !== undefined && { c: checkedAt }),
    ...(device && { d: device }),
    ...(location && { l: location }),
  }
  return Object.keys(more).length > 0 ? more : null
}

function decodeMore({ b, c, d, l }: More): Partial<SessionRecord> {
  return {
    ...(b && { binding: { kid: b[0], hashes: b[1] } }),
    ...(c !== undefined && { checkedAt: c }),
    ...(d !== undefined && { device: d }),
    ...(l !== undefined && { location: l }),
  }
}

/** What is authentic was written by this library, and still only what has the right shape is let in. */
function isMore(more: unknown): more is More | null {
  if (more === null) return true
  if (!isPlain(more)) return false
  const { b = [0, {}], c = 0, d = '', l = '' } = more as Record<string, unknown>
  const bound = Array.isArray(b) && typeof b[0] === 'number' && isPlain(b[1])
  return bound && typeof c === 'number' && typeof d === 'string' && typeof l === 'string'
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value, or undefined for anything that is not JSON or has a key that could reach a prototype. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text, SUSPECT.test(text) ? refuseProto : undefined)
  } catch {
    return undefined
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a key named __proto__')
  return value
}
