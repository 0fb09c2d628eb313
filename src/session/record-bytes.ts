import { type Bytes, fromUtf8, readUint32, utf8, writeUint32 } from '../encoding.ts'
import { isPlain } from './json.ts'
import { decodeMore, encodeMore, isMore, oidcOf } from './more.ts'
import type { SessionRecord } from './record.ts'

/** handle 16 | createdAt 4 | lastSeenAt 4 | idleExpiresAt 4 | absoluteExpiresAt 4 | authTime 6 | meta, LF, data. */
const TIMES = 16
const AUTH_TIME = 32
const JSON_AT = 38
const LF = '\n'

/** Anything that JSON.parse could turn into an own `__proto__` key: any of its letters may be escaped. */
const SUSPECT = /__proto__|\\u/

/** The bytes that are sealed; the layout is described in docs/format.md. */
export function encodeRecord(record: SessionRecord): Bytes {
  const text = utf8(encodeMeta(record) + LF + record.data)
  const bytes = new Uint8Array(JSON_AT + text.length)
  const authTime = record.user?.authTime ?? 0
  bytes.set(record.handle)
  writeUint32(bytes, TIMES, record.createdAt)
  writeUint32(bytes, TIMES + 4, record.lastSeenAt)
  writeUint32(bytes, TIMES + 8, record.idleExpiresAt)
  writeUint32(bytes, TIMES + 12, record.absoluteExpiresAt)
  writeUint32(bytes, AUTH_TIME + 2, authTime % 2 ** 32)
  bytes[AUTH_TIME] = authTime / 2 ** 40
  bytes[AUTH_TIME + 1] = authTime / 2 ** 32
  bytes.set(text, JSON_AT)
  return bytes
}

/** The record in the bytes and its data, or null when they are not one. */
export function decodeRecord(bytes: Bytes): { record: SessionRecord; data: object } | null {
  const text = fromUtf8(bytes.subarray(JSON_AT)) ?? '' // Of too few bytes it is empty, too.
  const lineEnd = text.indexOf(LF)
  if (lineEnd === -1) return null
  const reviver = SUSPECT.test(text) ? refuseProto : undefined
  const meta = lineEnd === 0 ? [] : parse(text.slice(0, lineEnd), reviver)
  const dataText = text.slice(lineEnd + 1)
  const data = parse(dataText, reviver)
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
        : {
            id,
            authTime,
            amr: amr ?? [],
            acr: acr ?? undefined,
            remember: remember === 1,
            ...oidcOf(more?.o),
          },
    flash: flash ?? {},
    data: dataText,
  }
  return { record: more === null ? record : { ...record, ...decodeMore(more) }, data } // Seldom there.
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
  while (meta.at(-1) === null) meta.pop()
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

/** The value, or undefined for anything that is not JSON or has a key that could reach a prototype. */
function parse(text: string, reviver: typeof refuseProto | undefined): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch {
    return undefined
  }
}

function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('a key named __proto__')
  return value
}
