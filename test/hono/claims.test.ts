import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'
import { honoSite } from '../support/hono-site.ts'
import { type AnyData, namesSet } from '../support/site.ts'

type Env = SessionEnv<AnyData>

function nested(outer: object, inner: object) {
  const app = new Hono<Env>()
  const errors: Error[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('failed', 500)
  })
  app.use(session(outer))
  app.use('/admin/*', session(inner))
  app.get('/admin/me', (c) => c.text('in'))
  return { errors, get: () => app.request('/admin/me') }
}

describe('session() twice for one cookie', () => {
  const secret = generateSecret()

  test.each<[what: string, options: object]>([
    ['a shorter timeout', { secret, idleTimeout: 60 }],
    ['another secret', { secret: generateSecret() }],
    ['another SameSite', { secret, cookie: { sameSite: 'Strict' } }],
    ['more chunks', { secret, maxChunks: 2 }],
  ])('with %s is refused: it would be left unheeded', async (_, inner) => {
    const { errors, get } = nested({ secret }, inner)
    expect((await get()).status).toBe(500)
    expect(errors[0]).toBeInstanceOf(TypeError)
    expect(errors[0]?.message).toBe(
      'The cookie __Host-session is already open as c.var.session, with other options. ' +
        'Give this session its own cookie.name.',
    )
  })

  test('with the same options is one session', async () => {
    const { errors, get } = nested({ secret, idleTimeout: 60 }, { secret, idleTimeout: 60 })
    expect((await get()).status).toBe(200)
    expect(errors).toEqual([])
  })

  test('made anew by the same function for each is one session', async () => {
    const middleware = session(() => createSessionManager({ secret }))
    const app = new Hono<SessionEnv>().use(middleware).use(middleware)
    app.get('/', (c) => {
      c.var.session.data.n = 1
      return c.text('ok')
    })
    expect(namesSet(await app.request('/'))).toEqual(['__Host-session'])
  })
})

describe('an app mounted inside, with the same session', () => {
  function mounted() {
    const outside = honoSite()
    const inside = new Hono<Env>()
    inside.use(session(outside.options))
    inside.get('/read', (c) => c.text(String(c.var.session.userId)))
    inside.get('/write', (c) => {
      c.var.session.data.n = 1
      return c.text('ok')
    })
    outside.app.post('/login', (c) => {
      c.var.session.signIn('u1')
      return c.text('ok')
    })
    outside.app.use('/inner/write', async (c, next) => {
      c.var.session.data.outer = 1
      await next()
    })
    outside.app.mount('/inner', inside.fetch)
    return outside
  }

  test('records activity once, when both find it due', async () => {
    const { post, get, clock } = mounted()
    await post('/login')
    clock.advance(600)
    const response = await get('/inner/read')
    expect(await response.text()).toBe('u1')
    expect(namesSet(response)).toEqual(['__Host-session'])
  })

  test('is refused, when both changed it: one of the two would be lost', async () => {
    const { app, post, get } = mounted()
    const errors: Error[] = []
    app.onError((error, c) => {
      errors.push(error)
      return c.text('failed', 500)
    })
    await post('/login')
    expect((await get('/inner/write')).status).toBe(500)
    expect(errors[0]?.message).toMatch(/already sets the cookie __Host-session/)
  })
})

test('session(): one secret is one secret, alone or in a list, from the environment or not', async () => {
  const secret = generateSecret()
  const { errors, get } = nested({ secret }, { secret: [secret] })
  expect((await get()).status).toBe(200)
  expect(errors).toEqual([])
})
