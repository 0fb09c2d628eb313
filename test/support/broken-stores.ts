import type { SessionStore, StoreCapabilities } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock, laggingStore, type StoreSetup } from 'wafer-session/testing'

type Change = (store: SessionStore) => Partial<SessionStore>

/** A sound store with methods that are not, all told by one clock. */
export function changed(change: Change = () => ({})): StoreSetup {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  return { store: { ...store, ...change(store) }, advance: clock.advance, now: clock }
}

/** A store whose `update` throws for as long as it is broken, and its `delete` where nothing is to be cleaned up either. */
export function breakable({ deletes = true } = {}) {
  const fault = {
    isBroken: false,
    change: (store: SessionStore): Pick<SessionStore, 'update' | 'delete'> => ({
      async update(...args) {
        if (fault.isBroken) throw new Error('connection reset')
        return store.update(...args)
      },
      async delete(...args) {
        if (fault.isBroken && !deletes) throw new Error('connection reset')
        return store.delete(...args)
      },
    }),
  }
  return fault
}

/** The same with other declarations. */
export function declaring(capabilities: Partial<StoreCapabilities>, change: Change = () => ({})): StoreSetup {
  return changed((store) => ({
    capabilities: { ...store.capabilities, ...capabilities },
    ...change(store),
  }))
}

/** Two places that lag, and what they say of it. */
export function lagging(staleFor: number, capabilities: Partial<StoreCapabilities> = {}): StoreSetup {
  const clock = fakeClock()
  const origin = memoryStore({ clock })
  const place = () => {
    const twin = laggingStore(origin, { staleFor, clock })
    return { ...twin, capabilities: { ...twin.capabilities, ...capabilities } }
  }
  return { store: place(), peer: place(), advance: clock.advance, now: clock }
}

/** As a get and a put over a network would be. */
export const lastWriteWins: Change = (store) => ({
  async update(key, value, options) {
    if ((await store.get(key))?.version !== options.version) return null
    for (;;) {
      const version = (await store.get(key))?.version
      if (version === undefined) return null
      const written = await store.update(key, value, { ...options, version })
      if (written !== null) return written
    }
  },
})

/** Checks, and then writes whatever has happened meanwhile. */
export const putsBack: Change = (store) => ({
  async update(key, value, options) {
    if ((await store.get(key))?.version !== options.version) return null
    await store.get(key)
    return (await store.update(key, value, options)) ?? store.create(key, value, options)
  },
})

export const resurrects: Change = (store) => ({
  async update(key, value, options) {
    const there = await store.get(key)
    return there ? store.update(key, value, options) : store.create(key, value, options)
  },
})

export const createOverwrites: Change = (store) => ({
  async create(key, value, options) {
    const there = await store.get(key)
    return there
      ? store.update(key, value, { ...options, version: there.version })
      : store.create(key, value, options)
  },
})

/** Looks, and then inserts: of two at once both are told that they won. */
export const createLooksFirst: Change = (store) => ({
  async create(key, value, options) {
    if ((await store.get(key)) !== null) return null
    return (await store.create(key, value, options)) ?? 'thought it was mine'
  },
})

export const deleteLooksFirst: Change = (store) => ({
  async delete(key, options = {}) {
    if (options.version !== undefined && (await store.get(key))?.version !== options.version) return
    for (let turn = 0; turn < 10; turn++) await store.get(key)
    await store.delete(key)
  },
})

export const deleteForgetsVersion: Change = (store) => ({ delete: (key) => store.delete(key) })

/** The record first and its entry later: a moment in which the one is there without the other. */
export const indexComesLate: Change = (store) => {
  const late = new Set<string>()
  return {
    async create(key, value, options) {
      late.add(key)
      const version = await store.create(key, value, options)
      for (let i = 0; i < 50; i++) await store.get(key)
      late.delete(key)
      return version
    },
    list: async (tag) => ((await store.list?.(tag)) ?? []).filter((key) => !late.has(key)),
  }
}

/** A tag's first ten only, as of a page that nobody turns. */
export const listMisses: Change = (store) => ({
  list: async (tag) => ((await store.list?.(tag)) ?? []).slice(0, 10),
})

export const listShowsDead: Change = (store) => {
  const ever = new Map<string, Set<string>>()
  return {
    async create(key, value, options) {
      for (const tag of options.tags ?? []) ever.set(tag, (ever.get(tag) ?? new Set()).add(key))
      return store.create(key, value, options)
    },
    list: async (tag) => [...(ever.get(tag) ?? [])],
  }
}

export const updateDropsTags: Change = (store) => ({
  update: (key, value, options) => store.update(key, value, { ...options, tags: options.tags ?? [] }),
})

export const updateKeepsTags: Change = (store) => ({
  update: (key, value, { expiresAt, version }) => store.update(key, value, { expiresAt, version }),
})

