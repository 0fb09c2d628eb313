import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  SessionError,
  type SessionEvent,
  type SessionManager,
} from 'wafer-session'
import { cookieJar, createTestSession, fakeClock } from 'wafer-session/testing'
import { type AnyData, namesSet, site, wire } from '../support/site.ts'

const url = 'https://example.test/'

describe('open', () => {
  test('row 92: two requests in flight have sessions of their own, also with one cookie', async () => {
    const { manager, visit, jar } = site()
    await visit((session) => {
      session.signIn('u1')
      session.data.list = ['a']
    })
    const request = () => new Request(url, { headers: { cookie: jar.header() } })
    const [one, other, stranger] = await Promise.all([
      manager.open(request()),
      manager.open(request()),
      manager.open(new Request(url)),
    ])
    one.data.list.push('b')
    one.flash('notice', 'mine')
    other.data.list.push('c')
    stranger.data.mine = true
    other.signOut()
    expect(one.data).toEqual({ list: ['a', 'b'] })
    expect(one.userId).toBe('u1')
    expect(stranger.data).toEqual({ mine: true })
    expect(await manager.commit(other)).toEqual([expect.stringContaining('Max-Age=0')])
    expect(await manager.commit(one)).toEqual([expect.not.stringContaining('Max-Age=0')])
  })

  test('row 92: interleaved requests of two users never see each other', async () => {
    const { manager } = site()
    const jars = ['u1', 'u2'].map((user) => ({ user, jar: cookieJar() }))
    const turns = jars.map(async ({ user, jar }) => {
      const seen = new Set<string | undefined>()
      const fetch = (request: Request) =>
        manager.handle(request, async (session) => {
          if (session.isNew) session.signIn(user)
          await Promise.resolve()
          session.data.n = (session.data.n ?? 0) + 1
          await session.commit()
          seen.add(session.userId)
          return Response.json(session.data)
        })
      let last: unknown
      for (let i = 0; i < 20; i++) last = await (await jar.request({ fetch }, '/')).json()
      return [[...seen], last]
    })
    expect(await Promise.all(turns)).toEqual([
      [['u1'], { n: 20 }],
      [['u2'], { n: 20 }],
    ])
  })

  test('row 60: an anonymous request costs no crypto and no clock', async () => {
    let calls = 0
    const clock = () => {
      calls++
      return 0
    }
    const manager = createSessionManager({ secret: generateSecret(), clock })
    const response = await manager.handle(new Request(url), () => new Response('ok'))
    expect(calls).toBe(0)
    expect(response.headers.getSetCookie()).toEqual([])
  })

  test('cookies of others are not looked at', async () => {
    const { manager, events } = site()
    const cookie = 'a=b; session=x; __host-session=y; __Host-session2=z; x__Host-session=w'
    expect((await manager.open(new Request(url, { headers: { cookie } }))).isNew).toBe(true)
    expect(events).toEqual([])
  })
})

