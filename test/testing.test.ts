import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { cookieJar, createTestSession, fakeClock } from 'wafer-session/testing'

/** A server that sets these cookies and answers with those it was sent. */
function setting(...lines: string[]) {
  return {
    fetch(request: Request) {
      const response = new Response(request.headers.get('Cookie') ?? 'none')
      for (const line of lines) response.headers.append('Set-Cookie', line)
      return response
    },
  }
}
const silent = setting()

describe('fakeClock', () => {
  test('stands still until it is told to move', () => {
    const clock = fakeClock()
    expect([clock(), clock()]).toEqual([Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1)])
    clock.advance(1.5)
    expect(clock()).toBe(Date.UTC(2026, 0, 1) + 1500)
    clock.advance(-1.5)
    expect(clock()).toBe(Date.UTC(2026, 0, 1))
    clock.set(42)
    expect(clock()).toBe(42)
    expect(fakeClock(7)()).toBe(7)
  })

  test('two clocks are two clocks', () => {
    const one = fakeClock()
    const other = fakeClock()
    one.advance(60)
    expect(other()).toBe(Date.UTC(2026, 0, 1))
  })
})

describe('cookieJar', () => {
  test('sends what was set, in one header, and nothing before', async () => {
    const jar = cookieJar()
    expect(await (await jar.request(silent, '/')).text()).toBe('none')
    await jar.request(setting('a=1', 'b=2; Path=/; HttpOnly'), '/')
    expect(await (await jar.request(silent, '/')).text()).toBe('a=1; b=2')
    expect([jar.get('a'), jar.get('b'), jar.get('c')]).toEqual(['1', '2', undefined])
    expect(jar.header()).toBe('a=1; b=2')
  })

  test('resolves URLs against its origin, and keeps method, headers and body', async () => {
    const jar = cookieJar({ origin: 'https://shop.test:8443' })
    jar.set('a', '1')
    const echo = {
      async fetch(request: Request) {
        const { method, url, headers } = request
        return Response.json([method, url, headers.get('X-A'), headers.get('Cookie'), await request.text()])
      },
    }
    const init = { method: 'PUT', headers: { 'X-A': 'b' }, body: 'text' }
    expect(await (await jar.request(echo, '/path?q=1', init)).json()).toEqual([
      'PUT',
      'https://shop.test:8443/path?q=1',
      'b',
      'a=1',
      'text',
    ])
  })

  test('takes a later cookie of the name for the same', async () => {
    const jar = cookieJar()
    await jar.request(setting('a=1', 'a=2'), '/')
    await jar.request(setting('a=3'), '/')
    expect(jar.header()).toBe('a=3')
  })

  test.each(['a=; Max-Age=0', 'a=x; Max-Age=-1', 'a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT'])(
    'drops a cookie by %j',
    async (line) => {
      const jar = cookieJar()
      jar.set('a', '1')
      await jar.request(setting(line), '/')
      expect(jar.header()).toBe('')
      expect(await (await jar.request(silent, '/')).text()).toBe('none')
    },
  )

  test('drops a cookie when its time has come, and Max-Age wins over Expires', async () => {
    const clock = fakeClock(0)
    const jar = cookieJar({ clock })
    await jar.request(setting('a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:10 GMT'), '/')
    await jar.request(setting('b=2; expires=Thu, 01 Jan 1970 00:00:10 GMT'), '/')
    clock.advance(9)
    expect(jar.header()).toBe('a=1; b=2')
    clock.advance(1)
    expect(jar.header()).toBe('a=1')
    clock.advance(50)
    expect(jar.header()).toBe('')
    expect(await (await jar.request(silent, '/')).text()).toBe('none')
  })

  test('ignores a Max-Age or Expires that is none, as a browser does', async () => {
    const jar = cookieJar()
    await jar.request(setting('a=1; Max-Age=soon', 'b=2; Expires=never'), '/')
    expect(jar.header()).toBe('a=1; b=2')
    jar.restart()
    expect(jar.header()).toBe('')
  })

  test('restart keeps persistent cookies only', async () => {
    const jar = cookieJar()
    await jar.request(setting('a=1', 'b=2; Max-Age=60'), '/')
    jar.set('c', '3')
    jar.restart()
    expect(jar.header()).toBe('b=2')
  })

  test.each([
    '__Host-a=1; Path=/',
    '__Host-a=1; Secure',
    '__Host-a=1; Secure; Path=/app',
    '__Host-a=1; Secure; Path=/; Domain=example.test',
    '__Secure-a=1; Path=/',
    `a=${'x'.repeat(4096)}`,
  ])('does not keep what a browser would refuse: %#', async (line) => {
    const jar = cookieJar()
    await jar.request(setting(line), '/')
    expect(jar.header()).toBe('')
  })

  test('keeps what a browser would just keep', async () => {
    const jar = cookieJar()
    const longest = 'x'.repeat(4095)
    await jar.request(setting('__Host-a=1; path=/; secure', `b=${longest}`), '/')
    expect([jar.get('__Host-a'), jar.get('b')]).toEqual(['1', longest])
  })
})

