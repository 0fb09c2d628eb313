import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { etag } from 'hono/etag'
import { createMiddleware } from 'hono/factory'
import { describe, expect, test } from 'vitest'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { honoSite } from '../support/hono-site.ts'
import { type AnyData, namesSet } from '../support/site.ts'

type Env = SessionEnv<AnyData>

test('row 60: an app that does not touch the session sends nothing of it', async () => {
  const { app, get, events } = honoSite()
  app.get('/', (c) => c.text('hello'))
  const plain = new Hono().get('/', (c) => c.text('hello'))
  const [response, expected] = [await get('/'), await plain.request('/')]
  expect([...response.headers]).toEqual([...expected.headers])
  expect(events).toEqual([])
})

test('data is kept from request to request', async () => {
  const { app, post, get } = honoSite()
  app.post('/cart/:sku', (c) => {
    const { data } = c.var.session
    data.cart = [...(data.cart ?? []), c.req.param('sku')]
    return c.redirect('/cart')
  })
  app.get('/cart', (c) => c.json(c.var.session.data))
  await post('/cart/a')
  const response = await post('/cart/b')
  expect(response.status).toBe(302)
  expect(response.headers.get('Location')).toBe('/cart')
  expect(await (await get('/cart')).json()).toEqual({ cart: ['a', 'b'] })
})

describe('responses', () => {
  test.each([
    ['c.redirect', (c: { redirect(to: string): Response }) => c.redirect('/next'), 302],
    ['Response.redirect', () => Response.redirect('https://example.test/next', 303), 303],
    ['a null body', () => new Response(null, { status: 204 }), 204],
    ['a body of bytes', () => new Response(new Uint8Array(3)), 200],
  ])('the cookie is on %s', async (_, respond, status) => {
    const { app, post, stored } = honoSite()
    app.post('/', (c) => {
      c.var.session.signIn('u1')
      return respond(c)
    })
    const response = await post('/')
    expect(response.status).toBe(status)
    expect(namesSet(response)).toEqual(['__Host-session'])
    expect((await stored()).userId).toBe('u1')
  })

  test('a touched session is on a redirect with immutable headers too', async () => {
    const { app, post, get, clock } = honoSite()
    app.post('/login', (c) => {
      c.var.session.signIn('u1')
      return c.text('ok')
    })
    app.get('/', () => Response.redirect('https://example.test/next'))
    await post('/login')
    expect((await get('/')).headers.get('Vary')).toBe('Cookie')
    clock.advance(600)
    const response = await get('/')
    expect(response.headers.get('Location')).toBe('https://example.test/next')
    expect(namesSet(response)).toEqual(['__Host-session'])
  })

  test('HEAD carries the cookie as GET does', async () => {
    const { app, get } = honoSite()
    app.get('/', (c) => {
      c.var.session.data.n = 1
      return c.text('hello')
    })
    const response = await get('/', { method: 'HEAD' })
    expect([namesSet(response), await response.text()]).toEqual([['__Host-session'], ''])
  })

  test('c.notFound, and a path that nobody handles, carry the cookie', async () => {
    const { app, get, stored } = honoSite()
    app.notFound((c) => {
      c.var.session.flash('notice', `No ${c.req.path}`)
      return c.text('Nothing here', 404)
    })
    app.get('/gone', (c) => {
      c.var.session.data.gone = true
      return c.notFound()
    })
    expect(namesSet(await get('/gone'))).toEqual(['__Host-session'])
    const response = await get('/nowhere')
    expect([response.status, await response.text()]).toEqual([404, 'Nothing here'])
    expect(namesSet(response)).toEqual(['__Host-session'])
    expect((await stored()).data).toEqual({ gone: true })
  })

  test('a handler that forgot to answer gets the error of Hono', async () => {
    const { app, get } = honoSite()
    const errors: string[] = []
    app.onError((error, c) => {
      errors.push(error.message)
      return c.text('no', 500)
    })
    app.get('/', (async () => {}) as never)
    expect((await get('/')).status).toBe(500)
    expect(errors).toEqual([expect.stringContaining('Context is not finalized')])
  })
})

describe('cookies of the handler', () => {
  test('row 53: all survive, before and after, beside ours', async () => {
    const { app, get, jar } = honoSite()
    app.get('/', (c) => {
      setCookie(c, 'a', '1')
      c.var.session.data.n = 1
      setCookie(c, 'b', '2', { path: '/', expires: new Date(Date.UTC(2027, 0)) })
      const response = c.text('hello')
      response.headers.append('Set-Cookie', 'c=3')
      return response
    })
    expect(namesSet(await get('/'))).toEqual(['a', 'b', 'c', '__Host-session'])
    expect([jar.get('a'), jar.get('b'), jar.get('c')]).toEqual(['1', '2', '3'])
  })

  test('row 53: all survive on a response with immutable headers', async () => {
    const { app, get } = honoSite()
    app.use(async (c, next) => {
      await next()
      setCookie(c, 'after', '1')
    })
    app.get('/', (c) => {
      setCookie(c, 'before', '1')
      c.var.session.data.n = 1
      return Response.redirect('https://example.test/next')
    })
    const names = namesSet(await get('/'))
    expect(names.filter((name) => name !== 'before').sort()).toEqual(['__Host-session', 'after'])
  })

  test('row 53: two of one name, which Hono allows, are not merged', async () => {
    const { app, get } = honoSite()
    app.get('/', (c) => {
      setCookie(c, 'a', '1', { path: '/x' })
      setCookie(c, 'a', '2', { path: '/y' })
      c.var.session.data.n = 1
      return c.text('hello')
    })
    expect(namesSet(await get('/'))).toEqual(['a', 'a', '__Host-session'])
  })
})

