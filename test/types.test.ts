import { type } from 'arktype'
import { Hono } from 'hono'
import { createFactory, createMiddleware } from 'hono/factory'
import * as v from 'valibot'
import { expect, expectTypeOf, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type Session,
  SessionError,
  type SessionEvent,
  type SessionManager,
} from 'wafer-session'
import { requireFresh, requireSession, requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { createTestSession } from 'wafer-session/testing'
import * as z from 'zod'

// Checked by `tsc -p test`; what runs here only proves that the file was loaded.

interface Data {
  cart?: string[]
  theme?: 'light' | 'dark'
}

const secret = generateSecret()
const url = 'https://example.test/'

test('Data comes from the generic', async () => {
  const manager = createSessionManager<Data>({ secret })
  const opened = await manager.open(new Request(url))
  expectTypeOf(manager).toEqualTypeOf<SessionManager<Data>>()
  expectTypeOf(opened).toEqualTypeOf<Session<Data>>()
  expectTypeOf(opened.data).toEqualTypeOf<Data>()
  expectTypeOf(opened.data.cart).toEqualTypeOf<string[] | undefined>()
  expectTypeOf(opened.userId).toEqualTypeOf<string | undefined>()
  expectTypeOf(opened.amr).toEqualTypeOf<readonly string[]>()
  expectTypeOf(opened.update).parameter(0).parameter(0).toEqualTypeOf<Data>()
  expectTypeOf(opened.flash('a')).toEqualTypeOf<string | undefined>()
  expectTypeOf(opened.flash<number[]>('a')).toEqualTypeOf<number[] | undefined>()
  expectTypeOf(manager.handle).parameter(1).parameter(0).toEqualTypeOf<Session<Data>>()
})

test('without a generic data is a record of unknown values', async () => {
  const opened = await createSessionManager({ secret }).open(new Request(url))
  expectTypeOf(opened.data).toEqualTypeOf<Record<string, unknown>>()
  opened.data.anything = 1
})

test('Data comes from the schema: valibot', async () => {
  const schema = v.object({ n: v.optional(v.number(), 0), tags: v.array(v.string()) })
  const opened = await createSessionManager({ secret, schema }).open(new Request(url))
  expectTypeOf(opened.data).toEqualTypeOf<{ n: number; tags: string[] }>()
})

test('Data comes from the schema: zod', async () => {
  const schema = z.object({ n: z.number().default(0), role: z.enum(['user', 'admin']).optional() })
  const opened = await createSessionManager({ secret, schema }).open(new Request(url))
  expectTypeOf(opened.data).toEqualTypeOf<{ n: number; role?: 'user' | 'admin' | undefined }>()
})

test('Data comes from the schema: arktype', async () => {
  const schema = type({ n: 'number = 0', 'theme?': "'light' | 'dark'" })
  const opened = await createSessionManager({ secret, schema }).open(new Request(url))
  expectTypeOf(opened.data).toEqualTypeOf<{ n: number; theme?: 'light' | 'dark' }>()
})

test('c.var.session is typed in handlers, in other middleware and through app.route', async () => {
  const other = createMiddleware<SessionEnv<Data>>(async (c, next) => {
    expectTypeOf(c.var.session).toEqualTypeOf<Session<Data>>()
    await next()
  })
  const shop = new Hono<SessionEnv<Data>>()
  shop.use(other)
  shop.get('/', (c) => {
    expectTypeOf(c.var.session.data.cart).toEqualTypeOf<string[] | undefined>()
    expectTypeOf(c.get('session')).toEqualTypeOf<Session<Data>>()
    return c.text('ok')
  })
  const app = new Hono<SessionEnv<Data>>()
  app.use(session({ secret }))
  app.use('/admin/*', session<Data>({ secret }))
  app.route('/shop', shop)
  app.get('/', other, (c) => {
    expectTypeOf(c.var.session).toEqualTypeOf<Session<Data>>()
    expectTypeOf(c.var.sessions).toEqualTypeOf<SessionManager<Data>>()
    // @ts-expect-error no such key
    c.var.session.data.basket
    return c.text('ok')
  })
  expect((await app.request('/')).status).toBe(200)
})

test('a chained app infers Data from the middleware alone', async () => {
  const app = new Hono()
    .use(session({ secret, schema: z.object({ n: z.number().default(0) }) }))
    .get('/', (c) => {
      expectTypeOf(c.var.session.data).toEqualTypeOf<{ n: number }>()
      return c.json({ n: c.var.session.data.n })
    })
  expect(await (await app.request('/')).json()).toEqual({ n: 0 })
})

test('a manager and functions of the context are sources with their Data', () => {
  const manager = createSessionManager<Data>({ secret })
  const app = new Hono<{ Bindings: { SECRET: string } }>()
  app.use(session(manager)).get('/a', (c) => {
    expectTypeOf(c.var.session).toEqualTypeOf<Session<Data>>()
    return c.text('ok')
  })
  app.use(session<Data>((c) => ({ secret: c.env.SECRET }))).get('/b', (c) => {
    expectTypeOf(c.var.session).toEqualTypeOf<Session<Data>>()
    return c.text('ok')
  })
  new Hono<SessionEnv<Data>>().use(session(() => manager))
})

test('a factory of Hono passes the types on', () => {
  const factory = createFactory<SessionEnv<Data>>({ initApp: (app) => app.use(session({ secret })) })
  factory.createApp().get('/', (c) => {
    expectTypeOf(c.var.session.data).toEqualTypeOf<Data>()
    return c.text('ok')
  })
})

test('requireUser and requireFresh make userId a string and authTime a number', () => {
  const app = new Hono<SessionEnv<Data>>()
  app.use(session({ secret }))
  app.get('/a', requireUser(), (c) => {
    expectTypeOf(c.var.session.userId).toEqualTypeOf<string>()
    expectTypeOf(c.var.session.authTime).toEqualTypeOf<number>()
    expectTypeOf(c.var.session.data).toEqualTypeOf<Data>()
    return c.text(c.var.session.userId)
  })
  app.get('/b', requireFresh(300), (c) => c.text(c.var.session.userId.toUpperCase()))
  app.get('/c', requireSession(), (c) => {
    expectTypeOf(c.var.session.userId).toEqualTypeOf<string | undefined>()
    return c.text('ok')
  })
  app.get('/d', (c) => {
    expectTypeOf(c.var.session.userId).toEqualTypeOf<string | undefined>()
    // @ts-expect-error userId may be undefined here
    c.var.session.userId.toUpperCase
    return c.text('ok')
  })
})

test('several sessions side by side have types of their own', () => {
  interface Admin {
    tenant?: string
  }
  const app = new Hono<SessionEnv<Data> & SessionEnv<Admin, 'admin'>>()
  app.use(session({ secret }))
  app.use(session({ secret, cookie: { name: '__Host-admin' } }, { variable: 'admin' }))
  app.get('/', requireUser({ variable: 'admin' }), (c) => {
    expectTypeOf(c.var.admin.userId).toEqualTypeOf<string>()
    expectTypeOf(c.var.session.userId).toEqualTypeOf<string | undefined>()
    expectTypeOf(c.var.admin.data.tenant).toEqualTypeOf<string | undefined>()
    expectTypeOf(c.var.admins).toEqualTypeOf<SessionManager<Admin>>()
    return c.text('ok')
  })
  new Hono().use(session<Admin, 'admin'>({ secret }, { variable: 'admin' })).get('/', (c) => {
    expectTypeOf(c.var.admin).toEqualTypeOf<Session<Admin>>()
    return c.text('ok')
  })
})

test('events and errors are told apart by their codes', () => {
  const onEvent = (event: SessionEvent) => {
    if (event.type === 'regenerate') expectTypeOf(event.previousId).toEqualTypeOf<string>()
    if (event.type === 'end') expectTypeOf(event.reason).toExtend<string>()
    if (event.type === 'store-error') expectTypeOf(event.cause).toEqualTypeOf<unknown>()
    if (event.type === 'empty') expectTypeOf(event.issues).toEqualTypeOf<readonly string[]>()
  }
  createSessionManager({ secret, onEvent })
  const error: unknown = null
  if (error instanceof SessionError) {
    // @ts-expect-error no such code
    error.code === 'ERR_SESSION_UNKNOWN'
  }
})

test('wrong uses do not compile', () => {
  const wrong = async () => {
    // @ts-expect-error a secret is missing
    createSessionManager({})
    // @ts-expect-error a number is no secret
    createSessionManager({ secret: 42 })
    // @ts-expect-error no such option
    createSessionManager({ secret, maxAge: 60 })
    // @ts-expect-error seconds are a number
    createSessionManager({ secret, idleTimeout: '30m' })
    // @ts-expect-error sameSite is spelt with a capital
    createSessionManager({ secret, cookie: { sameSite: 'lax' } })
    // @ts-expect-error HttpOnly cannot be turned off
    createSessionManager({ secret, cookie: { httpOnly: false } })
    // @ts-expect-error both timeouts belong to remember
    createSessionManager({ secret, remember: { idleTimeout: 60 } })
    // @ts-expect-error the schema gives no object
    createSessionManager({ secret, schema: z.string() })
    // @ts-expect-error an asynchronous source
    session(async () => ({ secret }))
    // @ts-expect-error no age
    requireFresh()
    const opened = await createSessionManager<Data>({ secret }).open(new Request(url))
    // @ts-expect-error no such key to keep
    opened.signIn('u1', { keep: ['basket'] })
    // @ts-expect-error a user id is a string
    opened.signIn(42)
    // @ts-expect-error amr is a list
    opened.signIn('u1', { amr: 'pwd' })
    // @ts-expect-error no such value
    opened.data.theme = 'blue'
    // @ts-expect-error no such key
    opened.data.basket = []
    // @ts-expect-error data is changed in place
    opened.data = {}
    // @ts-expect-error who is signed in changes by signIn
    opened.userId = 'root'
    // @ts-expect-error assurance rises by an authentication
    opened.acr = 'aal3'
    // @ts-expect-error the list is read only
    opened.amr.push('otp')
    await createTestSession(createSessionManager<Data>({ secret }), {
      // @ts-expect-error no such key
      data: { basket: [] },
    })
  }
  expect(wrong).toBeTypeOf('function')
})
