import { type Bytes, concat, readUint32 } from '../encoding.ts'
import type { SessionRecord } from './record.ts'
import { decodeRecord, encodeRecord } from './record-bytes.ts'

/** What a record at rest holds besides the session: how its bearer is known, and where it is listed. */
export interface LiveSession {
  readonly record: SessionRecord
  readonly tokens: TokenState
  /** 16 bytes each. */
  readonly tags: readonly Bytes[]
}

/** The token of a session, and the one before. */
export interface TokenState {
  readonly current: {
    /** 16 bytes. */
    readonly hash: Bytes
    /** The secret that the hash is made with, as a number. */
    readonly kid: number
    /** When it became the token, in seconds. */
    readonly since: number
    /** 16 random bytes, of which the next token is made. */
    readonly seed: Bytes
  }
  readonly previous?: { readonly hash: Bytes; readonly kid: number; readonly replacedAt: number } | undefined
}

/** What is left of a session that has moved on or ended, so that whoever comes late can be told apart from a thief. */
export interface Tombstone {
  /** Seconds. */
  readonly endedAt: number
  /** The handle of the session that this one has become, after a regeneration or a re-authentication. */
  readonly successor?: Bytes | undefined
}

/**
 * `01 | hash 16 | kid 4 | since 4 | seed 16 | hash 16 | kid 4 | replacedAt 4 | count 1 | tags 16 each | record`: the
 * current token, the one before (zeros when there is none), the tags, and the record as a cookie has it.
 */
const LIVE = 1
const HEAD = 66
const TAG = 16

/** `02 | endedAt 4 | successor 16, or nothing`. */
const ENDED = 2

export function encodeLive({ record, tokens: { current, previous }, tags }: LiveSession): Bytes {
  const head = new Uint8Array(HEAD)
  const view = new DataView(head.buffer)
  head[0] = LIVE
  head.set(current.hash, 1)
  view.setUint32(17, current.kid)
  view.setUint32(21, current.since)
  head.set(current.seed, 25)
  if (previous !== undefined) {
    head.set(previous.hash, 41)
    view.setUint32(57, previous.kid)
    view.setUint32(61, previous.replacedAt)
  }
  head[65] = tags.length
  return concat(head, ...tags, encodeRecord(record))
}

export function encodeTombstone({ endedAt, successor = new Uint8Array(0) }: Tombstone): Bytes {
  const head = new Uint8Array(5)
  head[0] = ENDED
  new DataView(head.buffer).setUint32(1, endedAt)
  return concat(head, successor)
}

/** What the bytes hold, or null when they hold neither. */
export function decodeStored(bytes: Bytes): (LiveSession & { readonly data: object }) | Tombstone | null {
  if (bytes[0] === LIVE && bytes.length > HEAD) return decodeLive(bytes)
  if (bytes[0] !== ENDED || ![5, 21].includes(bytes.length)) return null
  return { endedAt: readUint32(bytes, 1), successor: bytes.length > 5 ? bytes.slice(5) : undefined }
}

function decodeLive(bytes: Bytes): (LiveSession & { readonly data: object }) | null {
  const recordAt = HEAD + TAG * (bytes[65] as number)
  const decoded = decodeRecord(bytes.slice(recordAt))
  if (decoded === null) return null
  const replacedAt = readUint32(bytes, 61)
  const tags = Array.from({ length: bytes[65] as number }, (_, i) =>
    bytes.slice(HEAD + TAG * i, HEAD + TAG * (i + 1)),
  )
  return {
    ...decoded,
    tokens: {
      current: {
        hash: bytes.slice(1, 17),
        kid: readUint32(bytes, 17),
        since: readUint32(bytes, 21),
        seed: bytes.slice(25, 41),
      },
      previous:
        replacedAt === 0 ? undefined : { hash: bytes.slice(41, 57), kid: readUint32(bytes, 57), replacedAt },
    },
    tags,
  }
}