describe('other middleware', () => {
  test('reads and changes the session on its way in and out', async () => {
    const { app, get, stored } = honoSite()
    const seen: unknown[] = []
    const track = createMiddleware<Env>(async (c, next) => {
      c.var.session.data.visits = (c.var.session.data.visits ?? 0) + 1
      await next()
      seen.push(c.var.session.data.last)
      c.var.session.data.status = c.res.status
    })
    app.use(track)
    app.get('/', (c) => {
      c.var.session.data.last = c.req.path
      return c.text('hello', 202)
    })
    await get('/')
    await get('/')
    expect(seen).toEqual(['/', '/'])
    expect((await stored()).data).toEqual({ visits: 2, last: '/', status: 202 })
  })

  test('outside of the session reads it once it is closed, and cannot change it any more', async () => {
    const { app, options, get } = honoSite({}, false)
    const errors: unknown[] = []
    let user: string | undefined
    app.use(async (c, next) => {
      await next()
      user = c.var.session.userId
      try {
        c.var.session.data.late = true
      } catch (error) {
        errors.push(error)
      }
    })
    app.use(session(options))
    app.get('/', (c) => {
      c.var.session.signIn('u1')
      return c.text('hello')
    })
    await get('/')
    expect(user).toBe('u1')
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' })])
  })

  test.each(['inside', 'outside'])('%s of the session may replace the response', async (place) => {
    const { app, options, get, stored } = honoSite({}, false)
    const replace = createMiddleware(async (c, next) => {
      await next()
      c.res = new Response('replaced', { status: 201, headers: { 'Set-Cookie': 'other=1' } })
    })
    if (place === 'outside') app.use(replace)
    app.use(session(options))
    if (place === 'inside') app.use(replace)
    app.get('/', (c) => {
      setCookie(c, 'mine', '1')
      c.var.session.signIn('u1')
      return c.text('hello')
    })
    const response = await get('/')
    expect([response.status, await response.text()]).toEqual([201, 'replaced'])
    expect(namesSet(response)).toContain('__Host-session')
    expect((await stored()).userId).toBe('u1')
  })

  test('may answer before the handler', async () => {
    const { app, get, stored } = honoSite()
    app.use(async (c) => {
      c.var.session.flash('notice', 'Closed')
      return c.text('Closed', 403)
    })
    app.get('/', (c) => c.text('unreached'))
    const response = await get('/')
    expect([response.status, namesSet(response)]).toEqual([403, ['__Host-session']])
    expect((await stored()).data).toEqual({})
  })
})

describe('app.route', () => {
  test('a sub-app sees the session of its parent', async () => {
    const { app, get } = honoSite()
    const shop = new Hono<Env>()
    shop.get('/', (c) => {
      c.var.session.data.n = (c.var.session.data.n ?? 0) + 1
      return c.json(c.var.session.data)
    })
    app.route('/shop', shop)
    await get('/shop')
    expect(await (await get('/shop')).json()).toEqual({ n: 2 })
  })

  test('a sub-app with a session of its own leaves its siblings without', async () => {
    const { options, jar } = honoSite({}, false)
    const app = new Hono<Env>()
    const shop = new Hono<Env>().use(session(options)).get('/', (c) => c.text(c.var.session.id))
    app.route('/shop', shop)
    app.get('/', (c) => c.text(String(c.var.session)))
    expect(await (await jar.request(app, '/')).text()).toBe('undefined')
    expect(await (await jar.request(app, '/shop')).text()).toHaveLength(22)
  })

  test('row 52: the same middleware twice, in the app and in its sub-app, is one session', async () => {
    const { app, options, get, events, stored } = honoSite()
    const shop = new Hono<Env>()
    shop.use(session(options))
    shop.get('/', (c) => {
      c.var.session.data.inner = 1
      return c.text('ok')
    })
    app.use(async (c, next) => {
      c.var.session.data.outer = 1
      await next()
    })
    app.route('/shop', shop)
    expect(namesSet(await get('/shop'))).toEqual(['__Host-session'])
    expect(events).toHaveLength(1)
    expect((await stored()).data).toEqual({ outer: 1, inner: 1 })
  })

  test('row 52: the same middleware twice, made per request, is one session', async () => {
    const { app, options, get } = honoSite({}, false)
    app.use(session(() => options))
    app.use(session(() => options))
    app.get('/', (c) => {
      c.var.session.data.n = 1
      return c.text('ok')
    })
    expect(namesSet(await get('/'))).toEqual(['__Host-session'])
  })
})

