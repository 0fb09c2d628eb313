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
  const entries = new Entries(clock, maxEntries)

  return {
    capabilities: CAPABILITIES,
    async get(key) {
      return entries.read(key)
    },
    async getMany(keys) {
      return keys.map((key) => entries.read(key))
    },
    async create(key, value, { expiresAt, tags = [] }) {
      return entries.find(key) === null ? entries.put(key, { value, expiresAt, tags: [...tags] }) : null
    },
    async update(key, value, { expiresAt, version, tags }) {
      const entry = entries.find(key)
      if (entry?.version !== version) return null
      entries.remove(key, entry)
      return entries.put(key, { value, expiresAt, tags: tags ? [...tags] : entry.tags })
    },
    async delete(key, { version } = {}) {
      const entry = entries.find(key)
      if (entry && (version === undefined || version === entry.version)) entries.remove(key, entry)
    },
    async list(tag) {
      return entries.keysOf(tag).filter((key) => entries.find(key) !== null)
    },
  }
}

interface Entry extends StoredValue {
  readonly expiresAt: number
  readonly tags: readonly string[]
}

/** The records, in the order of their last write, and their index. */
class Entries {
  readonly #clock: () => number
  readonly #max: number
  readonly #entries = new Map<string, Entry>()
  readonly #index = new Map<string, Set<string>>()
  #writes = 0

  constructor(clock: () => number, max: number) {
    this.#clock = clock
    this.#max = max
  }

  read(key: string): StoredValue | null {
    const entry = this.find(key)
    return entry && { value: entry.value, version: entry.version }
  }

  find(key: string): Entry | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (entry.expiresAt > this.#clock()) return entry
    this.remove(key, entry)
    return null
  }

  keysOf(tag: string): string[] {
    return [...(this.#index.get(tag) ?? [])]
  }

  put(key: string, entry: Omit<Entry, 'version'>): string {
    const version = String(++this.#writes)
    this.#entries.set(key, { ...entry, version })
    for (const tag of entry.tags) this.#index.set(tag, (this.#index.get(tag) ?? new Set()).add(key))
    if (this.#entries.size > this.#max) this.#makeRoom()
    return version
  }

  remove(key: string, { tags }: Entry): void {
    this.#entries.delete(key)
    for (const tag of tags) {
      const keys = this.#index.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) this.#index.delete(tag)
    }
  }

  #makeRoom(): void {
    const [oldest] = this.#entries
    if (oldest !== undefined) this.remove(...oldest)
  }
}
