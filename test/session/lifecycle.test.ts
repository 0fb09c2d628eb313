import { expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { recordBytes, sealValue } from '../support/format.ts'
import { type AnyData, site } from '../support/site.ts'

const START = Date.UTC(2026, 0, 1)

test('row 31: without a request the session ends at its idle timeout, to the second', async () => {
  const { visit, clock } = site({ idleTimeout: 1800 })
  await visit((session) => session.signIn('u1'))
  clock.set(START + 1800_000 - 1)
  expect(await visit((session) => session.userId)).toBe('u1')
})

test('row 35: exactly at its second the session has expired', async () => {
  const { visit, clock, events } = site({ idleTimeout: 1800 })
  await visit((session) => session.signIn('u1'))
  clock.set(START + 1800_000)
  expect(await visit((session) => session.userId)).toBeUndefined()
  expect(events.at(-1)).toMatchObject({ type: 'reject', reason: 'idle-timeout', userId: 'u1' })
})

test('row 35: exactly at the second of the absolute deadline the session has expired', async () => {
  const { visit, clock, events } = site({ idleTimeout: 1800, absoluteTimeout: 1800 })
  await visit((session) => session.signIn('u1'))
  clock.set(START + 1800_000 - 1)
  expect(await visit((session) => session.userId)).toBe('u1')
  clock.set(START + 1800_000)
  expect(await visit((session) => session.userId)).toBeUndefined()
  expect(events.at(-1)).toMatchObject({ type: 'reject', reason: 'absolute-timeout' })
})

test('row 32: the absolute timeout holds regardless of activity', async () => {
  const { visit, clock } = site({ idleTimeout: 1800, absoluteTimeout: 7200 })
  await visit((session) => session.signIn('u1'))
  for (let minute = 1; minute < 120; minute++) {
    clock.advance(60)
    expect(
      await visit((session) => {
        session.data.minute = minute
        return session.userId
      }),
    ).toBe('u1')
  }
  clock.advance(60)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test('row 32: the absolute timeout of an anonymous session counts from its creation', async () => {
  const { visit, clock } = site({ idleTimeout: 1800, absoluteTimeout: 3600 })
  await visit((session) => {
    session.data.n = 0
  })
  for (const n of [1, 2, 3]) {
    clock.advance(899)
    await visit((session) => {
      session.data.n = n
    })
  }
  clock.advance(902)
  expect(await visit((session) => session.data.n)).toBe(3)
  clock.advance(1)
  expect(await visit((session) => session.data.n)).toBeUndefined()
})

test('row 33: the idle deadline never passes the absolute one', async () => {
  const { visit, clock } = site({ idleTimeout: 3600, absoluteTimeout: 5400 })
  await visit((session) => session.signIn('u1'))
  clock.set(START + 3599_000)
  expect(await visit((session) => session.expiresAt)).toBe(START + 5400_000)
  clock.set(START + 5399_999)
  expect(await visit((session) => session.userId)).toBe('u1')
  clock.set(START + 5400_000)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test('row 34: without any option there is a definite overall timeout of a day', async () => {
  const { visit, clock } = site()
  await visit((session) => session.signIn('u1'))
  for (let i = 1; i < 96; i++) {
    clock.advance(900)
    await visit(() => {})
  }
  clock.set(START + 86_400_000 - 1)
  expect(await visit((session) => session.userId)).toBe('u1')
  clock.set(START + 86_400_000)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test('row 36: the server decides, whatever the browser still sends or forgot to drop', async () => {
  const { visit, jar, clock } = site({ remember: { idleTimeout: 3600, absoluteTimeout: 3600 } })
  await visit((session) => session.signIn('u1', { remember: true }))
  const value = jar.get('__Host-session') ?? ''
  clock.advance(3600)
  expect(jar.header()).toBe('')
  jar.set('__Host-session', value)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test('row 37: the deadlines are inside the seal: a later deployment with longer timeouts revives nothing', async () => {
  const secret = generateSecret()
  const short = site({ secret, idleTimeout: 600 })
  const long = site({ secret, idleTimeout: 86_400 })
  await short.visit((session) => session.signIn('u1'))
  long.jar.set('__Host-session', short.jar.get('__Host-session') ?? '')
  long.clock.advance(599)
  expect(await long.visit((session) => session.userId)).toBe('u1')
  long.jar.set('__Host-session', short.jar.get('__Host-session') ?? '')
  long.clock.advance(1)
  expect(await long.visit((session) => session.userId)).toBeUndefined()
})

test('row 37: shorter timeouts of a later deployment hold at once', async () => {
  const secret = generateSecret()
  const long = site({ secret, idleTimeout: 3600, absoluteTimeout: 7200 })
  const short = site({ secret, idleTimeout: 600, absoluteTimeout: 900 })
  await long.visit((session) => session.signIn('u1'))
  short.jar.set('__Host-session', long.jar.get('__Host-session') ?? '')
  short.clock.advance(599)
  expect(await short.visit((session) => [session.userId, session.expiresAt])).toEqual(['u1', START + 900_000])
  short.clock.set(START + 900_000)
  expect(await short.visit((session) => session.userId)).toBeUndefined()
})

test('row 37: a shorter idle timeout of a later deployment holds at once', async () => {
  const secret = generateSecret()
  const long = site({ secret, idleTimeout: 3600 })
  const short = site({ secret, idleTimeout: 600 })
  await long.visit((session) => session.signIn('u1'))
  const value = long.jar.get('__Host-session') ?? ''
  for (const [at, userId] of [
    [599_999, 'u1'],
    [600_000, undefined],
  ] as const) {
    short.jar.set('__Host-session', value)
    short.clock.set(START + at)
    expect(await short.visit((session) => session.userId)).toBe(userId)
  }
  expect(short.events).toMatchObject([{ type: 'reject', reason: 'idle-timeout' }])
})

test('row 38: an older cookie keeps its own idle deadline, however often it is replayed', async () => {
  const { visit, jar, clock } = site({ idleTimeout: 1800 })
  await visit((session) => session.signIn('u1'))
  const old = jar.get('__Host-session') ?? ''
  clock.advance(1000)
  await visit(() => {})
  expect(jar.get('__Host-session')).not.toBe(old)
  clock.advance(799)
  jar.set('__Host-session', old)
  expect(await visit((session) => session.userId)).toBe('u1')
  jar.set('__Host-session', old)
  clock.advance(1)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test.each([
  ['createdAt', 60, 'u1'],
  ['createdAt', 61, undefined],
  ['lastSeenAt', 59, 'u1'],
  ['lastSeenAt', 61, undefined],
  ['authTime', 60, 'u1'],
  ['authTime', 61, undefined],
])('row 40: a session whose %s is %i s ahead opens as %s', async (name, ahead, userId) => {
  const secret = generateSecret()
  const { visit, jar, clock, events } = site({ secret })
  const at = clock() + ahead * 1000
  const times = { createdAt: clock(), lastSeenAt: clock(), authTime: clock(), [name]: at }
  const content = recordBytes({ ...times, absoluteExpiresAt: at + 3600_000 }, '["u1"]\n{}')
  jar.set('__Host-session', await sealValue(content, { secret, at: clock() }))
  expect(await visit((session) => session.userId)).toBe(userId)
  expect(events).toEqual(
    userId === undefined ? [expect.objectContaining({ type: 'reject', reason: 'issued-in-future' })] : [],
  )
})

test('row 40: two servers whose clocks are 60 s apart serve one session', async () => {
  const secret = generateSecret()
  const ahead = site({ secret })
  const behind = site({ secret })
  behind.clock.advance(-60)
  await ahead.visit((session) => session.signIn('u1'))
  behind.jar.set('__Host-session', ahead.jar.get('__Host-session') ?? '')
  expect(
    await behind.visit((session) => {
      session.data.n = 1
      return session.userId
    }),
  ).toBe('u1')
  expect(await behind.visit((session) => session.lastSeenAt)).toBe(START)
})

test('row 41: an expired cookie is answered by no Set-Cookie, and a later write replaces it', async () => {
  const { visit, respond, jar, clock } = site()
  await visit((session) => session.signIn('u1'))
  clock.advance(1800)
  expect((await respond((session) => session.data.a)).headers.getSetCookie()).toEqual([])
  await visit((session) => {
    session.data.a = 1
  })
  expect(await visit((session) => [session.userId, session.data])).toEqual([undefined, { a: 1 }])
  expect(jar.header().split('; ')).toHaveLength(1)
})

test('activity is recorded once more than a tenth of the idle time has passed, not at it', async () => {
  const { visit, respond, clock } = site({ idleTimeout: 1800 })
  await visit((session) => session.signIn('u1'))
  clock.advance(180)
  expect((await respond(() => 'ok')).headers.getSetCookie()).toEqual([])
  clock.advance(0.9)
  expect((await respond(() => 'ok')).headers.getSetCookie()).toEqual([])
  clock.advance(0.1)
  expect((await respond(() => 'ok')).headers.getSetCookie()).toHaveLength(1)
  await visit((session) => {
    expect(session.lastSeenAt).toBe(START + 181_000)
    expect(session.expiresAt).toBe(START + 181_000 + 1800_000)
  })
})

test('row 29: activity moves the idle timer only', async () => {
  const { visit, clock } = site({ idleTimeout: 1800, absoluteTimeout: 3600 })
  await visit((session) => session.signIn('u1'))
  clock.advance(1799)
  await visit((session) => {
    session.data.n = 1
  })
  clock.advance(1799)
  expect(await visit((session) => [session.userId, session.expiresAt, session.authTime])).toEqual([
    'u1',
    START + 3600_000,
    START,
  ])
})

test('a write counts as activity, though a tenth of the idle time has not passed', async () => {
  const { visit, clock } = site()
  await visit((session) => session.signIn('u1'))
  clock.advance(10)
  await visit((session) => {
    session.data.n = 1
  })
  expect(await visit((session) => session.lastSeenAt)).toBe(START + 10_000)
})

test('times are whole seconds, rounded down, but authTime has milliseconds', async () => {
  const { visit, clock } = site()
  clock.set(START + 1999)
  await visit((session) => session.signIn('u1'))
  expect(await visit(({ createdAt, lastSeenAt, authTime }) => [createdAt, lastSeenAt, authTime])).toEqual([
    START + 1000,
    START + 1000,
    START + 1999,
  ])
})

test('without a clock the time is the real one', async () => {
  const manager = createSessionManager<AnyData>({ secret: generateSecret() })
  const before = Date.now()
  const session = await manager.open(new Request('https://example.test/'))
  session.signIn('u1')
  expect(session.authTime).toBeGreaterThanOrEqual(before)
  expect(session.authTime).toBeLessThanOrEqual(Date.now())
})

test('a clock that jumps back does not turn lastSeenAt back', async () => {
  const { visit, clock } = site()
  await visit((session) => session.signIn('u1'))
  clock.advance(-30)
  await visit((session) => {
    session.data.n = 1
  })
  expect(await visit((session) => session.lastSeenAt)).toBe(START)
})
