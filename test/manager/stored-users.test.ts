import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock, laggingStore } from 'wafer-session/testing'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'
import { type WatchedStore, watchedStore } from '../support/watched-store.ts'

const secret = generateSecret()
const OP = 'https://op.test'

/** @param change Of a store whose own clock stands still: it shows what has expired. */
function place(change: (store: SessionStore) => Partial<SessionStore> = () => ({})) {
  const clock = fakeClock()
  const memory = memoryStore({ clock: fakeClock() })
  const store = watchedStore({ ...memory, ...change(memory) })
  const manager = createSessionManager({ secret, clock, store })
  const signIn = (userId = 'u1', options = {}) =>
    visitWith(manager, '', (session) => session.signIn(userId, options))
  const idOf = async (cookie: string) => (await manager.open(requestWith(cookie))).id
  return { clock, memory, store, manager, signIn, idOf }
}

/** A list that has every session under every tag, as an index that is broken. */
function listsAll(store: SessionStore): Partial<SessionStore> {
  const keys: string[] = []
  return {
    create(key, ...rest) {
      keys.push(key)
      return store.create(key, ...rest)
    },
    list: async () => keys,
  }
}

describe('users.isLive', () => {
  test('is false of an id that nobody has, and of what is none', async () => {
    const { manager } = place()
    expect(await manager.users.isLive('A'.repeat(22), 'u1')).toBe(false)
    expect(await manager.users.isLive('u1', 'u1')).toBe(false)
  })

  test('is true until the session expires, though the store still has it', async () => {
    const { manager, clock, signIn, idOf } = place()
    const id = await idOf(await signIn())
    expect(await manager.users.isLive(id, 'u1')).toBe(true)
    clock.advance(1800)
    expect(await manager.users.isLive(id, 'u1')).toBe(false)
  })

  test.each([undefined, '', null])('refuses the user id %j, also of a session of nobody', async (userId) => {
    const { manager, idOf } = place()
    const id = await idOf(await visitWith(manager, '', ({ data }) => Object.assign(data, { a: 1 })))
    await expect(manager.users.isLive(id, userId as never)).rejects.toThrow(
      new TypeError('The user id must be a non-empty string.'),
    )
  })
})

test('users.* leave out what has expired, though the store still has it', async () => {
  const { manager, clock, signIn } = place()
  const oidc = { iss: OP, sub: 's1' }
  await signIn('u1', { oidc })
  clock.advance(1800)
  expect(await manager.users.list('u1')).toEqual([])
  expect(await manager.users.revokeFederated(oidc)).toBe(0)
  expect(await manager.users.revokeAll('u1')).toBe(0)
})

test('users.* touch nobody else, whatever the store lists', async () => {
  const { manager, signIn } = place(listsAll)
  const own = await signIn('u1', { oidc: { iss: OP, sub: 's1' } })
  const other = await signIn('u2', { oidc: { iss: OP, sub: 's2' } })
  const anonymous = await visitWith(manager, '', ({ data }) => Object.assign(data, { a: 1 }))
  expect((await manager.users.list('u1')).length).toBe(1)
  expect(await manager.users.revokeFederated({ iss: OP, sub: 's3' })).toBe(0)
  expect(await manager.users.revokeAll('u3')).toBe(0)
  expect(await manager.users.revokeAll('u1')).toBe(1)
  expect(await manager.users.revokeFederated({ iss: OP, sub: 's2' })).toBe(1)
  const left = [own, other, anonymous].map((cookie) => whoseIs(manager, cookie))
  expect(await Promise.all(left)).toEqual([undefined, undefined, 'anonymous'])
})

test('users.revoke is false of a session that another request ends at the same moment', async () => {
  let before: (() => Promise<unknown>) | undefined
  const { manager, memory, signIn, idOf } = place((store) => ({
    async update(...args) {
      await before?.()
      return store.update(...args)
    },
  }))
  const id = await idOf(await signIn())
  const elsewhere = createSessionManager({ secret, store: memory, clock: fakeClock() })
  before = () => elsewhere.users.revoke(id, 'u1')
  expect(await manager.users.revoke(id, 'u1')).toBe(false)
})

describe('users.revokeAll', () => {
  test('looks again until it sees nobody new, whatever a list that lags still shows', async () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const store: WatchedStore = watchedStore(
      laggingStore(memory, { clock, staleFor: 60, seesOwnWrites: false }),
    )
    const manager = createSessionManager({ secret, clock, store })
    const cookie = await visitWith(manager, '', (session) => session.signIn('u1'))
    expect(await whoseIs(manager, cookie)).toBe('u1')
    expect((await manager.users.list('u1')).length).toBe(1)
    store.calls()
    await manager.users.revokeAll('u1')
    expect(store.calls().filter((method) => method === 'list').length).toBe(2)
  })

  test('gives up after 16 looks, each of which showed somebody new', async () => {
    let lists = 0
    let signIn: (() => Promise<unknown>) | undefined
    const made = place((store) => ({
      async list(tag) {
        if (++lists <= 40) await signIn?.()
        return store.list?.(tag) ?? []
      },
    }))
    signIn = made.signIn
    expect(await made.manager.users.revokeAll('u1')).toBe(16)
    expect(lists).toBe(16)
  })
})
