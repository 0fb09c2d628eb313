import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { honoSite } from '../support/hono-site.ts'
import { type AnyData, namesSet } from '../support/site.ts'

type Env = SessionEnv<AnyData>

const fails: [what: string, error: () => Error, status: number][] = [
  ['a plain Error', () => new Error('broken'), 500],
  ['an HTTPException 401', () => new HTTPException(401, { message: 'who?' }), 401],
  [
    'an HTTPException 303',
    () => new HTTPException(303 as 401, { res: Response.redirect('https://example.test/', 303) }),
    303,
  ],
  ['an HTTPException 503', () => new HTTPException(503), 503],
]

// Hono's default handler logs errors that it does not know; the library itself never does.
let errorLog: { mock: { calls: unknown[] } }
beforeEach(() => {
  errorLog = vi.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** One route that changes data and one that signs out, both of which then fail. */
function addFailingRoutes(app: Hono<Env>, error: () => Error): void {
  app.post('/data', (c) => {
    c.var.session.data.n = 5
    throw error()
  })
  app.post('/sign-out', (c) => {
    c.var.session.signOut()
    throw error()
  })
}

/** An app whose every route fails with this error. */
function failing(error: () => Error) {
  const site = honoSite()
  const { app } = site
  app.post('/login', (c) => {
    c.var.session.signIn('u1')
    c.var.session.data.n = 1
    return c.text('ok')
  })
  app.post('/data', (c) => {
    c.var.session.data.n = 2
    throw error()
  })
  app.post('/sign-in', (c) => {
    c.var.session.signIn('u2')
    throw error()
  })
  app.post('/sign-out', (c) => {
    c.var.session.signOut()
    throw error()
  })
  app.post('/commit', async (c) => {
    c.var.session.data.n = 3
    await c.var.session.commit()
    c.var.session.data.n = 4
    throw error()
  })
  return site
}

describe.each(fails)('a handler that throws %s', (_, error, status) => {
  test('row 89: keeps no changes', async () => {
    const { post, stored, events } = failing(error)
    await post('/login')
    for (const path of ['/data', '/sign-in']) {
      const response = await post(path)
      expect(response.status).toBe(status)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(events.at(-1)).toMatchObject({ type: 'discard', reason: 'failed-response' })
    }
    expect(await stored()).toEqual({ userId: 'u1', data: { n: 1 } })
  })

  test('keeps a sign-out', async () => {
    const { post, jar } = failing(error)
    await post('/login')
    const response = await post('/sign-out')
    expect(response.status).toBe(status)
    expect(jar.header()).toBe('')
  })

  test('keeps what was committed before', async () => {
    const { post, stored } = failing(error)
    await post('/login')
    await post('/commit')
    expect((await stored()).data).toEqual({ n: 3 })
  })

  test('keeps the no-store and Vary of a live session', async () => {
    const { post } = failing(error)
    await post('/login')
    const response = await post('/data')
    expect([response.headers.get('Vary'), response.headers.get('Cache-Control')]).toEqual([
      'Cookie',
      'private',
    ])
  })

  test('row 89: keeps no changes with an error page of the app, whatever its status', async () => {
    for (const pageStatus of [200, 302, 418, 500] as const) {
      const { app, post, stored } = failing(error)
      app.onError((thrown, c) => {
        c.header('X-Error', thrown.name)
        return c.body(null, pageStatus)
      })
      await post('/login')
      const response = await post('/data')
      expect([response.status, response.headers.has('X-Error')]).toEqual([pageStatus, true])
      expect((await stored()).data).toEqual({ n: 1 })
    }
  })

  test('a sign-out holds with an error page of the app', async () => {
    const { app, post, jar } = failing(error)
    app.onError((_, c) => c.text('sorry', 500))
    await post('/login')
    expect(await (await post('/sign-out')).text()).toBe('sorry')
    expect(jar.header()).toBe('')
  })

  test.each([true, false])('in a sub-app with an error page of its own: %s', async (own) => {
    const { app, post, stored, jar } = failing(error)
    const sub = new Hono<Env>()
    if (own) sub.onError((_, c) => c.text('sorry from the sub-app', 200))
    addFailingRoutes(sub, error)
    app.route('/sub', sub)
    await post('/login')
    expect((await post('/sub/data')).status).toBe(own ? 200 : status)
    expect(await stored()).toEqual({ userId: 'u1', data: { n: 1 } })
    await post('/sub/sign-out')
    expect(jar.header()).toBe('')
  })

  test.each([true, false])('in a sub-app with a session and an error page of its own: %s', async (own) => {
    const { app, options, post, stored, jar } = honoSite({}, false)
    const sub = new Hono<Env>()
    if (own) sub.onError((_, c) => c.text('sorry from the sub-app', 200))
    sub.use(session(options))
    sub.post('/login', (c) => {
      c.var.session.signIn('u1')
      return c.text('ok')
    })
    addFailingRoutes(sub, error)
    app.route('/sub', sub)
    expect(namesSet(await post('/sub/login'))).toEqual(['__Host-session'])
    expect((await post('/sub/data')).status).toBe(own ? 200 : status)
    expect(await stored()).toEqual({ userId: 'u1', data: {} })
    await post('/sub/sign-out')
    expect(jar.header()).toBe('')
  })
})

test('an error page reads the session, and the flash that it sets is not kept', async () => {
  const { app, post, stored, get } = failing(() => new Error('broken'))
  app.onError((_, c) => {
    c.var.session.flash('notice', 'Something broke')
    return c.text(`sorry ${c.var.session.userId}`, 500)
  })
  app.get('/flash', (c) => c.text(c.var.session.flash('notice') ?? 'none'))
  await post('/login')
  expect(await (await post('/data')).text()).toBe('sorry u1')
  expect(await (await get('/flash')).text()).toBe('none')
  expect((await stored()).data).toEqual({ n: 1 })
})

describe('an error of the session itself', () => {
  const heavy = () => {
    const site = honoSite()
    site.app.get('/big', (c) => {
      c.var.session.data.big = 'x'.repeat(5000)
      return c.text('saved', 200, { 'X-Page': '1' })
    })
    site.app.get('/date', (c) => {
      c.var.session.data.user = { born: new Date(0) }
      return c.text('saved')
    })
    site.app.get('/ended', (c) => {
      c.var.session.signOut()
      c.var.session.signIn('u1')
      return c.text('saved')
    })
    return site
  }

  test.each([
    ['/big', 500, 'Internal Server Error'],
    ['/date', 500, 'Internal Server Error'],
    ['/ended', 409, 'Conflict'],
  ])('%s is answered by the default handler with %i and an opaque body', async (path, status, body) => {
    const { get, jar } = heavy()
    const response = await get(path)
    expect([response.status, await response.text()]).toEqual([status, body])
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(jar.header()).toBe('')
    expect(errorLog.mock.calls).toEqual([])
  })

  test.each([
    ['/big', 'ERR_SESSION_TOO_LARGE'],
    ['/date', 'ERR_SESSION_NOT_SERIALIZABLE'],
    ['/ended', 'ERR_SESSION_ENDED'],
  ])('%s reaches app.onError with its code, and the page can read the session', async (path, code) => {
    const { app, get } = heavy()
    app.onError((error, c) =>
      c.text(`${(error as { code?: string }).code} ${c.var.session.data.user?.born}`, 507 as 500),
    )
    const response = await get(path)
    expect([response.status, (await response.text()).split(' ')[0]]).toEqual([507, code])
    expect(response.headers.getSetCookie()).toEqual([])
  })
})

test('requireUser throws for app.onError to see, so that a page may lead to the sign-in', async () => {
  const { app, get } = honoSite()
  app.onError((error, c) =>
    error instanceof HTTPException && error.status === 401 ? c.redirect('/login') : c.text('no', 500),
  )
  app.get('/account', requireUser(), (c) => c.text('unreached'))
  const response = await get('/account')
  expect([response.status, response.headers.get('Location')]).toEqual([302, '/login'])
})

test('what is thrown and is no Error rejects as Hono has it, and keeps nothing', async () => {
  const { app, post, jar } = honoSite()
  app.post('/', (c) => {
    c.var.session.data.n = 1
    throw 'a string'
  })
  await expect(post('/')).rejects.toBe('a string')
  expect(jar.header()).toBe('')
})

test('a thrown 4xx records activity, so that a user who meets only those is not signed out', async () => {
  const { app, post, get, clock, stored } = honoSite()
  app.post('/login', (c) => {
    c.var.session.signIn('u1')
    return c.text('ok')
  })
  app.get('/missing', (c) => {
    c.var.session.data.seen = true
    throw new HTTPException(404)
  })
  await post('/login')
  for (let minute = 0; minute < 35; minute++) {
    clock.advance(60)
    expect((await get('/missing')).status).toBe(404)
  }
  expect(await stored()).toEqual({ userId: 'u1', data: {} })
})

test('session.commit() in app.onError keeps what the answer to an error needs', async () => {
  const { app, get, stored } = honoSite()
  app.onError(async (_, c) => {
    c.var.session.data.returnTo = c.req.path
    await c.var.session.commit()
    return c.redirect('/sign-in', 303)
  })
  app.get('/account', requireUser(), (c) => c.text('in'))
  expect((await get('/account')).status).toBe(303)
  expect((await stored()).data).toEqual({ returnTo: '/account' })
})
