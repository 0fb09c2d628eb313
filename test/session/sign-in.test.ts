import { expect, test } from 'vitest'
import { aal2 } from 'wafer-session'
import { namesSet, site } from '../support/site.ts'

test('signIn makes the next request known, with how and when', async () => {
  const { visit, clock } = site()
  clock.advance(0.25)
  await visit((session) => {
    session.signIn('u1', { amr: ['pwd', 'otp'], acr: 'aal2' })
    expect(session.userId).toBe('u1')
  })
  clock.advance(1)
  await visit((session) => {
    expect(session.isNew).toBe(false)
    expect(session.userId).toBe('u1')
    expect(session.amr).toEqual(['pwd', 'otp'])
    expect(session.acr).toBe('aal2')
    expect(session.authTime).toBe(Date.UTC(2026, 0, 1) + 250)
  })
})

test('row 11: signIn gives a new id and a new cookie value, whatever was there before', async () => {
  const { visit, jar, events } = site()
  const seen = new Set<string>()
  const values = new Set<string | undefined>()
  for (const user of [undefined, 'u1', 'u1', 'u2']) {
    seen.add(
      await visit((session) => {
        if (user === undefined) session.data.cart = ['a']
        else session.signIn(user)
        return session.id
      }),
    )
    values.add(jar.get('__Host-session'))
  }
  expect(seen.size).toBe(4)
  expect(values.size).toBe(4)
  expect(events.map((event) => [event.type, 'reason' in event ? event.reason : ''])).toEqual([
    ['create', ''],
    ['end', 'sign-in'],
    ['create', ''],
    ['end', 'sign-in'],
    ['create', ''],
    ['end', 'sign-in'],
    ['create', ''],
  ])
})

test('row 11: no byte of the id before sign-in is in the one after it', async () => {
  const { visit } = site()
  const before = await visit((session) => {
    session.data.a = 1
    return session.id
  })
  const after = await visit((session) => {
    session.signIn('u1')
    return session.id
  })
  expect(after.slice(0, 10)).not.toBe(before.slice(0, 10))
  expect(after.slice(-10)).not.toBe(before.slice(-10))
})

test('row 14: signIn leaves all data behind but the keys in keep', async () => {
  const { visit } = site()
  await visit((session) => Object.assign(session.data, { cart: ['a'], isAdmin: true, theme: 'dark' }))
  await visit((session) => {
    session.signIn('u1', { keep: ['cart', 'missing'] })
    expect(session.data).toStrictEqual({ cart: ['a'] })
  })
  expect(await visit((session) => session.data)).toStrictEqual({ cart: ['a'] })
})

test('row 14: without keep nothing is left, also of what this request wrote before', async () => {
  const { visit } = site()
  await visit((session) => Object.assign(session.data, { a: 1 }))
  await visit((session) => {
    session.data.b = 2
    session.signIn('u1')
    session.data.c = 3
  })
  expect(await visit((session) => session.data)).toStrictEqual({ c: 3 })
})

test('row 14: the same user signing in again starts empty too', async () => {
  const { visit } = site()
  await visit((session) => {
    session.signIn('u1')
    session.data.sudo = true
  })
  await visit((session) => session.signIn('u1'))
  expect(await visit((session) => session.data)).toEqual({})
})

test('signIn keeps one data object, so that a reference taken before still writes', async () => {
  const { visit } = site()
  await visit((session) => {
    const { data } = session
    session.signIn('u1')
    data.a = 1
  })
  expect(await visit((session) => session.data)).toEqual({ a: 1 })
})

test('a property of data that cannot be deleted stops the sign-in instead of surviving it', async () => {
  const { visit } = site()
  await visit((session) => {
    Object.defineProperty(session.data, 'isAdmin', { value: true, enumerable: true })
    expect(() => session.signIn('u1')).toThrow(TypeError)
    expect(session.userId).toBeUndefined()
  })
})

