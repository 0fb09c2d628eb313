import { expect, test } from 'vitest'
import { storeSite } from '../support/watched-store.ts'

test('onEvent: a session that goes on is nothing to tell of, though another request wrote it first', async () => {
  let lost = 0
  const { manager, visit, jar, events } = storeSite({}, (store) => ({
    update: async (...args) => (lost++ === 0 ? null : store.update(...args)),
  }))
  await visit((session) => session.signIn('u1'))
  expect(events.map(({ type }) => type)).toEqual(['create'])
  const request = new Request('https://example.test/', { headers: { cookie: jar.header() } })
  const session = await manager.open(request)
  session.data.a = 1
  await session.commit()
  session.data.b = 2
  await manager.commit(session)
  expect(lost).toBe(3)
  expect(await visit(({ data }) => data)).toEqual({ a: 1, b: 2 })
  expect(events.map(({ type }) => type)).toEqual(['create'])
})
