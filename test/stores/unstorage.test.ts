import { createStorage, type Driver, prefixStorage } from 'unstorage'
import memoryDriver from 'unstorage/drivers/memory'
import { describe, expect, test } from 'vitest'
import { type UnstorageStoreOptions, unstorageStore } from 'wafer-session/stores/unstorage'
import { describeStore, fakeClock } from 'wafer-session/testing'

describeStore('unstorageStore over memory', () => {
  const clock = fakeClock()
  const storage = createStorage()
  const [store, peer] = [unstorageStore(storage, { clock }), unstorageStore(storage, { clock })]
  return { store, peer, advance: clock.advance, now: clock }
})

describeStore('unstorageStore over a part of a storage', () => {
  const clock = fakeClock()
  const storage = prefixStorage(createStorage().mount('deep:er', memoryDriver()), 'deep:er:here')
  return { store: unstorageStore(storage, { clock, prefix: '' }), advance: clock.advance, now: clock }
})

describeStore('unstorageStore over a driver of which nothing is known', () => {
  const clock = fakeClock()
  return { store: unstorageStore(storageOf({}), { clock }), advance: clock.advance, now: clock }
})

describe('capabilities', () => {
  const STALE = { consistency: { staleFor: 60 }, atomicUpdate: false, index: { staleFor: 60 } }
  const UNKNOWN = { staleFor: Number.POSITIVE_INFINITY }

  test('are strong by themselves for what is local only, and never atomic', () => {
    expect(unstorageStore(createStorage()).capabilities).toEqual({
      consistency: 'strong',
      atomicUpdate: false,
      index: 'ordered',
    })
  })

  test('have no bound for any other driver, nor when one is mounted somewhere', () => {
    const { name: _, ...nameless } = memoryDriver()
    const unknown = { consistency: UNKNOWN, atomicUpdate: false, index: UNKNOWN }
    expect(unstorageStore(storageOf({})).capabilities).toEqual(unknown)
    expect(unstorageStore(createStorage({ driver: nameless })).capabilities).toEqual(unknown)
    const mounted = createStorage().mount('far', { ...memoryDriver(), name: 'far' })
    expect(unstorageStore(prefixStorage(mounted, 'far')).capabilities).toEqual(unknown)
  })

  test('are what consistency says, where it is given', () => {
    expect(unstorageStore(storageOf({}), { consistency: 'strong' }).capabilities.index).toBe('ordered')
    expect(unstorageStore(createStorage(), { consistency: { staleFor: 60 } }).capabilities).toEqual(STALE)
  })

  test.each<UnstorageStoreOptions>([
    { consistency: { staleFor: 0 } },
    { consistency: { staleFor: Number.NaN } },
    { prefix: 'no colon' },
    { prefix: '../' },
    { prefix: '..:' },
    { prefix: 'a::b:' },
    { prefix: 'session' },
  ])('%o is a RangeError', (options) => {
    expect(() => unstorageStore(createStorage(), options)).toThrow(RangeError)
  })
})

