import { describe, expect, test } from 'vitest'
import type { SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock, laggingStore } from 'wafer-session/testing'

interface Places {
  readonly clock: FakeClock
  readonly origin: SessionStore
  readonly here: SessionStore
  readonly there: SessionStore
  /** Of a record that lasts an hour. */
  readonly expiresAt: number
}

function places(seesOwnWrites?: boolean): Places {
  const clock = fakeClock()
  const origin = memoryStore({ clock })
  const place = () => laggingStore(origin, { staleFor: 60, clock, seesOwnWrites })
  return { clock, origin, here: place(), there: place(), expiresAt: clock() + 3_600_000 }
}

const read = async (store: SessionStore, key: string) => (await store.get(key))?.value ?? null

/** A record that is known to be there. */
async function created(store: SessionStore, expiresAt: number, tags: string[] = []): Promise<string> {
  const version = await store.create('key', 'first', { expiresAt, tags })
  if (version === null) throw new Error('taken')
  return version
}

describe('laggingStore', () => {
  test('keeps answering what it has read, also that nothing was there, until staleFor seconds have passed', async () => {
    const { clock, here, there, expiresAt } = places()
    expect(await read(there, 'key')).toBeNull()
    const version = await created(here, expiresAt)
    clock.advance(59.5)
    expect(await read(there, 'key')).toBeNull()
    clock.advance(0.5)
    expect(await read(there, 'key')).toBe('first')
    await here.update('key', 'second', { expiresAt, version })
    clock.advance(59.5)
    expect(await there.getMany?.(['key', 'key'])).toEqual([
      { value: 'first', version },
      { value: 'first', version },
    ])
    clock.advance(0.5)
    expect(await read(there, 'key')).toBe('second')
    await here.delete('key')
    expect(await read(there, 'key')).toBe('second')
    clock.advance(60)
    expect(await read(there, 'key')).toBeNull()
  })

  test('reads what it has not read yet as it is', async () => {
    const { here, there, expiresAt } = places()
    await created(here, expiresAt)
    expect(await read(there, 'key')).toBe('first')
  })

  test('keeps lists the same way', async () => {
    const { clock, here, there, expiresAt } = places()
    expect(await there.list?.('tag')).toEqual([])
    await created(here, expiresAt, ['tag'])
    expect(await here.list?.('tag')).toEqual(['key'])
    expect(await there.list?.('tag')).toEqual([])
    clock.advance(60)
    expect(await there.list?.('tag')).toEqual(['key'])
    const list = await there.list?.('tag')
    list?.pop()
    expect(await there.list?.('tag')).toEqual(['key'])
  })

  test('writes at once, and compares with what the store has, not with what it shows', async () => {
    const { origin, here, there, expiresAt } = places()
    const old = await created(here, expiresAt)
    expect(await read(there, 'key')).toBe('first')
    const version = (await here.update('key', 'second', { expiresAt, version: old })) ?? ''
    expect(await there.update('key', 'lost', { expiresAt, version: old })).toBeNull()
    expect(await there.create('key', 'lost', { expiresAt })).toBeNull()
    await there.delete('key', { version: old })
    expect(await origin.get('key')).toEqual({ value: 'second', version })
    await there.delete('key', { version })
    expect(await origin.get('key')).toBeNull()
  })

  test('sees its own writes at once, and with seesOwnWrites: false none', async () => {
    for (const [sees, expected] of [
      [true, 'second'],
      [false, null],
    ] as const) {
      const { clock, here, expiresAt } = places(sees)
      expect(await read(here, 'key')).toBeNull()
      expect(await here.list?.('tag')).toEqual([])
      const version = await created(here, expiresAt, ['tag'])
      await here.update('key', 'second', { expiresAt, version })
      expect(await read(here, 'key')).toBe(expected)
      expect(await here.list?.('tag')).toEqual(sees ? ['key'] : [])
      clock.advance(60)
      expect(await read(here, 'key')).toBe('second')
    }
  })

  test('lets its own records expire on time, and those of others up to staleFor seconds later', async () => {
    const { clock, here, there } = places()
    await created(here, clock() + 30_000)
    expect([await read(here, 'key'), await read(there, 'key')]).toEqual(['first', 'first'])
    clock.advance(30)
    expect([await read(here, 'key'), await read(there, 'key')]).toEqual([null, 'first'])
    clock.advance(30)
    expect(await read(there, 'key')).toBeNull()
  })

  test('does not keep a failure', async () => {
    const { clock, origin } = places()
    let down = true
    const store = {
      ...origin,
      get: (key: string) => (down ? Promise.reject(new Error('down')) : origin.get(key)),
    }
    const place = laggingStore(store, { staleFor: 60, clock })
    await expect(place.get('key')).rejects.toThrow('down')
    down = false
    expect(await place.get('key')).toBeNull()
  })

  test('declares its lag, on top of what the store has', () => {
    const { clock, origin, here } = places()
    expect(here.capabilities).toEqual({
      consistency: { staleFor: 60 },
      atomicUpdate: true,
      index: { staleFor: 60 },
    })
    expect(laggingStore(here, { staleFor: 5, clock }).capabilities).toEqual({
      consistency: { staleFor: 65 },
      atomicUpdate: true,
      index: { staleFor: 65 },
    })
    const { list: _, ...bare } = {
      ...origin,
      capabilities: { ...origin.capabilities, index: false as const },
    }
    const place = laggingStore(bare, { staleFor: 60, clock })
    expect([place.capabilities.index, place.list]).toEqual([false, undefined])
  })

  test.each([0, -1, Number.NaN])('refuses a staleFor of %s', (staleFor) => {
    const { clock, origin } = places()
    expect(() => laggingStore(origin, { staleFor, clock })).toThrow(RangeError)
    expect(() => laggingStore(origin, { staleFor, clock })).toThrow(`current value is ${staleFor}.`)
  })
})