describe('several sessions side by side', () => {
  const admin = { cookie: { name: '__Host-admin' } }

  test('have variables, cookies and lives of their own', async () => {
    const { options, jar, clock } = honoSite({}, false)
    const app = new Hono<Env & SessionEnv<AnyData, 'admin'>>()
    app.use(session(options))
    app.use(session({ ...options, ...admin, idleTimeout: 300 }, { variable: 'admin' }))
    app.post('/login', (c) => {
      c.var.session.signIn('u1')
      c.var.admin.signIn('root')
      return c.text('ok')
    })
    app.post('/leave', (c) => {
      c.var.session.signOut()
      return c.text('ok')
    })
    app.get('/', (c) => c.json([c.var.session.userId, c.var.admin.userId, c.var.admins.cookieName]))
    app.get('/admin', requireUser({ variable: 'admin' }), (c) => c.text(c.var.admin.userId))
    const post = (path: string) => jar.request(app, path, { method: 'POST' })
    const read = async () => (await jar.request(app, '/')).json()

    expect(namesSet(await post('/login')).sort()).toEqual(['__Host-admin', '__Host-session'])
    expect(await read()).toEqual(['u1', 'root', '__Host-admin'])
    expect(await (await jar.request(app, '/admin')).text()).toBe('root')
    expect(namesSet(await post('/leave'))).toEqual(['__Host-session'])
    expect(await read()).toEqual([null, 'root', '__Host-admin'])
    clock.advance(300)
    expect(await read()).toEqual([null, null, '__Host-admin'])
    expect((await jar.request(app, '/admin')).status).toBe(401)
  })

  test('both write on a response with immutable headers', async () => {
    const { options, jar } = honoSite({}, false)
    const app = new Hono<Env & SessionEnv<AnyData, 'admin'>>()
    app.use(session(options))
    app.use(session({ ...options, ...admin }, { variable: 'admin' }))
    app.get('/', (c) => {
      c.var.session.data.a = 1
      c.var.admin.data.b = 2
      setCookie(c, 'own', '3')
      return Response.redirect('https://example.test/next')
    })
    const names = namesSet(await jar.request(app, '/'))
    expect(names).toEqual(expect.arrayContaining(['__Host-admin', '__Host-session']))
  })

  test('a cookie of one is refused by the other, also under one secret', async () => {
    const { options, jar, events } = honoSite({}, false)
    const app = new Hono<Env & SessionEnv<AnyData, 'admin'>>()
    app.use(session(options))
    app.use(session({ ...options, ...admin }, { variable: 'admin' }))
    app.post('/login', (c) => {
      c.var.session.signIn('u1')
      return c.text('ok')
    })
    app.get('/admin', requireUser({ variable: 'admin' }), (c) => c.text(c.var.admin.userId))
    await jar.request(app, '/login', { method: 'POST' })
    jar.set('__Host-admin', jar.get('__Host-session') ?? '')
    expect((await jar.request(app, '/admin')).status).toBe(401)
    expect(events.at(-1)).toMatchObject({ type: 'reject', reason: 'forged', cookie: '__Host-admin' })
  })

  test('two variables with one cookie are refused: a user would be an admin', async () => {
    const { app, options, get } = honoSite()
    const errors: Error[] = []
    app.onError((error, c) => {
      errors.push(error)
      return c.text('no', 500)
    })
    app.use(session(options, { variable: 'admin' }))
    app.get('/', (c) => c.text('unreached'))
    expect((await get('/')).status).toBe(500)
    expect(errors[0]).toBeInstanceOf(TypeError)
    expect(errors[0]?.message).toBe(
      'The cookie __Host-session is already open as c.var.session. Give this session its own cookie.name.',
    )
  })

  test('a sub-app may put a session of its own under the same variable', async () => {
    const { app, options, get, jar } = honoSite()
    const inner = new Hono<Env>()
    inner.use(session({ ...options, ...admin }))
    inner.get('/', (c) => {
      c.var.session.data.inner = 1
      return c.text(c.var.sessions.cookieName)
    })
    app.route('/admin', inner)
    expect(await (await get('/admin')).text()).toBe('__Host-admin')
    expect(jar.get('__Host-session')).toBeUndefined()
  })
})

test('hono/etag inside the session: its 304 carries the cookie and keeps the change', async () => {
  const { app, get, stored } = honoSite()
  app.use(etag())
  app.get('/', (c) => {
    c.var.session.data.n = (c.var.session.data.n ?? 0) + 1
    return c.text('the same every time')
  })
  const first = await get('/')
  const second = await get('/', { headers: { 'If-None-Match': first.headers.get('ETag') ?? '' } })
  expect(second.status).toBe(304)
  expect((await stored()).data.n).toBe(2)
})