/** Each record counts its versions from 1. */
export const versionsStartAgain: Change = (store) => {
  const counts = new Map<string, { count: number; version: string }>()
  const inner = (key: string, version: string) => {
    const known = counts.get(key)
    return String(known?.count) === version && known ? known.version : 'none'
  }
  const outer = (key: string, version: string | null, count: number) => {
    if (version !== null) counts.set(key, { count, version })
    return version && String(count)
  }
  return {
    async get(key) {
      const record = await store.get(key)
      return record && { ...record, version: String(counts.get(key)?.count) }
    },
    getMany: undefined as never,
    create: async (key, value, options) => outer(key, await store.create(key, value, options), 1),
    async update(key, value, options) {
      const version = await store.update(key, value, { ...options, version: inner(key, options.version) })
      return outer(key, version, Number(options.version) + 1)
    },
    delete: (key, { version } = {}) =>
      store.delete(key, version === undefined ? {} : { version: inner(key, version) }),
  }
}

/** What the client makes of an answer that looks like JSON. */
export const deserialises: Change = (store) => {
  const parse = (text: string) => {
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  }
  return {
    async get(key) {
      const record = await store.get(key)
      return record && { ...record, value: parse(record.value) }
    },
    getMany: async (keys) =>
      (await Promise.all(keys.map(store.get))).map(
        (record) => record && { ...record, value: parse(record.value) },
      ),
  }
}

/** With every key put through this. */
export function mappingKeys(map: (key: string) => string): Change {
  return (store) => ({
    get: (key) => store.get(map(key)),
    getMany: async (keys) => Promise.all(keys.map((key) => store.get(map(key)))),
    create: (key, value, options) => store.create(map(key), value, options),
    update: (key, value, options) => store.update(map(key), value, options),
    delete: (key, options) => store.delete(map(key), options),
  })
}

/** As where keys are the properties of an object. */
export const losesProto: Change = (store) => ({
  get: async (key) => (key === '__proto__' ? null : store.get(key)),
})

/** An entry of the index is a tag and a key, one after the other. Sound but for that. */
export const joinsTagAndKey: Change = (store) => {
  const entries = new Set<string>()
  const entriesOf = new Map<string, string[]>()
  const put = (key: string, tags: readonly string[]) => {
    for (const entry of entriesOf.get(key) ?? []) entries.delete(entry)
    entriesOf.set(
      key,
      tags.map((tag) => `${tag}:${key}`),
    )
    for (const entry of entriesOf.get(key) ?? []) entries.add(entry)
  }
  return {
    async create(key, value, options) {
      const version = await store.create(key, value, options)
      if (version !== null) put(key, options.tags ?? [])
      return version
    },
    async update(key, value, options) {
      const version = await store.update(key, value, options)
      if (version !== null && options.tags) put(key, options.tags)
      return version
    },
    async list(tag) {
      const keys = [...entries].filter((entry) => entry.startsWith(`${tag}:`))
      const there = keys.map((entry) => entry.slice(tag.length + 1))
      const records = await Promise.all(there.map(store.get))
      return there.filter((_, i) => records[i])
    },
  }
}

export const getManySkips: Change = (store) => ({
  getMany: async (keys) => (await Promise.all(keys.map(store.get))).filter((record) => record !== null),
})

export const cuts: Change = (store) => ({
  create: (key, value, options) => store.create(key, value.slice(0, 65_536), options),
})

export const neverMovesExpiry: Change = (store) => {
  const expiries = new Map<string, number>()
  return {
    create(key, value, options) {
      expiries.set(key, options.expiresAt)
      return store.create(key, value, options)
    },
    update: (key, value, options) =>
      store.update(key, value, { ...options, expiresAt: expiries.get(key) ?? options.expiresAt }),
  }
}

export const throwsForMissing: Change = (store) => ({
  async get(key) {
    const record = await store.get(key)
    if (record === null) throw new Error('404')
    return record
  },
})

/** The same text has the same version. */
export const versionOfValue: Change = (store) => {
  const hash = (value: string) => `#${value.length}-${value}`
  const real = async (key: string, version: string) => {
    const record = await store.get(key)
    return record && hash(record.value) === version ? record.version : 'none'
  }
  return {
    async get(key) {
      const record = await store.get(key)
      return record && { ...record, version: hash(record.value) }
    },
    getMany: undefined as never,
    create: async (key, value, options) => (await store.create(key, value, options)) && hash(value),
    async update(key, value, options) {
      const version = await real(key, options.version)
      return (await store.update(key, value, { ...options, version })) && hash(value)
    },
    async delete(key, { version } = {}) {
      await store.delete(key, version === undefined ? {} : { version: await real(key, version) })
    },
  }
}
