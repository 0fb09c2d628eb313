import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { requireFresh, requireSession, requireUser, session } from 'wafer-session/hono'
import { honoSite } from '../support/hono-site.ts'
import { wire } from '../support/site.ts'

function guarded() {
  const site = honoSite()
  const { app } = site
  app.post('/visit', (c) => {
    c.var.session.data.n = 1
    return c.text('ok')
  })
  app.post('/login', (c) => {
    c.var.session.signIn('u1')
    return c.text('ok')
  })
  app.post('/step-up', (c) => {
    c.var.session.reauthenticate()
    return c.text('ok')
  })
  app.get('/any', requireSession(), (c) => c.text(c.var.session.id))
  app.get('/user', requireUser(), (c) => c.text(c.var.session.userId))
  app.get('/fresh', requireFresh(300), (c) => c.text(`${c.var.session.userId} ${c.var.session.authTime}`))
  app.get('/fresher', requireFresh({ maxAge: 60 }), (c) => c.text(c.var.session.userId))
  return site
}

describe('requireSession', () => {
  test('lets a session through, anonymous ones too, and nobody without', async () => {
    const { get, post } = guarded()
    const refused = await get('/any')
    expect([refused.status, await refused.text()]).toEqual([401, 'Unauthorized'])
    await post('/visit')
    expect((await get('/any')).status).toBe(200)
  })
})

describe('requireUser', () => {
  test('lets signed-in users through and nobody else', async () => {
    const { get, post, clock } = guarded()
    expect((await get('/user')).status).toBe(401)
    await post('/visit')
    expect((await get('/user')).status).toBe(401)
    await post('/login')
    expect(await (await get('/user')).text()).toBe('u1')
    clock.advance(1800)
    expect((await get('/user')).status).toBe(401)
  })

  test('row 71: a forged cookie is refused as none is', async () => {
    const { get, jar } = guarded()
    const none = await wire(await get('/user'))
    jar.set('__Host-session', 'AWFiY2QAAAA')
    expect(await wire(await get('/user'))).toEqual(none)
  })

  test('refuses after a sign-out in the same request', async () => {
    const { app, get, post } = guarded()
    app.use('/left', async (c, next) => {
      c.var.session.signOut()
      await next()
    })
    app.get('/left', requireUser(), (c) => c.text('unreached'))
    await post('/login')
    expect((await get('/left')).status).toBe(401)
  })
})

describe('requireFresh', () => {
  test('row 28: refuses an authentication of 301 s ago when 300 are allowed, by a challenge', async () => {
    const { get, post, clock } = guarded()
    await post('/login')
    clock.advance(300)
    expect((await get('/fresh')).status).toBe(200)
    clock.advance(1)
    const refused = await get('/fresh')
    expect([refused.status, await refused.text()]).toEqual([401, 'Unauthorized'])
    expect(refused.headers.get('WWW-Authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", max_age="300"',
    )
    await post('/step-up')
    expect(await (await get('/fresh')).text()).toBe(`u1 ${clock()}`)
  })

  test('takes its age in an object too', async () => {
    const { get, post, clock } = guarded()
    await post('/login')
    clock.advance(61)
    expect((await get('/fresher')).headers.get('WWW-Authenticate')).toContain('max_age="60"')
  })

  test('refuses an anonymous visitor without a challenge', async () => {
    const { get, post } = guarded()
    await post('/visit')
    const refused = await get('/fresh')
    expect([refused.status, refused.headers.has('WWW-Authenticate')]).toEqual([401, false])
  })

  test.each([0, -1, Number.NaN, undefined, null, '300', {}, { maxAge: 0 }, Number.POSITIVE_INFINITY])(
    'refuses the age %j by a sentence',
    (maxAge) => {
      expect(() => requireFresh(maxAge as number)).toThrow(RangeError)
      expect(() => requireFresh(maxAge as number)).toThrow('requireFresh(maxAge) wants seconds')
    },
  )
})

test.each([
  ['requireSession', requireSession()],
  ['requireUser', requireUser()],
  ['requireFresh', requireFresh(60)],
])('%s without a session middleware says what is missing', async (_, guard) => {
  const app = new Hono()
  const errors: Error[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('no', 500)
  })
  app.get('/', guard, (c) => c.text('unreached'))
  expect((await app.request('/')).status).toBe(500)
  expect(errors[0]).toBeInstanceOf(TypeError)
  expect(errors[0]?.message).toBe('There is no c.var.session: app.use(session(…)) must come first.')
})

test('requireSession and requireUser refuse a session that a middleware before them ended', async () => {
  const { app, post, get } = guarded()
  app.use('/late/*', async (c, next) => {
    c.var.session.signOut()
    await next()
  })
  app.get('/late/any', requireSession(), (c) => c.text('in'))
  app.get('/late/user', requireUser(), (c) => c.text('in'))
  await post('/login')
  expect((await get('/any')).status).toBe(200)
  expect((await get('/late/any')).status).toBe(401)
  expect((await get('/late/user')).status).toBe(401)
})

test.each<[what: string, use: () => unknown]>([
  ['requireUser given a name', () => requireUser('staff' as never)],
  ['requireSession given a misspelt option', () => requireSession({ varable: 'staff' } as never)],
  ['requireFresh given a misspelt option', () => requireFresh({ maxAge: 60, varable: 'staff' } as never)],
  ['session() given a name', () => session({}, 'staff' as never)],
])('%s is refused: it would guard another session', (_, use) => {
  expect(use).toThrow(TypeError)
  expect(use).toThrow(/takes nothing or \{ variable: 'name'/)
})

test('a guard written without its parentheses is refused by a sentence', async () => {
  const { app, get } = guarded()
  const errors: Error[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('failed', 500)
  })
  app.get('/bare', requireUser as never, (c) => c.text('in'))
  expect((await get('/bare')).status).toBe(500)
  expect(errors[0]?.message).toMatch(/As a middleware it is written requireUser\(\)/)
})

test('requireFresh takes the variable in either place', async () => {
  const { app, get } = guarded()
  app.get('/staff', requireFresh(60, { variable: 'staff' }) as never, (c) => c.text('in'))
  const errors: Error[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('failed', 500)
  })
  expect((await get('/staff')).status).toBe(500)
  expect(errors[0]?.message).toMatch(/There is no c\.var\.staff/)
})