test('signIn twice in one request: the last one counts, with one cookie', async () => {
  const { visit, respond } = site()
  const response = await respond((session) => {
    session.signIn('u1', { amr: ['pwd'], remember: true })
    session.data.of = 'u1'
    session.signIn('u2')
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  await visit((session) => {
    expect([session.userId, session.data, session.amr]).toEqual(['u2', {}, []])
  })
})

test.each(['u1', '0', ' ', 'Zoë', '\u{1f36a}', '__proto__', '"],"', 'x'.repeat(500)])(
  'any non-empty string is a user id: %j',
  async (userId) => {
    const { visit } = site()
    await visit((session) => session.signIn(userId))
    expect(await visit((session) => session.userId)).toBe(userId)
  },
)

test('row 55: the cookie is not persistent by default', async () => {
  const { respond, jar } = site()
  const [line] = (await respond((session) => session.signIn('u1'))).headers.getSetCookie()
  expect(line).not.toMatch(/max-age|expires/i)
  jar.restart()
  expect(jar.header()).toBe('')
})

test('row 56: with remember Max-Age is the absolute life left, and shrinks as time passes', async () => {
  const { respond, visit, clock, jar } = site({ remember: { idleTimeout: 86_400, absoluteTimeout: 604_800 } })
  const maxAge = (response: Response) => response.headers.getSetCookie()[0]?.match(/; Max-Age=(\d+)/)?.[1]
  expect(maxAge(await respond((session) => session.signIn('u1', { remember: true })))).toBe('604800')
  jar.restart()
  clock.advance(50_000.4)
  const later = await respond((session) => {
    session.data.n = 1
  })
  expect(maxAge(later)).toBe('554800')
  expect(await visit((session) => session.userId)).toBe('u1')
})

test('remember holds its own timeouts, and only for sessions that asked for it', async () => {
  const remember = { idleTimeout: 7200, absoluteTimeout: 604_800 }
  const remembered = site({ remember })
  const plain = site({ remember })
  await remembered.visit((session) => session.signIn('u1', { remember: true }))
  await plain.visit((session) => session.signIn('u1'))
  remembered.clock.advance(3600)
  plain.clock.advance(3600)
  expect(await remembered.visit((session) => session.userId)).toBe('u1')
  expect(await plain.visit((session) => session.userId)).toBeUndefined()
})

test('a sign-in without remember takes the persistence of the one before away', async () => {
  const { visit, respond } = site()
  await visit((session) => session.signIn('u1', { remember: true }))
  const [line] = (await respond((session) => session.signIn('u1'))).headers.getSetCookie()
  expect(line).not.toContain('Max-Age')
})

test('NIST presets are timeouts to spread into the options', async () => {
  const { visit, clock } = site({ ...aal2 })
  await visit((session) => session.signIn('u1'))
  clock.advance(3599)
  expect(await visit((session) => session.userId)).toBe('u1')
  clock.advance(3600)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test.each([
  [undefined, {}, 'signIn(userId) wants a non-empty string'],
  ['', {}, 'signIn(userId) wants a non-empty string'],
  [42, {}, 'signIn(userId) wants a non-empty string'],
  [{ id: 'u1' }, {}, 'signIn(userId) wants a non-empty string'],
  ['u1', { amr: 'pwd' }, 'amr must be a list of strings'],
  ['u1', { amr: [1] }, 'amr must be a list of strings'],
  ['u1', { acr: 2 }, 'acr must be a string'],
  ['u1', { keep: 'cart' }, 'keep must be a list of keys'],
  ['u1', { keep: true }, 'keep must be a list of keys'],
  ['u1', { pendng: true }, 'signIn() has no option pendng'],
  ['u1', { pending: 'true' }, 'remember and pending must be true or false.'],
  ['u1', { remember: 1 }, 'remember and pending must be true or false.'],
  [
    'u1',
    { oidc: { iss: 'https://op.example' } },
    'oidc wants the iss, the sub and, where there is one, the sid',
  ],
])('signIn(%j, %j) is a TypeError and changes nothing', async (userId, options, sentence) => {
  const { visit } = site()
  await visit((session) => {
    session.data.cart = ['a']
  })
  await visit((session) => {
    const { id } = session
    expect(() => session.signIn(userId as string, options as object)).toThrow(TypeError)
    expect(() => session.signIn(userId as string, options as object)).toThrow(sentence)
    expect([session.id, session.userId, session.data]).toEqual([id, undefined, { cart: ['a'] }])
  })
})
