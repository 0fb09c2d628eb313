/** What is kept under a name. The key is with it, as a name is not turned back. */
export interface UnstorageRecord {
  readonly key: string
  readonly version: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly tags: readonly string[]
  readonly value: string
}

/** What begins with it looks like nothing to unstorage and to drivers that parse what looks like JSON. */
const MARK = 'w'

/**
 * One line. Without its end it was written in part; behind its end may be the rest of a longer one, where two wrote into
 * one file.
 */
export function serializeRecord({ key, version, expiresAt, tags, value }: UnstorageRecord): string {
  return line([key, version, expiresAt, tags, value])
}

/** Null for nothing, undefined for what is no record, or only a part of one. */
export function parseRecord(data: unknown): UnstorageRecord | null | undefined {
  if (data === null || data === undefined) return null
  const [key, version, expiresAt, tags, value] = (parseLine(data) ?? []) as [
    string,
    string,
    number,
    string[],
    string,
  ]
  return value === undefined ? undefined : { key, version, expiresAt, tags, value }
}

/** What an entry of the index says, which is kept under the names of the tag and the key. */
export function serializeExpiry(expiresAt: number): string {
  return line([expiresAt])
}

/** Undefined for anything else. */
export function parseExpiry(data: unknown): number | undefined {
  return (parseLine(data) as [number] | undefined)?.[0]
}

function line(parts: readonly unknown[]): string {
  return `${MARK}${JSON.stringify(parts)}\n`
}

function parseLine(data: unknown): unknown {
  const [text, end] = typeof data === 'string' ? data.split('\n', 2) : []
  if (text === undefined || end === undefined || !text.startsWith(MARK)) return undefined
  try {
    return JSON.parse(text.slice(MARK.length))
  } catch {
    return undefined
  }
}
