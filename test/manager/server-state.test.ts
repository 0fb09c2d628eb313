import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { everyOrder } from '../support/every-order.ts'

const [old, young] = [generateSecret(), generateSecret()]
const clock = fakeClock()
const name = ['attempts', 'alice']
const later = () => ({ expiresAt: clock() + 60_000 })

function stateOf(store: SessionStore, secret: string[] = [old], purpose = 'test') {
  return createSessionManager({ secret, store, clock }).serverState(purpose)
}

describe('SessionManager.serverState', () => {
  test('keeps a JSON value under a name until it expires', async () => {
    const state = stateOf(memoryStore({ clock }))
    expect(await state.get(name)).toBeNull()
    const version = await state.create(name, { count: 1 }, later())
    expect(await state.get(name)).toEqual({ value: { count: 1 }, version, expiresAt: clock() + 60_000 })
    clock.advance(60)
    expect(await state.get(name)).toBeNull()
  })

  test('create is once, update compares versions, delete forgets', async () => {
    const state = stateOf(memoryStore({ clock }))
    const version = (await state.create(name, 1, later())) as string
    expect(await state.create(name, 2, later())).toBeNull()
    const next = await state.update(name, 2, { ...later(), version })
    expect(next).not.toBeNull()
    expect(await state.update(name, 3, { ...later(), version })).toBeNull()
    expect((await state.get(name))?.value).toBe(2)
    await state.delete(name)
    expect(await state.get(name)).toBeNull()
    expect(await state.update(name, 4, { ...later(), version: next as string })).toBeNull()
  })

  test('purposes, names and cookies are apart, and the store sees none of them', async () => {
    const store = memoryStore({ clock })
    const seen: string[] = []
    const create: SessionStore['create'] = (key, value, options) => {
      seen.push(key, value)
      return store.create(key, value, options)
    }
    const watched: SessionStore = { ...store, create }
    const state = stateOf(watched)
    await state.create(['wallet', 'of-alice'], 'first', later())
    expect(await state.get(['walletof', '-alice'])).toBeNull()
    expect(await state.get(['wallet', 'of-alice', ''])).toBeNull()
    expect(await stateOf(watched, [old], 'other').get(['wallet', 'of-alice'])).toBeNull()
    const admin = createSessionManager({ secret: old, store, clock, cookie: { name: '__Host-admin' } })
    expect(await admin.serverState('test').get(['wallet', 'of-alice'])).toBeNull()
    expect(seen.length).toBe(2)
    // Long enough that no ciphertext has them by chance.
    expect(
      seen.filter((text) =>
        /first|test|wallet|of-alice/.test(atob(text.replaceAll('-', '+').replaceAll('_', '/'))),
      ),
    ).toEqual([])
  })

  test('a value copied to another name, or damaged, is nothing', async () => {
    const store = memoryStore({ clock })
    const keys: string[] = []
    const create: SessionStore['create'] = (key, value, options) => {
      keys.push(key)
      return store.create(key, value, options)
    }
    const state = stateOf({ ...store, create })
    await state.create(['used', 'alice'], true, later())
    await state.create(['used', 'bob'], false, later())
    const [alice, bob] = keys as [string, string]
    const [from, to] = [await store.get(alice), await store.get(bob)]
    await store.update(bob, from?.value as string, { ...later(), version: to?.version as string })
    expect(await state.get(['used', 'bob'])).toBeNull()
  })

  test('refuses a manager that has nowhere to keep it', () => {
    expect(() => createSessionManager({ secret: old }).serverState('test')).toThrow(TypeError)
    const marked = createSessionManager({ secret: old, revocations: memoryStore() })
    expect(marked.serverState('test').atomicUpdate).toBe(true)
  })
})

describe('SessionManager.serverState when secrets rotate', () => {
  test('finds what an older secret named, and goes on under the first', async () => {
    const store = memoryStore({ clock })
    await stateOf(store).create(name, 1, later())
    const state = stateOf(store, [young, old])
    expect(await state.create(name, 9, later())).toBeNull()
    const found = await state.get(name)
    expect(found?.value).toBe(1)
    expect(await state.update(name, 2, { ...later(), version: found?.version as string })).not.toBeNull()
    expect((await stateOf(store, [young]).get(name))?.value).toBe(2)
    expect((await state.get(name))?.value).toBe(2)
  })

  test('of two requests that read the old one, only one can change it', async () => {
    const store = memoryStore({ clock })
    const before = stateOf(store, [old, young])
    await before.create(name, 1, later())
    const slow = await before.get(name)
    const after = stateOf(store, [young, old])
    const fast = await after.get(name)
    expect(await after.update(name, 2, { ...later(), version: fast?.version as string })).not.toBeNull()
    expect(await before.update(name, 3, { ...later(), version: slow?.version as string })).toBeNull()
    expect((await after.get(name))?.value).toBe(2)
  })

  test('two deployments that create at the same moment do not both win', async () => {
    const store = memoryStore({ clock })
    const [before, after] = [stateOf(store, [old, young]), stateOf(store, [young, old])]
    const won = await Promise.all([before.create(name, 1, later()), after.create(name, 2, later())])
    expect(won.filter((version) => version !== null).length).toBeLessThan(2)
  })

  test('delete forgets it under every secret', async () => {
    const store = memoryStore({ clock })
    await stateOf(store).create(name, 1, later())
    const state = stateOf(store, [young, old])
    await state.delete(name)
    expect(await state.get(name)).toBeNull()
  })

  test('two deployments that list the secrets in another order lose no update', async () => {
    await everyOrder(async (race) => {
      const clock = fakeClock()
      const later = { expiresAt: clock() + 60_000 }
      const store = memoryStore({ clock })
      const stateOf = (through: SessionStore, secret: string[]) =>
        createSessionManager({ secret, store: through, clock }).serverState('test')
      await stateOf(store, [old]).create(name, 0, later)
      const [a, b] = race.gates(store)
      const count = async (state: ReturnType<typeof stateOf>) => {
        for (let tries = 0; tries < 5; tries++) {
          const held = await state.get(name)
          if (held === null) throw new Error('forgotten')
          const value = (held.value as number) + 1
          if (await state.update(name, value, { ...later, version: held.version })) return value
        }
        throw new Error('busy')
      }
      const results = await race.run(
        () => count(stateOf(a, [old, young])),
        () => count(stateOf(b, [young, old])),
      )
      const wrote = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      expect(new Set(wrote).size).toBe(wrote.length)
    })
  }, 120_000)
})