describe('commit', () => {
  test('gives the Set-Cookie lines and closes the session', async () => {
    const { manager } = site()
    const session = await manager.open(new Request(url))
    session.data.a = 1
    expect(await manager.commit(session)).toEqual([
      expect.stringMatching(/^__Host-session=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ])
    expect(() => {
      session.data.a = 2
    }).toThrow(expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' }))
  })

  test('gives the same lines when called again', async () => {
    const { manager, events } = site()
    const session = await manager.open(new Request(url))
    session.signIn('u1')
    const lines = await manager.commit(session)
    expect(await manager.commit(session)).toEqual(lines)
    expect(events).toHaveLength(1)
  })

  test('gives lines that the caller may change', async () => {
    const { manager } = site()
    const session = await manager.open(new Request(url))
    session.signIn('u1')
    ;(await manager.commit(session)).length = 0
    expect(await manager.commit(session)).toHaveLength(1)
  })

  test('refuses a session of another manager by a sentence', async () => {
    const session = await site().manager.open(new Request(url))
    await expect(site().manager.commit(session)).rejects.toThrow(TypeError)
    await expect(site().manager.respond(session, new Response())).rejects.toThrow(
      'This is no session that this manager opened. Is an await missing before open()?',
    )
    await expect(site().manager.commit({ data: {} } as never)).rejects.toThrow(TypeError)
  })

  test('an oversized session is a typed error that names the heavy keys and the remedies', async () => {
    const { manager } = site()
    const session = await manager.open(new Request(url))
    Object.assign(session.data, { small: 1, big: 'x'.repeat(3000), bigger: 'é'.repeat(2000) })
    session.flash('notice', 'y'.repeat(200))
    const error = await manager.commit(session).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(SessionError)
    expect(error).toMatchObject({ code: 'ERR_SESSION_TOO_LARGE', status: 500 })
    expect(String(error)).toMatch(/"bigger" \(4002 bytes\), "big" \(3002 bytes\), "\(flash\)" \(\d+ bytes\)/)
    expect(String(error)).toMatch(/raise maxChunks .*store/)
  })
})

describe('respond', () => {
  test('gives the very response when there is nothing to say', async () => {
    const { manager } = site()
    const session = await manager.open(new Request(url))
    const response = new Response('ok')
    expect(await manager.respond(session, response)).toBe(response)
    expect([...response.headers]).toEqual([...new Response('ok').headers])
  })

  test.each([302, 303, 307, 308])(
    'a redirect with status %i, whose headers are immutable, gets the cookie',
    async (status) => {
      const { manager } = site()
      const session = await manager.open(new Request(url))
      session.signIn('u1')
      const response = await manager.respond(session, Response.redirect('https://example.test/next', status))
      expect(response.status).toBe(status)
      expect(response.headers.get('Location')).toBe('https://example.test/next')
      expect(namesSet(response)).toEqual(['__Host-session'])
    },
  )

  test.each([204, 205, 304])('a response of status %i without a body gets the cookie', async (status) => {
    const { manager } = site()
    const session = await manager.open(new Request(url))
    session.signIn('u1')
    const response = await manager.respond(session, new Response(null, { status }))
    expect([response.status, response.body, namesSet(response)]).toEqual([status, null, ['__Host-session']])
  })

  test('a response that nobody can change is passed on, and no cookie that is due vanishes without a word', async () => {
    const { manager } = site()
    const untouched = await manager.open(new Request(url))
    const error = Response.error()
    expect(await manager.respond(untouched, error)).toBe(error)
    const changed = await manager.open(new Request(url))
    changed.signIn('u1')
    // Some runtimes let the headers of Response.error() be changed, others not even copied.
    const outcome = await manager.respond(changed, Response.error()).then(
      (response) => response.headers.getSetCookie().length,
      (error) => error.code,
    )
    expect([1, 'ERR_SESSION_COMMITTED']).toContain(outcome)
  })

  test('row 53: every Set-Cookie of the handler survives', async () => {
    const { manager } = site()
    const session = await manager.open(new Request(url))
    session.signIn('u1')
    const response = new Response('ok')
    response.headers.append('Set-Cookie', 'a=1; Path=/')
    response.headers.append('Set-Cookie', 'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT')
    expect((await manager.respond(session, response)).headers.getSetCookie()).toEqual([
      'a=1; Path=/',
      'b=2; Expires=Thu, 01 Jan 2099 00:00:00 GMT',
      expect.stringMatching(/^__Host-session=/),
    ])
  })

  test('row 52: a handler that sets our cookie itself is refused, as a browser would keep one of the two', async () => {
    const { manager } = site()
    const session = await manager.open(new Request(url))
    session.signIn('u1')
    const headers = { 'Set-Cookie': '__Host-session=mine; Path=/; Secure' }
    const responding = manager.respond(session, new Response('ok', { headers }))
    await expect(responding).rejects.toThrow(TypeError)
    await expect(responding).rejects.toThrow('Give each session middleware its own cookie.name')
  })

  test('row 89: a 5xx keeps no changes and says so; an earlier state stays', async () => {
    const { visit, respond, events, jar } = site()
    await visit((session) => {
      session.data.a = 1
    })
    const before = jar.header()
    const response = await respond((session) => {
      session.data.a = 2
      session.signIn('u1')
      return new Response('', { status: 500 })
    })
    expect(response.headers.getSetCookie()).toEqual([])
    expect(jar.header()).toBe(before)
    expect(events.at(-1)).toMatchObject({ type: 'discard', reason: 'failed-response', userId: 'u1' })
    expect(await visit((session) => [session.userId, session.data])).toEqual([undefined, { a: 1 }])
  })

  test('row 89: a 5xx of a request that changed nothing discards nothing, and records no activity', async () => {
    const { visit, respond, events, clock } = site()
    await visit((session) => session.signIn('u1'))
    clock.advance(600)
    const response = await respond(() => new Response('', { status: 503 }))
    expect(response.headers.getSetCookie()).toEqual([])
    expect(events).toHaveLength(1)
  })

  test.each([
    [101, 0],
    [200, 1],
    [499, 1],
    [500, 0],
    [503, 0],
  ])('of a %i activity alone is worth %i cookies', async (status, cookies) => {
    const { visit, manager, jar, clock } = site()
    await visit((session) => session.signIn('u1'))
    clock.advance(600)
    const session = await manager.open(new Request(url, { headers: { cookie: jar.header() } }))
    const answer = Object.defineProperty(new Response(), 'status', { value: status })
    const response = await manager.respond(session, answer)
    expect(response.headers.getSetCookie()).toHaveLength(cookies)
  })

  test.each([400, 401, 403, 404, 409, 422, 499])('a %i keeps changes', async (status) => {
    const { visit, respond } = site()
    await respond((session) => {
      session.data.attempts = 1
      return new Response('', { status })
    })
    expect(await visit((session) => session.data)).toEqual({ attempts: 1 })
  })

  test('the caller may say that it failed, or not', async () => {
    const { manager } = site()
    for (const [status, failed, cookies] of [
      [200, true, 0],
      [500, false, 1],
    ] as const) {
      const session = await manager.open(new Request(url))
      session.data.a = 1
      const response = await manager.respond(session, new Response('', { status }), { failed })
      expect(response.headers.getSetCookie()).toHaveLength(cookies)
    }
  })

  test('a 5xx whose data could not be kept answers with its own error', async () => {
    const { respond } = site()
    const response = await respond((session) => {
      session.data.bad = 1n
      return new Response('the reason', { status: 502 })
    })
    expect([response.status, await response.text()]).toEqual([502, 'the reason'])
  })

  test('a sign-out holds whatever the status', async () => {
    for (const status of [200, 302, 404, 500, 503]) {
      const { visit, respond, jar } = site()
      await visit((session) => session.signIn('u1'))
      await respond((session) => {
        session.signOut()
        return new Response('', { status })
      })
      expect(jar.header()).toBe('')
    }
  })
})

describe('handle', () => {
  test('passes the session and the request to the handler', async () => {
    const { manager } = site()
    const request = new Request(url)
    const response = await manager.handle(request, (session, given) => {
      expect(given).toBe(request)
      return new Response(session.id)
    })
    expect(await response.text()).toHaveLength(22)
  })

  test.each([
    [
      'throws',
      () => {
        throw new RangeError('no stock')
      },
    ],
    [
      'rejects',
      async () => {
        throw new RangeError('no stock')
      },
    ],
  ])('row 89: when the handler %s so does handle, and changes are not kept', async (_, fail) => {
    const { manager, events } = site()
    const failing = manager.handle(new Request(url), (session) => {
      session.data.a = 1
      return fail()
    })
    await expect(failing).rejects.toThrow(new RangeError('no stock'))
    expect(events).toEqual([expect.objectContaining({ type: 'discard', reason: 'failed-response' })])
  })

  test('the session is closed when the handler threw', async () => {
    const { manager } = site()
    let kept: AnyData = {}
    await manager
      .handle(new Request(url), (session) => {
        kept = session.data
        throw new Error('no')
      })
      .catch(() => {})
    expect(() => {
      kept.a = 1
    }).toThrow(TypeError)
  })
})

describe('onEvent', () => {
  test('row 95: every event carries time, cookie name and the public handle, and no bearer value', async () => {
    const { visit, respond, events, jar, clock } = site()
    const values = new Set<string>()
    const pages: Parameters<typeof visit>[0][] = [
      (session) => void Object.assign(session.data, { a: 1 }),
      (session) => session.signIn('u1'),
      (session) => session.reauthenticate(),
      (session) => session.regenerate(),
      (session) => session.signOut(),
      (session) => session.signIn('u2'),
    ]
    for (const page of pages) {
      await visit(page)
      for (const part of jar.header().split('=').slice(1)) values.add(part)
      clock.advance(1)
    }
    await respond((session) => {
      session.data.a = 1
      return new Response('', { status: 500 })
    })
    clock.advance(1800)
    await visit(() => {})
    expect(events.map((event) => event.type)).toEqual([
      'create',
      'end',
      'create',
      'reauthenticate',
      'regenerate',
      'end',
      'create',
      'discard',
      'reject',
    ])
    const text = JSON.stringify(events)
    for (const value of values) expect(text).not.toContain(value)
    for (const event of events) {
      const sessionId = expect.stringMatching(/^[\w-]{22}$/)
      expect(event).toMatchObject({ at: expect.any(Number), cookie: '__Host-session', sessionId })
    }
    expect(values.size).toBe(5)
  })

  test('events say the time of the clock', async () => {
    const { visit, events, clock } = site()
    clock.advance(12.5)
    await visit((session) => session.signIn('u1'))
    expect(events[0]?.at).toBe(Date.UTC(2026, 0, 1) + 12_500)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('monitoring is down')
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('monitoring is down')
      },
    ],
  ])('a listener that %s takes no request down', async (_, onEvent) => {
    const { visit } = site({ onEvent })
    await visit((session) => session.signIn('u1'))
    expect(await visit((session) => session.userId)).toBe('u1')
  })

  test('without a listener nothing is needed', async () => {
    const clock = fakeClock()
    const manager = createSessionManager({ secret: generateSecret(), clock })
    const headers = { cookie: '__Host-session=garbage' }
    expect((await manager.open(new Request(url, { headers }))).isNew).toBe(true)
  })
})

