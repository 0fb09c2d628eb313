import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionEvent, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { requestWith, visitWith } from '../support/visitor.ts'
import { watchedStore } from '../support/watched-store.ts'

/** A store that notes where it was told that a record is listed when it went. */
function place(change: (store: SessionStore) => Partial<SessionStore> = () => ({})) {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  const created: unknown[] = []
  const deleted: unknown[] = []
  const store = watchedStore({
    ...memory,
    ...change(memory),
    create(key, value, options) {
      created.push(options.tags)
      return memory.create(key, value, options)
    },
    delete(key, options) {
      if (options !== undefined) deleted.push(options.tags) // Else it is no session.
      return memory.delete(key, options)
    },
  })
  const manager = createSessionManager({ secret: generateSecret(), clock, store })
  return { clock, manager, store, created, deleted }
}

describe('a store is told with what goes where it was listed', () => {
  test.each([true, false])('at a sign-out; it can compare: %s', async (atomicUpdate) => {
    const { manager, created, deleted } = place(({ capabilities }) => ({
      capabilities: { ...capabilities, atomicUpdate },
    }))
    const oidc = { iss: 'https://op.test', sub: 's1', sid: 'sid-1' }
    const cookie = await visitWith(manager, '', (session) => session.signIn('u1', { oidc }))
    await visitWith(manager, cookie, (session) => session.signOut())
    expect(deleted).toEqual(created)
    expect(created).toEqual([Array.from({ length: 3 }, () => expect.stringMatching(/^[\w-]{22}$/))])
  })

  test('and that what has moved on was listed nowhere any more', async () => {
    const { manager, created, deleted } = place()
    const before = await visitWith(manager, '', (session) => session.signIn('u1'))
    await visitWith(manager, before, (session) => session.regenerate())
    await visitWith(manager, before, (session) => session.signOut())
    expect(deleted).toEqual([created[1], []])
  })

  test('and of nothing that can be read no place is known', async () => {
    const { manager, store, deleted } = place()
    const cookie = await visitWith(manager, '', (session) => session.signIn('u1'))
    const [key] = [...(await store.dump()).keys()] as [string]
    const { version } = (await store.get(key)) as { version: string }
    await store.update(key, 'garbage', { version, expiresAt: Date.UTC(2030, 0) })
    await manager.open(requestWith(cookie))
    expect(deleted).toEqual([[]])
  })
})

test('users.list asks for no records when none are listed', async () => {
  const { manager, store } = place()
  expect(await manager.users.list('u1')).toEqual([])
  expect(store.calls()).toEqual(['list'])
})

test('users.list leaves out what is listed and gone', async () => {
  const { manager } = place((memory) => ({
    list: async (tag) => ['A'.repeat(22), ...((await memory.list?.(tag)) ?? []), 'B'.repeat(22)],
  }))
  await visitWith(manager, '', (session) => session.signIn('u1'))
  expect((await manager.users.list('u1')).length).toBe(1)
})

test.each<[what: string, answer: unknown]>([
  ['none', []],
  ['no list', { length: 1 }],
  ['too many', [null, null]],
])('users.list fails when the store gives %s of the records that it was asked for', async (_, answer) => {
  const { manager } = place(() => ({ getMany: async () => answer as never }))
  await visitWith(manager, '', (session) => session.signIn('u1'))
  await expect(manager.users.list('u1')).rejects.toThrow(
    expect.objectContaining({
      name: 'SessionError',
      code: 'ERR_SESSION_STORE',
      message: 'The store gave fewer records than it was asked for.',
    }),
  )
})

test('a record under a secret that is not in the list is said to be that', async () => {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const [first, second] = [generateSecret(), generateSecret()]
  const managerOf = (secret: string | string[], onEvent?: (event: SessionEvent) => void) =>
    createSessionManager({ secret, clock, store, onEvent })
  const cookie = await visitWith(managerOf(first), '', (session) => session.signIn('u1'))
  await visitWith(managerOf([second, first]), cookie, ({ data }) => Object.assign(data, { a: 1 }))
  const events: SessionEvent[] = []
  const error = await managerOf(first, (event) => events.push(event))
    .open(requestWith(cookie))
    .catch((error: unknown) => error)
  const cause = new Error('the record is sealed under a secret that is not in the list')
  expect(error).toMatchObject({
    code: 'ERR_SESSION_STORE',
    message: 'A stored session cannot be opened.',
    cause,
  })
  expect(events).toEqual([expect.objectContaining({ type: 'store-error', operation: 'open', cause })])
})
