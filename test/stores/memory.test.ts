import { describe, expect, test } from 'vitest'
import { memoryStore } from 'wafer-session/stores/memory'
import { describeStore, fakeClock } from 'wafer-session/testing'

describeStore('memoryStore', () => {
  const clock = fakeClock()
  return { store: memoryStore({ clock }), advance: clock.advance, now: clock }
})

describeStore('memoryStore by the clock on the wall', () => memoryStore())

describe('memoryStore', () => {
  const clock = fakeClock()
  const options = { expiresAt: clock() + 60_000, tags: ['tag'] }

  test('makes room for a new record by the one that was written longest ago, in its lists too', async () => {
    const store = memoryStore({ clock, maxEntries: 3 })
    for (const key of ['a', 'b', 'c']) await store.create(key, key, options)
    await store.create('d', 'd', options)
    expect(await store.get('a')).toBeNull()
    expect(await store.list?.('tag')).toEqual(['b', 'c', 'd'])
  })

  test('counts an update as written, a read not', async () => {
    const store = memoryStore({ clock, maxEntries: 3 })
    const version = (await store.create('a', 'a', options)) ?? ''
    for (const key of ['b', 'c']) await store.create(key, key, options)
    await store.update('a', 'again', { ...options, version })
    await store.get('b')
    await store.create('d', 'd', options)
    expect(await store.get('b')).toBeNull()
    expect((await store.get('a'))?.value).toBe('again')
  })

  test('makes no room where a write needs none: an update, a taken key', async () => {
    const store = memoryStore({ clock, maxEntries: 2 })
    const version = (await store.create('a', 'a', options)) ?? ''
    await store.create('b', 'b', options)
    expect(await store.create('a', 'lost', options)).toBeNull()
    expect(await store.update('a', 'again', { ...options, version })).not.toBeNull()
    expect((await store.list?.('tag'))?.toSorted()).toEqual(['a', 'b'])
  })

  test('never holds more than maxEntries records', async () => {
    const store = memoryStore({ clock, maxEntries: 10 })
    for (let i = 0; i < 1000; i++) {
      await store.create(`key-${i}`, 'value', options)
      expect((await store.list?.('tag'))?.length).toBeLessThanOrEqual(10)
    }
    expect(await store.list?.('tag')).toHaveLength(10)
  })

  test('holds one record where maxEntries is 1', async () => {
    const store = memoryStore({ clock, maxEntries: 1 })
    await store.create('a', 'a', options)
    await store.create('b', 'b', options)
    expect([await store.get('a'), (await store.get('b'))?.value]).toEqual([null, 'b'])
  })

  test('two stores are two', async () => {
    const [one, other] = [memoryStore({ clock }), memoryStore({ clock })]
    await one.create('key', 'value', options)
    expect(await other.get('key')).toBeNull()
  })

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '10' as never])(
    'refuses maxEntries of %s with a sentence',
    (maxEntries) => {
      expect(() => memoryStore({ maxEntries })).toThrow(RangeError)
      expect(() => memoryStore({ maxEntries })).toThrow(
        `maxEntries must be a whole number of at least 1: current value is ${maxEntries}.`,
      )
    },
  )
})