describe('cross-site requests', () => {
  const visitFrom = async (
    sameSite: 'Lax' | 'Strict' | 'None',
    init: RequestInit,
    page: (session: {
      data: AnyData
      signIn(userId: string): void
      flash(key: string, value: string): void
    }) => void,
    cookie?: string,
  ) => {
    const events: SessionEvent[] = []
    const { respond, jar } = site({ cookie: { sameSite }, onEvent: (event) => events.push(event) })
    if (cookie !== undefined) jar.set('__Host-session', cookie)
    const response = await respond(page, init)
    return { set: response.headers.getSetCookie().length, events }
  }
  const cross = { 'Sec-Fetch-Site': 'cross-site' }
  const data = (session: { data: AnyData }) => void Object.assign(session.data, { a: 1 })

  test.each([
    ['Lax', 'POST', cross, 0],
    ['Lax', 'PUT', cross, 0],
    ['Lax', 'DELETE', cross, 0],
    ['Lax', 'GET', cross, 1],
    ['Lax', 'HEAD', cross, 1],
    ['Strict', 'POST', cross, 0],
    ['Strict', 'GET', cross, 0],
    ['None', 'POST', cross, 1],
    ['Lax', 'POST', { 'Sec-Fetch-Site': 'same-origin' }, 1],
    ['Lax', 'POST', { 'Sec-Fetch-Site': 'same-site' }, 1],
    ['Lax', 'POST', { 'Sec-Fetch-Site': 'none' }, 1],
    ['Lax', 'POST', {}, 1],
  ] as const)(
    'row 96: SameSite=%s %s %j without a cookie gets %i for data alone',
    async (sameSite, method, headers, count) => {
      const { set, events } = await visitFrom(sameSite, { method, headers }, data)
      expect(set).toBe(count)
      expect(events).toEqual([expect.objectContaining({ type: count === 1 ? 'create' : 'discard' })])
      if (count === 0) expect(events[0]).toMatchObject({ reason: 'cross-site' })
    },
  )

  test('row 96: flash alone gets none either', async () => {
    const { set } = await visitFrom('Lax', { method: 'POST', headers: cross }, (session) =>
      session.flash('a', 'b'),
    )
    expect(set).toBe(0)
  })

  test('row 96: a sign-in gets one, as after a redirect by POST from an identity provider', async () => {
    const { set } = await visitFrom('Lax', { method: 'POST', headers: cross }, (session) =>
      session.signIn('u1'),
    )
    expect(set).toBe(1)
  })

  test('rows 71, 96: a request that brought a refused cookie gets none either', async () => {
    const { set } = await visitFrom('Lax', { method: 'POST', headers: cross }, data, 'garbage')
    expect(set).toBe(0)
  })
})