describe('createTestSession', () => {
  interface Data {
    cart?: string[]
    big?: string
  }
  const secret = generateSecret()

  test('makes a cookie that opens behind requireUser', async () => {
    const app = new Hono<SessionEnv<Data>>()
    const manager = createSessionManager<Data>({ secret })
    app.use(session(manager))
    app.get('/', requireUser(), (c) => {
      const { userId, amr, acr, data } = c.var.session
      return c.json({ id: c.var.session.id, userId, amr, acr, data })
    })
    const { cookie, id } = await createTestSession(manager, {
      userId: 'u1',
      amr: ['pwd'],
      acr: 'aal1',
      data: { cart: ['a'] },
    })
    const response = await app.request('/', { headers: { cookie } })
    expect(await response.json()).toEqual({
      id,
      userId: 'u1',
      amr: ['pwd'],
      acr: 'aal1',
      data: { cart: ['a'] },
    })
  })

  test('makes an anonymous session, and one of several chunks', async () => {
    const manager = createSessionManager<Data>({ secret, maxChunks: 2 })
    const big = 'x'.repeat(4000)
    const { cookie, id } = await createTestSession(manager, { data: { big } })
    expect(cookie.split('; ')).toHaveLength(2)
    const opened = await manager.open(new Request('https://example.test/', { headers: { cookie } }))
    expect([opened.id, opened.userId, opened.data]).toEqual([id, undefined, { big }])
  })

  test('remembers when asked to', async () => {
    const clock = fakeClock()
    const remember = { idleTimeout: 7200, absoluteTimeout: 7200 }
    const manager = createSessionManager<Data>({ secret, clock, remember })
    const { cookie } = await createTestSession(manager, { userId: 'u1', remember: true })
    clock.advance(7199)
    const opened = await manager.open(new Request('https://example.test/', { headers: { cookie } }))
    expect(opened.userId).toBe('u1')
  })

  test('of nothing is a TypeError that says what to pass', async () => {
    const manager = createSessionManager<Data>({ secret })
    await expect(createTestSession(manager)).rejects.toThrow(TypeError)
    await expect(createTestSession(manager)).rejects.toThrow('wants a userId, data, or both')
  })
})

test('cookieJar() sends a form as the page itself would, so that csrf() lets it in, unless it is told otherwise', async () => {
  const jar = cookieJar()
  const app = new Hono().use(csrf()).post('/', (c) => c.text(c.req.header('Cookie') ?? ''))
  jar.set('a', '1')
  const form = (headers: HeadersInit = {}) =>
    jar.request(app, '/', { method: 'POST', headers, body: new URLSearchParams({ x: 'y' }) })
  expect(await (await form({ Cookie: 'own=1' })).text()).toBe('own=1; a=1')
  expect((await form({ Origin: 'https://evil.test' })).status).toBe(403)
  expect((await form({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
})

test('cookieJar() gives way to a cookie of the same name, and sends a Request as it is', async () => {
  const jar = cookieJar()
  const echo = {
    fetch: (request: Request) => new Response(`${request.method} ${request.headers.get('Cookie')}`),
  }
  jar.set('a', '1')
  jar.set('b', '2')
  const response = await jar.request(echo, '/', { method: 'PUT', headers: { Cookie: 'a=own' } })
  expect(await response.text()).toBe('PUT a=own; b=2')
})
