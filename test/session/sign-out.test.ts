import { expect, test } from 'vitest'
import { site } from '../support/site.ts'

const CLEARED = '__Host-session=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT'

test('signOut clears the cookie, and the next request is anonymous', async () => {
  const { visit, jar, events } = site()
  const id = await visit((session) => {
    session.signIn('u1')
    return session.id
  })
  await visit((session) => {
    session.signOut()
    expect(session.userId).toBeUndefined()
    expect(session.amr).toEqual([])
  })
  expect(jar.header()).toBe('')
  expect(await visit((session) => session.userId)).toBeUndefined()
  expect(events.slice(1)).toEqual([
    {
      type: 'end',
      reason: 'sign-out',
      sessionId: id,
      userId: 'u1',
      at: Date.UTC(2026, 0, 1),
      cookie: '__Host-session',
    },
  ])
})

test.each([
  {},
  { cookie: { sameSite: 'Strict' } },
  {
    cookie: { name: '__Secure-s', domain: 'example.test', path: '/app', sameSite: 'None', partitioned: true },
  },
  { cookie: { name: 'session', secure: false } },
] as const)('row 17: the clearing line has the attributes of the cookie: %j', async (options) => {
  const { manager } = site(options)
  const open = (cookie = '') => manager.open(new Request('https://example.test/', { headers: { cookie } }))
  const signingIn = await open()
  signingIn.signIn('u1')
  const [set = ''] = await manager.commit(signingIn)
  const leaving = await open(set.split(';')[0])
  leaving.signOut()
  const [clear = ''] = await manager.commit(leaving)
  const [name] = set.split('=')
  expect(clear.split('; ').slice(0, 3)).toEqual([
    `${name}=`,
    'Max-Age=0',
    'Expires=Thu, 01 Jan 1970 00:00:00 GMT',
  ])
  expect(clear.split('; ').slice(3)).toEqual(set.split('; ').slice(1))
  expect(leaving.isNew).toBe(true)
})

test('row 18: signOut without a cookie sends none and reports nothing', async () => {
  const { respond, events } = site()
  const response = await respond((session) => session.signOut())
  expect([...response.headers]).toEqual([...new Response('ok').headers])
  expect(events).toEqual([])
})

test('row 18: signing in and out in one request, without a cookie before, sends none', async () => {
  const { respond, jar } = site()
  const response = await respond((session) => {
    session.signIn('u1')
    session.signOut()
  })
  expect(response.headers.getSetCookie()).toEqual([])
  expect(jar.header()).toBe('')
})

test('signOut clears a cookie that was refused too, so that a browser can be freed of it', async () => {
  const { respond, jar } = site()
  jar.set('__Host-session', 'garbage')
  expect((await respond(() => 'ok')).headers.getSetCookie()).toEqual([])
  const response = await respond((session) => session.signOut())
  expect(response.headers.getSetCookie()[0]).toContain(CLEARED)
})

test('row 19: signOut twice, and with commits between, is fine and reported once', async () => {
  const { visit, respond, events } = site()
  await visit((session) => session.signIn('u1'))
  const response = await respond(async (session) => {
    session.signOut()
    await session.commit()
    session.signOut()
    await session.commit()
  })
  expect(response.headers.getSetCookie()).toEqual([expect.stringContaining(CLEARED)])
  expect(events.filter(({ type }) => type === 'end')).toHaveLength(1)
})

test('row 20: after signOut every change throws ERR_SESSION_ENDED', async () => {
  const { visit } = site()
  await visit((session) => {
    session.signIn('u1')
    session.data.cart = { lines: ['a'] }
    session.flash('notice', 'hello')
  })
  await visit((session) => {
    const kept = session.data
    session.signOut()
    const ended = expect.objectContaining({ code: 'ERR_SESSION_ENDED', status: 409 })
    expect(() => {
      session.data.a = 1
    }).toThrow(ended)
    expect(() => {
      delete session.data.cart
    }).toThrow(ended)
    expect(() => Object.defineProperty(session.data, 'a', { value: 1 })).toThrow(ended)
    expect(() => Object.setPrototypeOf(session.data, {})).toThrow(ended)
    expect(() => session.update(() => {})).toThrow(ended)
    expect(() => session.flash('a', 'b')).toThrow(ended)
    expect(() => session.signIn('u2')).toThrow(ended)
    expect(() => session.reauthenticate()).toThrow(ended)
    expect(() => session.regenerate()).toThrow(ended)
    expect(() => kept.cart.lines.push('b')).toThrow(TypeError)
    expect(session.flash('notice')).toBeUndefined()
    expect(session.data).toEqual({})
  })
})

test('row 59: clearSiteData adds the header, also by a second signOut', async () => {
  const { visit, respond } = site()
  await visit((session) => session.signIn('u1'))
  const response = await respond((session) => {
    session.signOut()
    session.signOut({ clearSiteData: true })
    session.signOut({ clearSiteData: false })
  })
  expect(response.headers.get('Clear-Site-Data')).toBe('"cache", "cookies", "storage"')
})

test('row 59: without clearSiteData there is no such header', async () => {
  const { visit, respond } = site()
  await visit((session) => session.signIn('u1'))
  const response = await respond((session) => session.signOut())
  expect(response.headers.has('Clear-Site-Data')).toBe(false)
})

test('row 16: without revocations a sealed cookie kept from before signOut opens until its idle deadline', async () => {
  const { visit, jar, clock } = site()
  await visit((session) => session.signIn('u1'))
  const kept = jar.get('__Host-session') ?? ''
  await visit((session) => session.signOut())
  jar.set('__Host-session', kept)
  clock.advance(1799)
  const [userId, expiresAt] = await visit((session) => [session.userId, session.expiresAt])
  expect(userId).toBe('u1')
  expect(expiresAt).toBeGreaterThan(clock())
  jar.set('__Host-session', kept)
  clock.advance(1)
  expect(await visit((session) => session.userId)).toBeUndefined()
})
