import { expect, test } from 'vitest'
import { storeSite } from '../support/watched-store.ts'

/** As a store does where a handle is taken. */
function taken(times: number) {
  const keys: string[] = []
  const made = storeSite({}, (store) => ({
    async create(key, ...rest) {
      keys.push(key)
      return keys.length <= times ? null : store.create(key, ...rest)
    },
  }))
  return { ...made, keys }
}

test('signIn: an id that is taken is drawn again, and the session has the new one', async () => {
  const { visit, keys, store, events } = taken(2)
  await visit((session) => session.signIn('ada'))
  expect(new Set(keys).size).toBe(3)
  expect(await visit(({ userId, id }) => [userId, id])).toEqual(['ada', keys[2]])
  expect([...(await store.dump()).keys()]).toEqual([keys[2]])
  expect(events).toEqual([expect.objectContaining({ type: 'create', sessionId: keys[2] })])
})

test('signIn: a store to which every id is taken has failed', async () => {
  const { visit, keys } = taken(100)
  await expect(visit((session) => session.signIn('ada'))).rejects.toMatchObject({
    code: 'ERR_SESSION_STORE',
    message: 'The store says of every new session that it is there already.',
  })
  expect(new Set(keys).size).toBe(keys.length)
})

test('regenerate: of an id that is taken only the half is drawn again by which a move is told', async () => {
  let isTaken = false
  const keys: string[] = []
  const { visit, manager } = storeSite({}, (store) => ({
    async create(key, ...rest) {
      keys.push(key)
      const lost = isTaken
      isTaken = false
      return lost ? null : store.create(key, ...rest)
    },
  }))
  await visit((session) => session.signIn('ada'))
  isTaken = true
  await visit((session) => session.regenerate())
  const [first = '', second = '', third = ''] = keys
  expect(new Set(keys).size).toBe(3)
  expect(new Set(keys.map((key) => key.slice(0, 10))).size).toBe(1)
  expect(await visit(({ id }) => id)).toBe(third)
  const live = await Promise.all([first, second, third].map((id) => manager.users.isLive(id, 'ada')))
  expect(live).toEqual([true, false, true])
})

test.each([
  ['a visitor', false, 0],
  ['half a sign-in', true, 1],
])('the session of %s is listed under so many tags', async (_, pending, count) => {
  const { visit, store } = storeSite()
  await visit((session) => {
    if (pending) session.signIn('ada', { pending })
    else session.data.n = 1
  })
  expect([...store.places.values()].map(({ tags }) => tags?.length)).toEqual([count])
})
