import type { SessionStore } from '../src/index.ts'

/** A store that counts its calls, each of which is one round trip. */
export interface CountingStore extends SessionStore {
  reset(): void
  /** Calls since the last reset. */
  total(): { reads: number; writes: number }
}

export function countingStore(store: SessionStore): CountingStore {
  let [reads, writes] = [0, 0]
  const read = <T>(call: () => T): T => {
    reads += 1
    return call()
  }
  const write = <T>(call: () => T): T => {
    writes += 1
    return call()
  }
  return {
    capabilities: store.capabilities,
    get: (key) => read(() => store.get(key)),
    getMany: (keys) => read(() => store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key)))),
    list: (tag) => read(async () => (await store.list?.(tag)) ?? []),
    create: (...args) => write(() => store.create(...args)),
    update: (...args) => write(() => store.update(...args)),
    delete: (...args) => write(() => store.delete(...args)),
    reset() {
      reads = 0
      writes = 0
    },
    total: () => ({ reads, writes }),
  }
}