describe('what drivers do', () => {
  test('ttl is given in seconds, rounded up, to records and to the index', async () => {
    const clock = fakeClock()
    const ttls: unknown[] = []
    const driver = memoryDriver()
    const storage = storageOf({
      setItem: (key, value, options) => {
        ttls.push(options.ttl)
        return driver.setItem?.(key, value, options)
      },
    })
    const store = unstorageStore(storage, { clock })
    await store.create('key', 'value', { expiresAt: clock() + 59_001, tags: ['tag'] })
    await store.create('late', 'value', { expiresAt: clock() - 5000 })
    expect(ttls).toEqual([60, 60, 1])
  })

  test('getMany asks once', async () => {
    const storage = createStorage()
    const store = unstorageStore(storage)
    await store.create('key', 'value', { expiresAt: Date.now() + 60_000 })
    const asked: string[][] = []
    const counted = unstorageStore({
      ...storage,
      getItem: () => expect.unreachable(),
      getItems: (keys: string[]) => {
        asked.push(keys)
        return storage.getItems<string>(keys)
      },
    })
    const records = await counted.getMany?.(['key', 'none', 'key'])
    expect(records?.map((record) => record?.value)).toEqual(['value', undefined, 'value'])
    expect(asked.map((keys) => keys.length)).toEqual([2])
  })

  test('a driver that answers many with other names is asked for each', async () => {
    const storage = createStorage()
    const store = unstorageStore({
      ...storage,
      getItems: async (keys: string[]) => keys.map((key) => ({ key: `base:${key}`, value: null })),
    })
    await store.create('key', 'value', { expiresAt: Date.now() + 60_000 })
    expect((await store.getMany?.(['key']))?.[0]?.value).toBe('value')
  })

  test('a record that is read while it is written is read again', async () => {
    const [storage] = await kept()
    const [name = ''] = await storage.getKeys('session:r')
    const whole = String(await storage.getItem(name))
    const parts = ['', whole.slice(0, 1), whole.slice(0, 20), whole.slice(0, -1)]
    const reads = [...parts, whole]
    const store = unstorageStore(storageOf({ getItem: () => reads.shift() ?? null }))
    expect((await store.get('key'))?.value).toBe('value')
    expect(reads).toEqual([])
  })

  test('a record in part, or of others, rejects: it is no miss; and delete removes it', async () => {
    const [storage, store] = await kept()
    const [name = ''] = await storage.getKeys('session:r')
    const whole = String(await storage.getItem(name))
    const broken = ['', whole.slice(0, -1), 'foreign\n', 'w\n', 'w[1]\n', '{"a":1}']
    const stores = broken.map((data) => unstorageStore(storageOf({ getItem: () => data })))
    const reads = await Promise.allSettled(stores.map((each) => each.get('key')))
    expect(reads.map(({ status }) => status)).toEqual(broken.map(() => 'rejected'))
    await storage.setItem(name, 'foreign')
    await expect(store.create('key', 'value', { expiresAt: Date.now() + 60_000 })).rejects.toThrow(
      'is no record',
    )
    await store.delete('key')
    expect(await store.get('key')).toBeNull()
  })

  test('what two wrote into one file is what the last one wrote', async () => {
    const [storage, store] = await kept()
    const [name = ''] = await storage.getKeys('session:r')
    await storage.setItem(name, `${await storage.getItem(name)}st of a longer one"]\n`)
    expect((await store.get('key'))?.value).toBe('value')
  })

  test('an error that a driver gives as a value is thrown', async () => {
    const store = unstorageStore(storageOf({ getItem: () => new Error('EACCES') as never }))
    await expect(store.get('key')).rejects.toThrow('EACCES')
    await expect(store.getMany?.(['key'])).rejects.toThrow('EACCES')
    await expect(store.delete('key')).rejects.toThrow('EACCES')
  })

  test('delete removes what a stale driver does not show', async () => {
    const removed: string[] = []
    const storage = storageOf({ getItem: () => null, removeItem: (key) => void removed.push(key) })
    await unstorageStore(storage, { prefix: '' }).delete('key')
    expect(removed).toEqual(['r:kkey'])
  })

  test('a driver that does not remove, and says nothing, is found out where it is strong', async () => {
    const store = unstorageStore(storageOf({ removeItem: () => {} }), { consistency: 'strong' })
    await store.create('key', 'value', { expiresAt: Date.now() + 60_000 })
    await expect(store.delete('key')).rejects.toThrow('did not remove')
  })

  test.each(['getItem', 'setItem', 'removeItem', 'getKeys'] as const)(
    'what %s rejects goes through',
    async (method) => {
      const store = unstorageStore(storageOf({ [method]: () => Promise.reject(new Error('down')) }))
      const expiresAt = Date.now() + 60_000
      const calls = {
        getItem: () => store.get('key'),
        setItem: () => store.create('key', 'value', { expiresAt }),
        removeItem: () => store.delete('key'),
        getKeys: () => store.list?.('tag'),
      }
      await expect(calls[method]()).rejects.toThrow('down')
    },
  )
})

