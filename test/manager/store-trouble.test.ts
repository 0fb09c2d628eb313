import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, test } from 'vitest'
import {
  generateSecret,
  type Session,
  type SessionErrorCode,
  type SessionEvent,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { cookieJar, fakeClock } from 'wafer-session/testing'
import { honoSite } from '../support/hono-site.ts'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

type Operation = 'get' | 'getMany' | 'create' | 'update' | 'delete' | 'list'

const OPERATIONS = ['get', 'getMany', 'create', 'update', 'delete', 'list'] as const

/** Where the next call of an operation fails: before it reaches the records, after it has, or without any answer. */
type When = 'before it landed' | 'after it landed' | 'without an answer'

const down = new Error('connect ECONNREFUSED 10.0.0.7:6379 (redis://:hunter2@cache)')

/** A fault that can be set off in a store. */
function fault() {
  const armed: { operation?: Operation | 'any'; when: When; times: number } = {
    when: 'before it landed',
    times: 0,
  }
  const change = (store: SessionStore): Partial<SessionStore> =>
    Object.fromEntries(
      OPERATIONS.map((operation) => [
        operation,
        async (...given: unknown[]) => {
          const call = store[operation] as (...given: unknown[]) => Promise<unknown>
          if (armed.times === 0 || ![operation, 'any'].includes(armed.operation ?? '')) return call(...given)
          armed.times--
          if (armed.when === 'without an answer') return new Promise(() => {})
          if (armed.when === 'after it landed') await call(...given)
          throw down
        },
      ]),
    )
  return {
    change,
    arm: (operation: Operation | 'any', when: When = 'before it landed', times = 1) =>
      Object.assign(armed, { operation, when, times }),
  }
}

const outage = expect.objectContaining({ name: 'SessionError', code: 'ERR_SESSION_STORE', status: 503 })

/** A visitor who is signed in as u1, on a store that can fail. */
async function signedIn(options: Partial<SessionManagerOptions<AnyData>> = {}) {
  const broken = fault()
  const place = storeSite<AnyData>({ storeTimeout: 0.05, ...options }, broken.change)
  await place.visit((session) => {
    session.signIn('u1')
    session.data.n = 1
  })
  place.store.calls()
  place.events.length = 0
  const opens = async (header = place.jar.header()) => {
    const session = await place.manager.open(requestWith(header))
    return session.isNew ? undefined : session.userId
  }
  return { ...place, ...broken, opens }
}

describe('rows 84 and 85: a store that cannot be read', () => {
  test.each<[what: string, When, calls: number]>([
    ['rejects, twice', 'before it landed', 2],
    ['answers and then rejects, twice', 'after it landed', 2],
    ['never answers, and is not asked again', 'without an answer', 1],
  ])('%s: 503, the handler does not run, no cookie is touched', async (_, when, calls) => {
    const { manager, jar, store, events, arm, opens } = await signedIn()
    const header = jar.header()
    let runs = 0
    arm('get', when, 2)
    const started = Date.now()
    const handling = manager.handle(requestWith(header), () => {
      runs++
      return new Response('account')
    })
    await expect(handling).rejects.toEqual(outage)
    expect([runs, store.calls()]).toEqual([0, Array(calls).fill('get')])
    expect(Date.now() - started).toBeLessThan(1500)
    expect(events).toEqual([
      expect.objectContaining({ type: 'store-error', operation: 'get', cause: expect.any(Error) }),
    ])
    arm('get', when, 0)
    expect(await opens(header)).toBe('u1')
  })

  test('a read that fails once is tried once more, and nobody notices', async () => {
    const { store, events, visit, arm } = await signedIn()
    arm('get')
    expect(await visit((session) => session.userId)).toBe('u1')
    expect(store.calls()).toEqual(['get', 'get'])
    expect(events).toEqual([])
  })

  test('a read that fails when its time is over is not tried again, and its rejection reaches nobody', async () => {
    let rejected = 0
    let calls = 0
    let late = false
    const { jar, manager, visit } = storeSite<AnyData>({ storeTimeout: 0.02 }, (store) => ({
      async get(key) {
        if (!late) return store.get(key)
        calls++
        await new Promise((resolve) => setTimeout(resolve, 60))
        rejected++
        throw down
      },
    }))
    await visit((session) => session.signIn('u1'))
    late = true
    await expect(manager.open(requestWith(jar.header()))).rejects.toEqual(outage)
    while (rejected === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 5)) // Vitest fails a run with an unhandled rejection.
    expect([calls, rejected]).toEqual([1, 1])
  })

  test('a store that throws at once, and one that gives no promise', async () => {
    let answer: () => unknown = () => null
    const { jar, manager, visit } = storeSite<AnyData>({}, (store) => ({
      get: (key) => (answer() as Promise<null>) ?? store.get(key),
    }))
    await visit((session) => session.signIn('u1'))
    answer = () => {
      throw down
    }
    await expect(manager.open(requestWith(jar.header()))).rejects.toEqual(outage)
    answer = () => ({ value: 'no promise', version: '1' })
    expect((await manager.open(requestWith(jar.header()))).isNew).toBe(true)
  })

  test('an anonymous request never notices, whatever cookies it brings', async () => {
    const { manager, jar, store, arm, events } = await signedIn()
    const forged = `${jar.header().slice(0, -1)}${jar.header().endsWith('A') ? 'Q' : 'A'}`
    arm('any', 'before it landed', 100)
    for (const header of ['', 'theme=dark', '__Host-session=', '__Host-session=junk', forged]) {
      const response = await manager.handle(requestWith(header), (session) => {
        return new Response(`${session.isNew} ${session.userId} ${JSON.stringify(session.data)}`)
      })
      expect(await response.text()).toBe('true undefined {}')
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect(store.calls()).toEqual([])
    expect(events.filter(({ type }) => type === 'store-error')).toEqual([])
  })

  test('users.list, users.revoke and users.revokeAll reject, and end nobody', async () => {
    const { manager, arm, opens } = await signedIn()
    const session = await manager.open(requestWith(''))
    for (const operation of ['list', 'getMany'] as const) {
      arm(operation, 'before it landed', 2)
      await expect(manager.users.list('u1')).rejects.toEqual(outage)
      arm(operation, 'before it landed', 2)
      await expect(manager.users.revokeAll('u1')).rejects.toEqual(outage)
    }
    arm('get', 'before it landed', 2)
    await expect(manager.users.revoke(session.id, 'u1')).rejects.toEqual(outage)
    expect(await opens()).toBe('u1')
  })
})

describe('row 88: a store that answers garbage', () => {
  type Garbage = (good: { value: string; version: string }) => unknown
  const garbage: [what: string, Garbage, removes: boolean][] = [
    ['a number', () => 7, false],
    ['true', () => true, false],
    ['a text', () => 'null', false],
    ['a list', () => [], false],
    ['an empty object', () => ({}), false],
    ['an object without a prototype', () => Object.create(null), false],
    ['a record without its version', ({ value }) => ({ value }), false],
    ['a version that is a number', ({ value }) => ({ value, version: 1 }), false],
    ['a value of null', () => ({ value: null, version: '9' }), true],
    ['a value that is a number', () => ({ value: 1234, version: '9' }), true],
    ['a value that was parsed', () => ({ value: { v: 1 }, version: '9' }), true],
    ['a value that is true', () => ({ value: true, version: '9' }), true],
    ['bytes', ({ value }) => ({ value: new TextEncoder().encode(value), version: '9' }), true],
    ['an empty text', () => ({ value: '', version: '9' }), true],
    ['JSON', () => ({ value: '{"user":"admin"}', version: '9' }), true],
    ['half a record', ({ value }) => ({ value: value.slice(0, 80), version: '9' }), true],
    ['a record with more behind it', ({ value }) => ({ value: `${value}AAAA`, version: '9' }), true],
    ['another version of the format', ({ value }) => ({ value: `Ag${value.slice(2)}`, version: '9' }), true],
  ]

  test.each(garbage)(
    '%s: anonymous, with an event; only that version is removed',
    async (_, answer, removes) => {
      let bad: ((good: never) => unknown) | undefined
      const deleted: unknown[] = []
      const { manager, jar, events, visit } = storeSite<AnyData>({}, (store) => ({
        async get(key) {
          const good = await store.get(key)
          return (bad && good ? bad(good as never) : good) as typeof good
        },
        async delete(key, options) {
          deleted.push(options?.version)
          return store.delete(key, options)
        },
      }))
      await visit((session) => session.signIn('u1'))
      const id = await visit((session) => session.id)
      bad = answer
      events.length = 0
      const response = await manager.handle(
        requestWith(jar.header()),
        (session) => new Response(`${session.isNew}`),
      )
      expect([response.status, await response.text(), response.headers.getSetCookie()]).toEqual([
        200,
        'true',
        [],
      ])
      expect(events).toEqual([
        expect.objectContaining({ type: 'reject', reason: 'undecodable', sessionId: id }),
      ])
      expect(deleted).toEqual(removes ? ['9'] : [])
    },
  )

  test('undefined for null is nothing: anonymous', async () => {
    let gone = false
    const { manager, jar, events, visit } = storeSite<AnyData>({}, (store) => ({
      get: async (key) => (gone ? (undefined as never) : store.get(key)),
    }))
    await visit((session) => session.signIn('u1'))
    gone = true
    expect((await manager.open(requestWith(jar.header()))).isNew).toBe(true)
    expect(events.at(-1)).toMatchObject({ type: 'reject', reason: 'unknown-session' })
  })

  test('garbage is removed: the next request finds nothing', async () => {
    const { manager, jar, store, clock, visit, events } = storeSite<AnyData>()
    await visit((session) => session.signIn('u1'))
    const [[key = '', { version = '' } = {}] = []] = await store.dump()
    await store.update(key, 'garbage', { version, expiresAt: clock() + 60_000 })
    for (const reason of ['undecodable', 'unknown-session']) {
      expect((await manager.open(requestWith(jar.header()))).isNew).toBe(true)
      expect(events.at(-1)).toMatchObject({ type: 'reject', reason })
    }
  })

  test.each<[what: string, list: unknown, many: unknown]>([
    ['no list', null, []],
    ['a list of anything', [null, 7, true, 'null', '../x', '__proto__', 'AAAA'], [7, {}]],
  ])('users.list and users.revokeAll survive %s', async (_, list, many) => {
    const { manager } = storeSite<AnyData>({}, () => ({
      list: async () => list as never,
      getMany: async () => many as never,
    }))
    expect(await manager.users.list('u1')).toEqual([])
    expect(await manager.users.revokeAll('u1')).toBe(0)
  })

  test.each<[what: string, many: unknown]>([
    ['no answers', null],
    ['fewer answers', [{ value: 1, version: 2 }]],
    ['a text rather', 'ab'],
  ])('row 84: %s than keys is an outage: nobody is told that all have ended', async (_, many) => {
    const { manager } = storeSite<AnyData>({}, () => ({
      list: async () => ['AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAQ'],
      getMany: async () => many as never,
    }))
    await expect(manager.users.list('u1')).rejects.toEqual(outage)
    await expect(manager.users.revokeAll('u1')).rejects.toEqual(outage)
  })

  test('a record under a secret that is not in the list: 503, and it is kept, for users.list too', async () => {
    const [one, two] = [generateSecret(), generateSecret()]
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const before = site<AnyData>({ secret: [one, two], store }, clock)
    await before.visit((session) => session.signIn('u1'))
    const header = before.jar.header()
    const rotated = site<AnyData>({ secret: [two, one], store }, clock)
    const session = await rotated.manager.open(requestWith(header))
    session.data.n = 1
    await rotated.manager.commit(session)
    const old = site<AnyData>({ secret: one, store }, clock)
    await expect(old.manager.open(requestWith(header))).rejects.toEqual(outage)
    await expect(old.manager.users.list('u1')).rejects.toEqual(outage)
    await expect(old.manager.users.revokeAll('u1')).rejects.toEqual(outage)
    expect(old.events.map((event) => event.type === 'store-error' && event.operation)).toEqual(
      Array(3).fill('open'),
    )
    expect((await rotated.manager.open(requestWith(header))).userId).toBe('u1')
  })
})

/** What a request does, and the operation of the store that fails under it. */
interface Trouble {
  readonly action: string
  readonly act: (session: Session<AnyData>) => unknown
  readonly operation: Operation
  /** Whom the browser's cookie opens afterwards, and how many sessions of u1 and u2 there are: [u1, u2]. */
  readonly before: { readonly opens: string | undefined; readonly listed: readonly [number, number] }
  readonly after: { readonly opens: string | undefined; readonly listed: readonly [number, number] }
}

const intact = { opens: 'u1', listed: [1, 0] } as const
const over = { opens: undefined, listed: [0, 0] } as const

const TROUBLES: Trouble[] = [
  {
    action: 'a save',
    act: ({ data }) => Object.assign(data, { n: 2 }),
    operation: 'update',
    before: intact,
    after: intact,
  },
  { action: 'recorded activity', act: () => {}, operation: 'update', before: intact, after: intact },
  // What was created and never answered for is listed until it expires; nobody has its token.
  {
    action: 'signIn as another user',
    act: (session) => session.signIn('u2'),
    operation: 'create',
    before: intact,
    after: { opens: 'u1', listed: [1, 1] },
  },
  {
    action: 'signIn as another user',
    act: (session) => session.signIn('u2'),
    operation: 'update',
    before: intact,
    after: over,
  },
  {
    action: 'regenerate',
    act: (session) => session.regenerate(),
    operation: 'create',
    before: intact,
    after: { opens: 'u1', listed: [2, 0] },
  },
  {
    action: 'regenerate',
    act: (session) => session.regenerate(),
    operation: 'update',
    before: intact,
    after: over,
  },
  {
    action: 'reauthenticate',
    act: (session) => session.reauthenticate(),
    operation: 'create',
    before: intact,
    after: { opens: 'u1', listed: [2, 0] },
  },
  {
    action: 'reauthenticate',
    act: (session) => session.reauthenticate(),
    operation: 'update',
    before: intact,
    after: over,
  },
  {
    action: 'signOut',
    act: (session) => session.signOut(),
    operation: 'update',
    before: intact,
    after: over,
  },
  // The tombstone that comes first has ended it already.
  { action: 'signOut', act: (session) => session.signOut(), operation: 'delete', before: over, after: over },
]

describe('rows 86 and 87: a store that cannot be written', () => {
  const whens: When[] = ['before it landed', 'after it landed', 'without an answer']
  const cases = TROUBLES.flatMap((trouble) => whens.map((when) => ({ ...trouble, when })))

  test.each(cases)('$action, $operation fails $when: ERR_SESSION_STORE, never retried', async (trouble) => {
    const { manager, jar, clock, store, events, arm, opens } = await signedIn()
    const header = jar.header()
    clock.advance(200) // Enough for activity to be recorded.
    arm(trouble.operation, trouble.when)
    const handling = manager.handle(requestWith(header), async (session) => {
      await trouble.act(session)
      return new Response('done')
    })
    await expect(handling).rejects.toEqual(outage)
    expect(store.calls().filter((method) => method === trouble.operation)).toHaveLength(1)
    expect(events.filter(({ type }) => type !== 'store-error')).toEqual([])
    expect(events).toEqual([expect.objectContaining({ type: 'store-error', operation: trouble.operation })])
    const left = trouble.when === 'after it landed' ? trouble.after : trouble.before
    expect(await opens(header)).toBe(left.opens)
    expect(
      await Promise.all(['u1', 'u2'].map(async (user) => (await manager.users.list(user)).length)),
    ).toEqual(left.listed)
  })

  test.each(['create', 'update'] as const)(
    'row 87: %s fails under a new id: id, data and record stay',
    async (operation) => {
      const { manager, jar, store, arm } = await signedIn()
      const [before] = await store.dump()
      const session = await manager.open(requestWith(jar.header()))
      const { id } = session
      session.regenerate()
      session.data.n = 2
      arm(operation)
      await expect(manager.commit(session)).rejects.toEqual(outage)
      expect([...(await store.dump())]).toEqual([before])
      const again = await manager.open(requestWith(jar.header()))
      expect([again.id, again.data]).toEqual([id, { n: 1 }])
    },
  )

  test.each(['before it landed', 'after it landed'] as const)(
    'a first sign-in whose create fails %s: nobody is signed in',
    async (when) => {
      const broken = fault()
      const { manager, jar, respond } = storeSite<AnyData>({}, broken.change)
      broken.arm('create', when)
      await expect(respond((session) => session.signIn('u1'))).rejects.toEqual(outage)
      expect(jar.header()).toBe('')
      expect(await manager.users.list('u1')).toHaveLength(when === 'before it landed' ? 0 : 1)
    },
  )

  test('a handler that throws while the store is down: its own error arrives', async () => {
    const { manager, jar, clock, arm } = await signedIn()
    const mine = new Error('mine')
    for (const act of [
      () => {},
      (session: Session<AnyData>) => session.signOut(),
      () => clock.advance(200),
    ]) {
      arm('update', 'before it landed', 1)
      const handling = manager.handle(requestWith(jar.header()), (session) => {
        act(session)
        throw mine
      })
      await expect(handling).rejects.toBe(mine)
    }
  })

  test('session.commit() that fails leaves its changes due: the end of the request writes them', async () => {
    const { arm, visit } = await signedIn()
    await visit(async (session) => {
      session.data.n = 2
      arm('update')
      await expect(session.commit()).rejects.toEqual(outage)
    })
    expect(await visit((session) => session.data)).toEqual({ n: 2 })
  })

  test('an un-awaited session.commit() that fails reaches nobody', async () => {
    const { arm, visit } = await signedIn()
    await visit((session) => {
      session.data.n = 2
      arm('update')
      session.commit().catch(() => {})
    })
    expect(await visit((session) => session.data)).toEqual({ n: 2 })
  })
})

describe('through Hono', () => {
  const failing = async (options: Partial<SessionManagerOptions<AnyData>> = {}) => {
    const broken = fault()
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const store = { ...memory, ...broken.change(memory) }
    const place = honoSite({ store, clock, storeTimeout: 0.05, ...options })
    const acts: Record<string, (session: Session<AnyData>) => unknown> = {
      login: (session) => session.signIn('u1'),
      ...Object.fromEntries(TROUBLES.map(({ action, act }) => [action.replaceAll(' ', '-'), act])),
    }
    for (const [path, act] of Object.entries(acts)) {
      place.app.all(`/${path}`, async (c) => {
        await act(c.var.session)
        c.header('Set-Cookie', 'theme=dark')
        return c.text('the account page', 201, { 'Cache-Control': 'public, max-age=60', 'X-Page': 'account' })
      })
    }
    await place.post('/login')
    return { ...place, ...broken, store, clock }
  }

  const check503 = async (response: Response) => {
    expect([response.status, await response.text()]).toEqual([503, 'Service Unavailable'])
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.getSetCookie()).toEqual([])
    expect(response.headers.has('X-Page')).toBe(false)
  }

  test('row 84: a read that fails is an opaque 503 with Retry-After, and the cookie stays', async () => {
    const { get, jar, arm } = await failing()
    const header = jar.header()
    arm('get', 'before it landed', 2)
    await check503(await get('/a-save'))
    expect(jar.header()).toBe(header)
    expect((await get('/a-save')).status).toBe(201)
  })

  test.each(TROUBLES)(
    'row 86: $action, $operation fails: 503, nothing of the page, no cookie',
    async ({ action, operation }) => {
      const { post, jar, clock, arm } = await failing()
      const header = jar.header()
      clock.advance(200)
      arm(operation)
      await check503(await post(`/${action.replaceAll(' ', '-')}`))
      expect(jar.header()).toBe(header)
    },
  )

  test.each<[SessionErrorCode, number, string]>([
    ['ERR_SESSION_ENDED', 409, 'Conflict'],
    ['ERR_SESSION_CONFLICT', 409, 'Conflict'],
    ['ERR_SESSION_LIMIT', 403, 'Forbidden'],
  ])('%s is answered by the default handler with %i and nothing of the page', async (code, status, body) => {
    let lost = 0
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const { app, post, jar } = honoSite({
      clock,
      sessionsPerUser: { max: 1, onExceed: 'reject' },
      store: { ...memory, update: async (...given) => (lost-- > 0 ? null : memory.update(...given)) },
    })
    app.post('/login/:user', (c) => {
      c.var.session.signIn(c.req.param('user'))
      return c.text('in')
    })
    app.post('/race', async (c) => {
      if (code === 'ERR_SESSION_ENDED') await memory.delete(c.var.session.id)
      if (code === 'ERR_SESSION_CONFLICT') lost = 3
      if (code === 'ERR_SESSION_LIMIT') c.var.session.signIn('u2')
      c.var.session.data.n = 2
      return c.redirect('/done')
    })
    await post('/login/u1')
    await cookieJar().request(app, '/login/u2', { method: 'POST' })
    const header = jar.header()
    const response = await post('/race')
    expect([response.status, await response.text()]).toEqual([status, body])
    const headers = [...response.headers.keys()].filter((name) => name !== 'content-type') // Bun adds it later.
    expect(headers).toEqual(['cache-control'])
    expect(jar.header()).toBe(header)
  })

  test('who may read the answer stays: a page of another origin sees the status', async () => {
    const { app, arm, jar } = await failing()
    const outer = new Hono()
    outer.use(cors({ origin: 'https://app.example.test', credentials: true }))
    outer.route('/', app)
    arm('update')
    const headers = { Cookie: jar.header(), Origin: 'https://app.example.test' }
    const response = await outer.request('https://example.test/regenerate', { method: 'POST', headers })
    await check503(response)
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://app.example.test')
  })
})