test('row 71: what a discarded change leaves is the response of a request that changed nothing', async () => {
  const { manager } = site()
  const request = () => new Request(url, { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } })
  const answer = (change: boolean) =>
    manager.handle(request(), (session) => {
      if (change) session.data.a = 1
      return new Response('ok')
    })
  expect(await wire(await answer(true))).toEqual(await wire(await answer(false)))
})

test('handle: a sign-out before a throw reports no end, for the cookie cannot be cleared', async () => {
  const { visit, respond, events } = site()
  await visit((session) => session.signIn('u1'))
  const failing = respond((session) => {
    session.signOut()
    throw new Error('broken')
  })
  await expect(failing).rejects.toThrow('broken')
  expect(events.map((event) => event.type)).toEqual(['create'])
  expect(await visit((session) => session.userId)).toBe('u1')
})

test('row 96: data withheld by commit() and again at the end is reported once', async () => {
  const { respond, events } = site()
  await respond(
    async (session) => {
      session.data.a = 1
      await session.commit()
    },
    { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } },
  )
  expect(events).toMatchObject([{ type: 'discard', reason: 'cross-site' }])
})

test('a clock that gives no number opens nothing', async () => {
  const secret = generateSecret()
  const { cookie } = await createTestSession(site({ secret }).manager, { userId: 'u1' })
  const broken = site({ secret, clock: () => Number.NaN })
  const session = await broken.manager.open(new Request(url, { headers: { cookie } }))
  expect(session.userId).toBeUndefined()
})

test.each<[what: string, use: (manager: SessionManager<AnyData>) => Promise<unknown>, sentence: RegExp]>([
  ['open() without a Request', (manager) => manager.open({ headers: {} } as never), /wants a Request/],
  ['open() with an object', (manager) => manager.open({} as never), /wants a Request/],
  ['open() with nothing', (manager) => manager.open(undefined as never), /wants a Request/],
  [
    'respond() without a Response',
    async (manager) => manager.respond(await manager.open(new Request(url)), undefined as never),
    /Did the handler return one\?/,
  ],
  [
    'respond() with a promise of a session',
    (manager) => manager.respond(manager.open(new Request(url)) as never, new Response()),
    /Is an await missing/,
  ],
])('%s is a TypeError that says so', async (_, use, sentence) => {
  const { manager } = site()
  await expect(use(manager)).rejects.toThrow(TypeError)
  await expect(use(manager)).rejects.toThrow(sentence)
})
