import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { encode, join, sealValue } from '../support/format.ts'
import { watchedStore } from '../support/watched-store.ts'

const [old, young] = [generateSecret(), generateSecret()]
const clock = fakeClock()
const name = ['attempts', 'alice']
const later = { expiresAt: clock() + 60_000 }
const conflict = expect.objectContaining({
  code: 'ERR_SESSION_CONFLICT',
  message: 'Others are writing the same value. Try the request again.',
})

function stateOf(store: SessionStore, ...secret: string[]) {
  return createSessionManager({ secret, store, clock }).serverState('test')
}

/** A store whose next call of a method is preceded by what others do, once. */
function interrupted(method: 'create' | 'update' | 'delete') {
  const memory = memoryStore({ clock })
  let before: ((key: string) => Promise<unknown>) | undefined
  const change = {
    [method]: async (key: string, ...rest: unknown[]) => {
      const act = before
      before = undefined
      await act?.(key)
      return (memory[method] as (...all: unknown[]) => unknown)(key, ...rest)
    },
  }
  const once = (act: (key: string) => Promise<unknown>) => {
    before = act
  }
  return { memory, store: watchedStore({ ...memory, ...change }), once }
}

describe('ServerState.create with two secrets', () => {
  test.each([
    ['first', old, young],
    ['second', young, old],
  ])('refuses a name that is taken under the %s, and writes nothing', async (_, ...secrets) => {
    const store = watchedStore(memoryStore({ clock }))
    await stateOf(store, old).create(name, 1, later)
    store.calls()
    expect(await stateOf(store, ...secrets).create(name, 2, later)).toBeNull()
    expect(store.calls()).toEqual(['getMany'])
    expect((await stateOf(store, old).get(name))?.value).toBe(1)
  })

  test.each([
    ['first', old, young],
    ['second', young, old],
  ])('takes a name that had moved away from the %s and was forgotten there', async (_, ...secrets) => {
    const store = watchedStore(memoryStore({ clock }))
    await stateOf(store, old).create(name, 1, later)
    await stateOf(store, young, old).get(name)
    await stateOf(store, young).delete(name)
    const state = stateOf(store, ...secrets)
    expect(await state.get(name)).toBeNull()
    const place = { expiresAt: clock() + 90_000 }
    const version = await state.create(name, 2, place)
    expect(version).not.toBeNull()
    expect(await state.get(name)).toEqual({ value: 2, version, ...place })
    expect([...store.places.values()].map(({ expiresAt }) => expiresAt)).toContain(place.expiresAt)
  })

  test('takes back what it wrote while a deployment of the other order was faster, and only that', async () => {
    const { memory, store, once } = interrupted('create')
    once(() => stateOf(memory, old, young).create(name, 1, later))
    expect(await stateOf(store, young, old).create(name, 2, later)).toBeNull()
    expect((await stateOf(store, old).get(name))?.value).toBe(1)
    expect(await stateOf(store, young).get(name)).toBeNull()
  })

  test('leaves what another request has made of it meanwhile', async () => {
    const { memory, store, once } = interrupted('delete')
    const rival: SessionStore['create'] = async (key, value, options) => {
      await stateOf(memory, old, young).create(name, 1, later)
      return memory.create(key, value, options)
    }
    once(async (key) => {
      const { value, version } = (await memory.get(key)) as { value: string; version: string }
      await memory.update(key, value, { ...later, version })
    })
    expect(await stateOf({ ...store, create: rival }, young, old).create(name, 2, later)).toBeNull()
    expect((await stateOf(memory, young).get(name))?.value).toBe(2)
  })
})

describe('ServerState.get when secrets rotate', () => {
  test('finishes a move that was not finished, whatever the value', async () => {
    const { memory, store, once } = interrupted('create')
    await stateOf(memory, old).create(name, { count: 3 }, later)
    once(() => Promise.reject(new Error('lost')))
    const state = stateOf(store, young, old)
    await expect(state.get(name)).rejects.toThrow(expect.objectContaining({ code: 'ERR_SESSION_STORE' }))
    expect(await state.create(name, 9, later)).toBeNull()
    expect(await state.get(name)).toEqual(expect.objectContaining({ value: { count: 3 }, ...later }))
    expect((await stateOf(memory, young).get(name))?.value).toEqual({ count: 3 })
  })

  test('moves by two writes, and reads before and after', async () => {
    const store = watchedStore(memoryStore({ clock }))
    await stateOf(store, old).create(name, 1, later)
    store.calls()
    await stateOf(store, young, old).get(name)
    expect(store.calls()).toEqual(['getMany', 'update', 'create', 'update', 'getMany'])
  })

  test('gives up after three moves that others were faster with', async () => {
    const memory = memoryStore({ clock })
    await stateOf(memory, old).create(name, 1, later)
    let updates = 0
    const update: SessionStore['update'] = async () => {
      if (++updates > 9) throw new Error('it never ends')
      return null
    }
    await expect(stateOf({ ...memory, update }, young, old).get(name)).rejects.toThrow(conflict)
    expect(updates).toBe(3)
  })

  test('is null where there is nothing, and the store cannot compare', async () => {
    const memory = memoryStore({ clock })
    const capabilities = { ...memory.capabilities, atomicUpdate: false }
    expect(await stateOf({ ...memory, capabilities }, young, old).get(name)).toBeNull()
  })
})

test('ServerState: with one secret a value costs one store call to create', async () => {
  const store = watchedStore(memoryStore({ clock }))
  await stateOf(store, old).create(name, 1, later)
  expect(store.calls()).toEqual(['create'])
})

test('ServerState.update refuses the version of another name without asking the store', async () => {
  const store = watchedStore(memoryStore({ clock }))
  const state = stateOf(store, old, young)
  const version = (await state.create(['other'], 1, later)) as string
  await state.create(name, 1, later)
  store.calls()
  expect(await state.update(name, 2, { ...later, version })).toBeNull()
  expect(store.calls()).toEqual([])
})

describe('ServerState.get of what is authentic and no value', () => {
  const json = (kind: number, content: unknown) => join([kind] as never, encode(JSON.stringify(content)))

  test.each<[what: string, content: Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['of another kind', json(5, [later.expiresAt, 1, 'there'])],
    ['no JSON', join([3] as never, encode('[1'))],
    ['no UTF-8', new Uint8Array([3, 0xff])],
    ['no list', json(3, { 0: later.expiresAt, length: 2 })],
    ['an empty list', json(3, [])],
    ['without a time', json(3, ['soon', 1])],
    ['moved to nowhere', json(4, [later.expiresAt, 1])],
    ['moved to a number', json(4, [later.expiresAt, 1, 7])],
  ])('%s', async (_, content) => {
    const store = watchedStore(memoryStore({ clock }))
    const state = stateOf(store, old)
    await state.create(name, 1, later)
    const [key] = store.places.keys() as Iterable<string> as [string]
    const { version } = (await store.get(key)) as { version: string }
    const value = await sealValue(content, { secret: old, at: clock(), purpose: 'record', storeKey: key })
    await store.update(key, value, { ...later, version })
    store.calls()
    expect(await state.get(name)).toBeNull()
    expect(store.calls()).toEqual(['get'])
    expect(await state.create(name, 2, later)).toBeNull()
  })
})
