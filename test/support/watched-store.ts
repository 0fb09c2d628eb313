import type { SessionManagerOptions, SessionStore, StoredValue } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { type AnyData, type Site, site } from './site.ts'

/** A store that notes what is asked of it. */
export interface WatchedStore extends SessionStore {
  /** The methods called since the last time it was asked, in order. */
  calls(): string[]
  /** Everything that is there now, by key; asks the store behind, uncounted. */
  dump(): Promise<Map<string, StoredValue>>
  /** The options of the last write of each key. */
  readonly places: ReadonlyMap<string, { expiresAt: number; tags?: readonly string[] | undefined }>
}

export function watchedStore(store: SessionStore): WatchedStore {
  let log: string[] = []
  const places = new Map<string, { expiresAt: number; tags?: readonly string[] | undefined }>()
  const noted = <T>(method: string, call: () => T): T => {
    log.push(method)
    return call()
  }
  const { getMany, list } = store
  return {
    capabilities: store.capabilities,
    places,
    get: (key) => noted('get', () => store.get(key)),
    ...(getMany && { getMany: (keys) => noted('getMany', () => getMany.call(store, keys)) }),
    ...(list && { list: (tag) => noted('list', () => list.call(store, tag)) }),
    create: (key, value, options) =>
      noted('create', () => {
        places.set(key, options)
        return store.create(key, value, options)
      }),
    update: (key, value, options) =>
      noted('update', () => {
        places.set(key, options)
        return store.update(key, value, options)
      }),
    delete: (key, options) => noted('delete', () => store.delete(key, options)),
    calls() {
      const seen = log
      log = []
      return seen
    },
    async dump() {
      const found = new Map<string, StoredValue>()
      for (const key of places.keys()) {
        const value = await store.get(key)
        if (value !== null) found.set(key, value)
      }
      return found
    },
  }
}

/** A site that keeps its sessions in a store, told by one clock. */
export interface StoreSite<Data extends object> extends Site<Data> {
  readonly store: WatchedStore
}

/** @param change Methods that take the place of the memory store's. */
export function storeSite<Data extends object = AnyData>(
  options: Omit<Partial<SessionManagerOptions<Data>>, 'store'> = {},
  change: (store: SessionStore) => Partial<SessionStore> = () => ({}),
  clock: FakeClock = fakeClock(),
): StoreSite<Data> {
  const memory = memoryStore({ clock })
  const store = watchedStore({ ...memory, ...change(memory) })
  return { ...site<Data>({ ...options, store }, clock), store }
}
