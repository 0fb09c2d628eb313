import { expect, test } from 'vitest'
import { namesSet, site } from '../support/site.ts'

const START = Date.UTC(2026, 0, 1)

test('row 11: reauthenticate gives a new id and a new cookie value', async () => {
  const { visit, respond, jar, events } = site()
  const before = await visit((session) => {
    session.signIn('u1')
    return session.id
  })
  const value = jar.get('__Host-session')
  const response = await respond((session) => session.reauthenticate())
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(jar.get('__Host-session')).not.toBe(value)
  const after = await visit((session) => session.id)
  expect(after).not.toBe(before)
  expect(events.at(-1)).toMatchObject({
    type: 'reauthenticate',
    sessionId: after,
    previousId: before,
    userId: 'u1',
  })
})

test('reauthenticate keeps the user, the data and createdAt, and adds amr and acr', async () => {
  const { visit, clock } = site()
  await visit((session) => {
    session.signIn('u1', { amr: ['pwd'], acr: 'aal1' })
    session.data.cart = ['a']
  })
  clock.advance(600)
  await visit((session) => session.reauthenticate({ amr: ['otp', 'pwd'], acr: 'aal2' }))
  await visit((session) => {
    expect(session.userId).toBe('u1')
    expect(session.data).toEqual({ cart: ['a'] })
    expect(session.createdAt).toBe(START)
    expect(session.authTime).toBe(START + 600_000)
    expect(session.amr).toEqual(['pwd', 'otp'])
    expect(session.acr).toBe('aal2')
  })
  await visit((session) => session.reauthenticate())
  expect(await visit((session) => [session.amr, session.acr])).toEqual([['pwd', 'otp'], 'aal2'])
})

test('row 29: reauthenticate resets both timers', async () => {
  const { visit, clock } = site({ idleTimeout: 1800, absoluteTimeout: 3600 })
  await visit((session) => session.signIn('u1'))
  clock.advance(1700)
  await visit(() => {})
  clock.advance(1700)
  await visit((session) => {
    expect(session.expiresAt).toBe(START + 3600_000)
    session.reauthenticate()
    expect(session.expiresAt).toBe(START + 3400_000 + 1800_000)
  })
  clock.advance(1799)
  expect(await visit((session) => session.userId)).toBe('u1')
  clock.advance(1799)
  expect(await visit((session) => session.userId)).toBe('u1')
  clock.advance(2)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test('reauthenticate keeps a remembered session remembered', async () => {
  const { visit, respond } = site({ remember: { idleTimeout: 7200, absoluteTimeout: 604_800 } })
  await visit((session) => session.signIn('u1', { remember: true }))
  const response = await respond((session) => session.reauthenticate())
  expect(response.headers.getSetCookie()[0]).toContain('; Max-Age=604800')
})

test('reauthenticate of nobody is a TypeError, also after signOut an error', async () => {
  const { visit } = site()
  await visit((session) => {
    expect(() => session.reauthenticate()).toThrow(TypeError)
    expect(() => session.reauthenticate()).toThrow('Call signIn() first')
  })
  await visit((session) => session.signIn('u1'))
  await visit((session) => {
    session.signOut()
    expect(() => session.reauthenticate()).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
  })
})

test.each([
  [{ amr: 'otp' }, 'amr must be a list of strings'],
  [{ amr: [null] }, 'amr must be a list of strings'],
  [{ acr: {} }, 'acr must be a string'],
  [{ arc: 'aal2' }, 'reauthenticate() has no option arc'],
])('reauthenticate(%j) is a TypeError and changes nothing', async (options, sentence) => {
  const { visit } = site()
  await visit((session) => session.signIn('u1', { amr: ['pwd'] }))
  await visit((session) => {
    const { id } = session
    expect(() => session.reauthenticate(options as object)).toThrow(TypeError)
    expect(() => session.reauthenticate(options as object)).toThrow(sentence)
    expect([session.id, session.amr]).toEqual([id, ['pwd']])
  })
})

test('row 28: isFresh counts from the last authentication, its last second included', async () => {
  const { visit, clock } = site()
  await visit((session) => {
    expect(session.isFresh(300)).toBe(false)
    session.signIn('u1')
    expect(session.isFresh(0)).toBe(true)
  })
  clock.advance(300)
  await visit((session) => expect(session.isFresh(300)).toBe(true))
  clock.advance(0.001)
  await visit((session) => expect(session.isFresh(300)).toBe(false))
  clock.advance(1)
  await visit((session) => {
    expect(session.isFresh(300)).toBe(false)
    session.reauthenticate()
    expect(session.isFresh(300)).toBe(true)
    session.signOut()
    expect(session.isFresh(300)).toBe(false)
  })
})

test('row 28: isFresh of something that is no number is false', async () => {
  const { visit } = site()
  await visit((session) => {
    session.signIn('u1')
    expect(session.isFresh(Number.NaN)).toBe(false)
    expect(session.isFresh(undefined as unknown as number)).toBe(false)
  })
})

test('row 30: assurance rises by nothing but an authentication', async () => {
  const { visit, clock } = site()
  await visit((session) => session.signIn('u1', { amr: ['pwd'], acr: 'aal1' }))
  clock.advance(400)
  await visit((session) => {
    const writable = session as unknown as Record<string, unknown>
    for (const name of ['userId', 'acr', 'amr', 'authTime', 'expiresAt', 'createdAt', 'isNew', 'id']) {
      expect(() => {
        writable[name] = 'aal3'
      }).toThrow(TypeError)
    }
    session.data.acr = 'aal3'
    session.data.userId = 'root'
    session.regenerate()
  })
  await visit((session) => {
    expect([session.userId, session.acr, session.amr]).toEqual(['u1', 'aal1', ['pwd']])
    expect(session.authTime).toBe(START)
    expect(() => (session.amr as string[]).push('otp')).toThrow(TypeError)
    expect(session.amr).toEqual(['pwd'])
  })
})
