import type { SessionStore } from '../../src/index.ts'
import type { Calls } from './calls.ts'

/** Counts the calls of a store, each of which is one round trip and, on Upstash, one command. */
export function countingStore(store: SessionStore, calls: Calls): SessionStore {
  const read = <T>(call: () => T): T => {
    calls.reads += 1
    return call()
  }
  const write = <T>(call: () => T): T => {
    calls.writes += 1
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
  }
}
