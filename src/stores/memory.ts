/**
 * Records in this process's memory: for tests, and for programs that run once.
 *
 * @module
 */
import type { SessionStore, StoreCapabilities, StoredValue } from '../store.ts'

export interface MemoryStoreOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
  /** When it is full, the record that was written longest ago makes room. @default 100000 */
  readonly maxEntries?: number | undefined
}

interface Entry extends StoredValue {
  readonly expiresAt: number
  readonly tags: readonly string[]
}

const CAPABILITIES: StoreCapabilities = { consistency: 'strong', atomicUpdate: true, index: 'atomic' }

/**
 * A bounded store that forgets what has expired. It ends with the process, and another process has another one.
 *
 * @throws {RangeError} When `maxEntries` is not a whole number of at least 1.
 */
export function memoryStore({
  clock = Date.now,
  maxEntries = 100_000,
}: MemoryStoreOptions = {}): SessionStore {
  if (!Number.isInteger(maxEntries) || maxEntries < 1) {
    throw new RangeError(`maxEntries must be a whole number of at least 1: current value is ${maxEntries}.`)
  }
  const entries = new Map<string, Entry>() // In the order of the last write.
  const index = new Map<string, Set<string>>()
  let writes = 0

  function find(key: string): Entry | null {
    const entry = entries.get(key)
    if (entry === undefined) return null
    if (entry.expiresAt > clock()) return entry
    remove(key, entry)
    return null
  }

  function read(key: string): StoredValue | null {
    const entry = find(key)
    return entry && { value: entry.value, version: entry.version }
  }

  function put(key: string, entry: Omit<Entry, 'version'>): string {
    const version = String(++writes)
    entries.set(key, { ...entry, version })
    for (const tag of entry.tags) index.set(tag, (index.get(tag) ?? new Set()).add(key))
    if (entries.size > maxEntries) makeRoom()
    return version
  }

  function remove(key: string, { tags }: Entry): void {
    entries.delete(key)
    for (const tag of tags) {
      const keys = index.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) index.delete(tag)
    }
  }

  function makeRoom(): void {
    const [oldest] = entries
    if (oldest !== undefined) remove(...oldest)
  }

  return {
    capabilities: CAPABILITIES,
    async get(key) {
      return read(key)
    },
    async getMany(keys) {
      return keys.map(read)
    },
    async create(key, value, { expiresAt, tags = [] }) {
      return find(key) === null ? put(key, { value, expiresAt, tags: [...tags] }) : null
    },
    async update(key, value, { expiresAt, version, tags }) {
      const entry = find(key)
      if (entry?.version !== version) return null
      remove(key, entry)
      return put(key, { value, expiresAt, tags: tags ? [...tags] : entry.tags })
    },
    async delete(key, { version } = {}) {
      const entry = find(key)
      if (entry && (version === undefined || version === entry.version)) remove(key, entry)
    },
    async list(tag) {
      return [...(index.get(tag) ?? [])].filter((key) => find(key) !== null)
    },
  }
}
