import type { StoredValue } from '../store.ts'

/** What stands under a record's name, as JSON: the 1024 bytes of KV's metadata may be too few for the tags. */
export interface KVRecord extends StoredValue {
  /** Milliseconds since the epoch. KV itself knows seconds, and no life of less than 60. */
  readonly expiresAt: number
  readonly tags: readonly string[]
}

export function newRecord(value: string, expiresAt: number, tags: readonly string[]): KVRecord {
  return { version: crypto.randomUUID(), expiresAt, tags: [...new Set(tags)], value }
}

/** @param now Milliseconds since the epoch; what has expired by then is null. */
export function parseRecord(text: string | null | undefined, now: number): KVRecord | null {
  if (text === null || text === undefined) return null
  const record = ours(text) ?? foreign(text)
  return record.expiresAt > now ? record : null
}

export function storedValue(record: KVRecord | null): StoredValue | null {
  return record && { value: record.value, version: record.version }
}

function ours(text: string): KVRecord | null {
  try {
    const record: unknown = JSON.parse(text)
    return isRecord(record) ? record : null
  } catch {
    return null
  }
}

/** What somebody else wrote is handed on, for whoever opens values to report it; null would hide it. */
function foreign(text: string): KVRecord {
  return { version: '', expiresAt: Number.POSITIVE_INFINITY, tags: [], value: text }
}

function isRecord(record: unknown): record is KVRecord {
  const { version, expiresAt, tags, value } = (record ?? {}) as Partial<KVRecord>
  const strings = typeof version === 'string' && typeof value === 'string'
  return strings && typeof expiresAt === 'number' && Array.isArray(tags)
}
