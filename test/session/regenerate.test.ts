import { expect, test } from 'vitest'
import { namesSet, site } from '../support/site.ts'

test('row 12: regenerate gives a new id and keeps data, user and createdAt', async () => {
  const { visit, respond, events, clock } = site()
  const before = await visit((session) => {
    session.signIn('u1', { amr: ['pwd'], acr: 'aal1' })
    session.data.cart = { lines: ['a'] }
    return { ...session.toJSON(), data: structuredClone(session.data) }
  })
  clock.advance(100)
  const response = await respond((session) => session.regenerate())
  expect(namesSet(response)).toEqual(['__Host-session'])
  const after = await visit((session) => ({ ...session.toJSON(), data: session.data }))
  expect(after.id).not.toBe(before.id)
  expect(after).toEqual({ ...before, id: after.id, isNew: false })
  expect(events.at(-1)).toMatchObject({ type: 'regenerate', sessionId: after.id, previousId: before.id })
})

test('row 13: regenerate changes the cookie value', async () => {
  const { visit, jar } = site()
  await visit((session) => session.signIn('u1'))
  const value = jar.get('__Host-session')
  await visit((session) => session.regenerate())
  expect(jar.get('__Host-session')).not.toBe(value)
})

test('row 29: regenerate moves neither timer', async () => {
  const { visit, clock } = site()
  const expiresAt = await visit((session) => {
    session.signIn('u1')
    return session.expiresAt
  })
  clock.advance(170)
  await visit((session) => {
    session.regenerate()
    expect(session.expiresAt).toBe(expiresAt)
  })
  clock.advance(1629)
  await visit((session) => {
    expect(session.userId).toBe('u1')
  })
})

test('row 29: regenerating on every request does not outlive the absolute timeout', async () => {
  const { visit, clock } = site({ idleTimeout: 600, absoluteTimeout: 3600 })
  await visit((session) => session.signIn('u1'))
  for (let minute = 1; minute < 60; minute++) {
    clock.advance(60)
    expect(
      await visit((session) => {
        session.regenerate()
        return session.userId
      }),
    ).toBe('u1')
  }
  clock.advance(60)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test('regenerate works for an anonymous session with data, and creates none without', async () => {
  const { visit, respond, jar } = site()
  expect((await respond((session) => session.regenerate())).headers.getSetCookie()).toEqual([])
  const before = await visit((session) => {
    session.data.a = 1
    return session.id
  })
  await visit((session) => session.regenerate())
  expect(await visit((session) => [session.id === before, session.data])).toEqual([false, { a: 1 }])
  expect(jar.header()).not.toBe('')
})

test('regenerate twice in one request writes one cookie and one event', async () => {
  const { visit, respond, events } = site()
  await visit((session) => session.signIn('u1'))
  const response = await respond((session) => {
    session.regenerate()
    session.regenerate()
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(events.filter(({ type }) => type === 'regenerate')).toHaveLength(1)
})