describe('keys', () => {
  test('names are safe for any file system: lower case, digits and one escape', async () => {
    const storage = createStorage()
    const store = unstorageStore(storage)
    for (const key of ['A', 'a', '..', '../b', '', 'k$', 'c?d', '\ud800']) {
      await store.create(key, key, { expiresAt: Date.now() + 60_000, tags: [key] })
      expect((await store.get(key))?.value).toBe(key)
      expect(await store.list?.(key)).toEqual([key])
    }
    const names = await storage.getKeys()
    expect(names).toHaveLength(16)
    for (const name of names) expect(name).toMatch(/^session:(?:r|t:k[a-z0-9_]*):k[a-z0-9_]*$/)
  })

  test('200 characters are a name; one more holds nothing, and create throws a RangeError', async () => {
    const store = unstorageStore(createStorage())
    const [longest, tooLong] = ['k'.repeat(199), 'k'.repeat(200)]
    const expiresAt = Date.now() + 60_000
    await store.create(longest, 'value', { expiresAt, tags: [longest] })
    expect((await store.get(longest))?.value).toBe('value')
    expect(await store.list?.(longest)).toEqual([longest])
    await expect(store.create(tooLong, 'value', { expiresAt })).rejects.toThrow(RangeError)
    await expect(store.create('key', 'value', { expiresAt, tags: [tooLong] })).rejects.toThrow(RangeError)
    expect(await store.getMany?.([tooLong, 'key'])).toEqual([null, null])
    await store.delete(tooLong)
  })

  test('prefixes keep two applications apart', async () => {
    const storage = createStorage()
    const stores = ['', 'a:', 'a:r:', 'b:'].map((prefix) => unstorageStore(storage, { prefix }))
    for (const [i, store] of stores.entries()) {
      await store.create('key', String(i), { expiresAt: Date.now() + 60_000, tags: ['tag'] })
    }
    for (const [i, store] of stores.entries()) {
      expect((await store.get('key'))?.value).toBe(String(i))
      expect(await store.list?.('tag')).toEqual(['key'])
    }
  })
})

describe('index', () => {
  test('an entry is written before its record', async () => {
    const driver = memoryDriver()
    const names: string[] = []
    const storage = storageOf({
      setItem(key, value, options) {
        names.push(key)
        return driver.setItem?.(key, value, options)
      },
      getItem: driver.getItem,
    })
    const store = unstorageStore(storage, { prefix: '' })
    const expiresAt = Date.now() + 60_000
    const version = (await store.create('key', 'value', { expiresAt, tags: ['one'] })) ?? ''
    await store.update('key', 'value', { expiresAt, version, tags: ['one', 'two'] })
    expect(names).toEqual(['t:kone:kkey', 'r:kkey', 't:ktwo:kkey', 'r:kkey'])
  })

  test('list removes the entries of what has expired, and of nothing that lives', async () => {
    const clock = fakeClock()
    const storage = createStorage()
    const store = unstorageStore(storage, { clock })
    await store.create('brief', 'value', { expiresAt: clock() + 1000, tags: ['tag'] })
    await store.create('gone', 'value', { expiresAt: clock() + 60_000, tags: ['tag'] })
    await store.create('lasting', 'value', { expiresAt: clock() + 60_000, tags: ['tag'] })
    await store.delete('gone')
    clock.advance(1)
    expect(await store.list?.('tag')).toEqual(['lasting'])
    expect((await storage.getKeys('session:t')).map((name) => name.split(':').at(-1))).toEqual([
      'kgone',
      'klasting',
    ])
    clock.advance(60)
    expect(await store.list?.('tag')).toEqual([])
    expect(await storage.getKeys('session:t')).toEqual([])
  })

  test('a record whose life was prolonged stays in the list beyond its first end', async () => {
    const clock = fakeClock()
    const store = unstorageStore(createStorage(), { clock })
    const version = await store.create('key', 'value', { expiresAt: clock() + 1000, tags: ['tag'] })
    await store.update('key', 'next', { expiresAt: clock() + 5000, version: version ?? '' })
    clock.advance(2)
    expect(await store.list?.('tag')).toEqual(['key'])
    expect(await store.list?.('tag')).toEqual(['key'])
  })

  test('an update that comes too late to see a delete brings back no record that list misses', async () => {
    const driver = memoryDriver()
    let held: Promise<void> | undefined
    const storage = storageOf({
      async setItem(key, value, options) {
        await held
        return driver.setItem?.(key, value, options)
      },
      getItem: driver.getItem,
      getKeys: driver.getKeys,
      removeItem: driver.removeItem as NonNullable<Driver['removeItem']>,
    })
    const store = unstorageStore(storage, { consistency: 'strong' })
    const expiresAt = Date.now() + 60_000
    const version = (await store.create('key', 'value', { expiresAt, tags: ['tag'] })) ?? ''
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    const update = store.update('key', 'back', { expiresAt, version })
    await store.delete('key')
    resolve()
    await update
    expect((await store.get('key'))?.value).toBe('back')
    expect(await store.list?.('tag')).toEqual(['key'])
  })
})

/** Over memory, under another name, and with these methods instead. */
function storageOf(methods: Partial<Driver>) {
  return createStorage({ driver: { ...memoryDriver(), name: 'unheard-of', ...methods } })
}

/** A storage that has a record. */
async function kept() {
  const storage = createStorage()
  const store = unstorageStore(storage)
  await store.create('key', 'value', { expiresAt: Date.now() + 60_000 })
  return [storage, store] as const
}