describe("onStoreError: 'anonymous'", () => {
  const refused = expect.objectContaining({ code: 'ERR_SESSION_STORE', status: 503 })

  test('reads work as for an anonymous visitor, and no cookie is touched', async () => {
    const { manager, jar, arm, events, opens } = await signedIn({ onStoreError: 'anonymous' })
    const header = jar.header()
    arm('get', 'before it landed', 2)
    const response = await manager.handle(requestWith(header), (session) => {
      expect([session.isNew, session.userId, session.authTime, session.amr]).toEqual([
        true,
        undefined,
        undefined,
        [],
      ])
      expect([session.data, session.flash('notice'), session.isFresh(60)]).toEqual([{}, undefined, false])
      expect(session.toJSON()).not.toHaveProperty('data')
      return new Response('public')
    })
    expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
    expect(events).toEqual([expect.objectContaining({ type: 'store-error', operation: 'get', cause: down })])
    expect(await opens(header)).toBe('u1')
  })

  const changes: [what: string, (session: Session<AnyData>) => unknown][] = [
    ['data', ({ data }) => Object.assign(data, { n: 1 })],
    ['update', (session) => session.update(() => {})],
    ['flash', (session) => session.flash('a', 'b')],
    ['signIn', (session) => session.signIn('u2')],
    ['reauthenticate', (session) => session.reauthenticate()],
    ['regenerate', (session) => session.regenerate()],
    ['signOut', (session) => session.signOut()],
    ['requireAuthoritative', (session) => session.requireAuthoritative()],
  ]

  test.each(changes)('%s throws ERR_SESSION_STORE, and nothing is written', async (_, change) => {
    const { manager, jar, store, arm, opens } = await signedIn({ onStoreError: 'anonymous' })
    const header = jar.header()
    arm('get', 'without an answer')
    const session = await manager.open(requestWith(header))
    await expect((async () => change(session))()).rejects.toEqual(refused)
    expect(await manager.commit(session)).toEqual([])
    expect(store.calls()).toEqual(['get'])
    expect(await opens(header)).toBe('u1')
  })

  test('a write that fails is a failure all the same', async () => {
    const { manager, jar, arm } = await signedIn({ onStoreError: 'anonymous' })
    const session = await manager.open(requestWith(jar.header()))
    session.data.n = 2
    arm('update')
    await expect(manager.commit(session)).rejects.toEqual(outage)
  })

  test('a record under a secret that is not in the list is an outage here too', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const [one, two] = [generateSecret(), generateSecret()]
    const before = site<AnyData>({ secret: [one, two], store }, clock)
    await before.visit((session) => session.signIn('u1'))
    const header = before.jar.header()
    const rotated = site<AnyData>({ secret: [two, one], store }, clock).manager
    const session = await rotated.open(requestWith(header))
    session.data.n = 1
    await rotated.commit(session)
    const old = site<AnyData>({ secret: one, store, onStoreError: 'anonymous' }, clock).manager
    const opened = await old.open(requestWith(header))
    expect(opened.isNew).toBe(true)
    expect(() => opened.signOut()).toThrow(refused)
  })
})

test('row 95: events of a failing store carry operation and cause, and no bearer value', async () => {
  const all: SessionEvent[] = []
  const { manager, jar, clock, arm } = await signedIn({ onEvent: (event) => void all.push(event) })
  const header = jar.header()
  clock.advance(200)
  for (const { operation, act } of TROUBLES) {
    arm(operation)
    await manager
      .handle(requestWith(header), async (session) => {
        await act(session)
        return new Response()
      })
      .catch(() => {})
  }
  const errors = all.filter((event) => event.type === 'store-error')
  expect(errors.length).toBeGreaterThan(3)
  for (const { at, cookie, operation, cause } of errors) {
    expect([at, cookie, cause]).toEqual([clock(), '__Host-session', down])
    expect(OPERATIONS).toContain(operation)
  }
  const token = jar.get('__Host-session') ?? ''
  for (let i = 28; i + 16 <= 70; i += 4) expect(JSON.stringify(all)).not.toContain(token.slice(i, i + 16))
})
