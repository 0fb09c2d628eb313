import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest'
import { generateSecret } from 'wafer-session'
import type { SessionObjectStub } from 'wafer-session/stores/durable-object'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import type { Bindings } from '../examples/demo/env.ts'
import demo from '../examples/demo/index.tsx'
import type { Mode } from '../examples/demo/sessions.ts'
import { type DemoClient, demoClient } from './support/demo-client.ts'
import { PASSWORDS } from './support/passwords.ts'

// What a browser cannot wait for, and a store that fails when the test says so. demo.node.test.ts has the rest.

let secret: string
let clock: FakeClock
let errors: MockInstance<typeof console.error>

beforeEach(() => {
  clock = fakeClock(Date.now())
  vi.spyOn(Date, 'now').mockImplementation(clock)
  secret = generateSecret() // Marks and lists of the test before go by another one.
  errors = vi.spyOn(console, 'error')
})

afterEach(() => {
  vi.restoreAllMocks()
})

function visitor(SESSIONS: Mode, bindings: Partial<Bindings> = {}): DemoClient {
  const given = { SESSION_SECRET: secret, KV: env.KV, SESSION_OBJECTS: env.SESSIONS, SESSIONS, ...bindings }
  return demoClient({ fetch: (request) => demo.fetch(request, given) }, { clock })
}

async function signedIn(mode: Mode, bindings?: Partial<Bindings>): Promise<DemoClient> {
  const client = visitor(mode, bindings)
  await client.signIn('ada')
  return client
}

/** Where the answer leads: another page, else the heading of this one. */
async function outcome(answer: Promise<Response>): Promise<string | undefined> {
  const response = await answer
  const heading = /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1]
  return response.headers.get('Location') ?? `${response.status} ${heading}`
}

const TO_SIGN_IN = '/sign-in?return_to=%2Faccount'
const WITH_PASSWORD = { password: PASSWORDS.ada, return_to: '/account/devices' }
const addStroopwafel = { product: 'stroopwafel', change: '1' }

describe.each<Mode>(['sealed', 'kv', 'durable-object'])('your devices, %s', (mode) => {
  test('signing out others asks for a password that is older than 300 seconds, then does it', async () => {
    const [here, there] = [await signedIn(mode), await signedIn(mode)]
    clock.advance(300)
    expect(await (await here.get('/account/devices')).text()).not.toContain('will be asked for first')
    clock.advance(1)
    expect(await (await here.get('/account/devices')).text()).toContain('will be asked for first')
    const askFirst = '/confirm?return_to=%2Faccount%2Fdevices'
    expect(await outcome(here.post('/account/devices', { end: 'others' }))).toBe(askFirst)
    expect(await outcome(there.get('/account'))).toBe('200 Ada')

    expect(await outcome(here.post('/confirm', WITH_PASSWORD))).toBe('/account/devices')
    expect(await outcome(here.post('/account/devices', { end: 'others' }))).toBe('/account/devices')
    clock.advance(60) // Sealed: until the next check of the marks.
    expect(await outcome(there.get('/account'))).toBe(TO_SIGN_IN)
    expect(await outcome(here.get('/account'))).toBe('200 Ada')
  })

  test('who was signed out elsewhere changes no address and signs out nobody, at once', async () => {
    const [here, there] = [await signedIn(mode), await signedIn(mode)]
    await here.post('/confirm', WITH_PASSWORD)
    await here.post('/account/devices', { end: 'others' })
    const back = '/sign-in?return_to=%2Faccount%2F'
    expect(await outcome(there.post('/account/email', { email: 'thief@example.com' }))).toBe(`${back}email`)
    expect(await outcome(there.post('/account/devices', { end: 'others' }))).toBe(`${back}devices`)
    expect(await outcome(there.get(`${back}email`))).toBe('200 Sign in')
    expect(await outcome(here.get('/account'))).toBe('200 Ada')
  })

  test('signing out this one is a sign-out', async () => {
    const here = await signedIn(mode)
    const id = await sessionIdOf(here)
    expect(await outcome(here.post('/account/devices', { end: id }))).toBe('/signed-out')
    expect(here.cookie()).toBeUndefined()
  })
})

describe.each<Mode>(['kv', 'durable-object'])('your devices, %s', (mode) => {
  test('an id that is none of theirs ends nothing', async () => {
    const [ada, grace] = [await signedIn(mode), visitor(mode)]
    await grace.signIn('grace')
    for (const end of [await sessionIdOf(grace), 'nonsense', '']) {
      expect(await outcome(ada.post('/account/devices', { end }))).toBe('/account/devices')
      const page = await (await ada.get('/account/devices')).text()
      expect(page).toContain('No device of yours is signed in under that id.')
    }
    expect(await outcome(grace.get('/account'))).toBe('200 Grace')
    expect(await outcome(ada.get('/account'))).toBe('200 Ada')
  })
})

async function sessionIdOf(client: DemoClient): Promise<string> {
  const page = await (await client.get('/account')).text()
  return /<code class="wrap">([\w-]{22})</.exec(page)?.[1] ?? ''
}

test('sealed: a cookie kept from before the sign-out opens until the marks are read again', async () => {
  const ada = await signedIn('sealed')
  await ada.post('/cart', addStroopwafel)
  const copy = ada.cookie() ?? ''
  await ada.post('/sign-out')
  ada.setCookie(copy)
  clock.advance(59)
  expect(await outcome(ada.get('/account'))).toBe('200 Ada')
  clock.advance(1)
  expect(await outcome(ada.get('/account'))).toBe(TO_SIGN_IN)
})

describe('a store that does not answer', () => {
  test('for reading: 503 with a page, the cookie stays, and anonymous visitors never notice', async () => {
    const outage = { on: false }
    const KV = withMethods(env.KV, { get: failing(outage, env.KV.get.bind(env.KV)) })
    const [ada, anonymous] = [await signedIn('kv', { KV }), visitor('kv', { KV })]
    const cookie = ada.cookie()
    outage.on = true
    const response = await ada.get('/account')
    expect(response.status).toBe(503)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'retry-after': '5',
      'content-type': 'text/html; charset=UTF-8',
    })
    expect(response.headers.getSetCookie()).toEqual([])
    const page = await response.text()
    expect(page).toContain('One moment, please')
    expect(page).not.toMatch(/Ada|Sign in|KV/)
    expect(await outcome(anonymous.get('/'))).toMatch(/^200 Thin biscuits/)
    expect(errors).not.toHaveBeenCalled()

    outage.on = false
    expect(ada.cookie()).toBe(cookie)
    expect(await outcome(ada.get('/account'))).toBe('200 Ada')
  })

  test('for writing: 503 with a page that leads nowhere, and nothing is in the cart', async () => {
    const outage = { on: false }
    const KV = withMethods(env.KV, { put: failing(outage, env.KV.put.bind(env.KV)) })
    const ada = await signedIn('kv', { KV })
    outage.on = true
    expect(await outcome(ada.post('/cart', addStroopwafel))).toBe('503 One moment, please')
    outage.on = false
    expect(await (await ada.get('/cart')).text()).toContain('Nothing in it yet.')
  })
})

test('a write that others always win: 409 with a page, and nothing is in the cart', async () => {
  const ada = await signedIn('durable-object')
  const copy = visitor('durable-object', { SESSION_OBJECTS: objects(() => ({ update: async () => null })) })
  copy.setCookie(ada.cookie() ?? '')
  expect(await outcome(copy.post('/cart', addStroopwafel))).toBe('409 Too many hands')
  expect(await (await ada.get('/cart')).text()).toContain('Nothing in it yet.')
})

test('a session that is signed out while a request is on its way: 409 with a page that knows nobody', async () => {
  const ada = await signedIn('durable-object')
  const late = visitor('durable-object', {
    SESSION_OBJECTS: objects((stub) => ({
      async update(write) {
        await ada.post('/sign-out')
        return stub.update(write)
      },
    })),
  })
  late.setCookie(ada.cookie() ?? '')
  const response = await late.post('/cart', addStroopwafel)
  const page = await response.text()
  expect(response.status).toBe(409)
  expect(page).toContain('Signed out meanwhile')
  expect(page).not.toContain('Ada')
  expect(errors).not.toHaveBeenCalled()
})

test('a mode that is none is a mistake that is logged', async () => {
  errors.mockImplementation(() => {})
  const response = await visitor('cookies' as Mode).get('/')
  expect(response.status).toBe(500)
  expect(errors.mock.calls[0]?.[0]).toMatchObject({
    message: 'SESSIONS must be one of sealed, kv, durable-object: current value is cookies.',
  })
})

/** The same object with some methods of the test's own. */
function withMethods<Binding extends object>(binding: Binding, methods: Partial<Binding>): Binding {
  return new Proxy(binding, {
    get: (target, name) =>
      Reflect.get(methods, name) ??
      ((...given: unknown[]) => (target as Record<PropertyKey, CallableFunction>)[name]?.(...given)),
  })
}

function failing<Method extends (...given: never[]) => Promise<unknown>>(
  outage: { readonly on: boolean },
  method: Method,
): Method {
  const call = (...given: never[]) =>
    outage.on ? Promise.reject(new Error('KV is out of order.')) : method(...given)
  return call as Method
}

/** The Durable Objects, seen through methods of the test's own. */
function objects(methods: (stub: SessionObjectStub) => Partial<SessionObjectStub>) {
  return {
    idFromName: (name: string) => env.SESSIONS.idFromName(name),
    get(id: unknown) {
      const stub = env.SESSIONS.get(id)
      return withMethods(stub, methods(stub))
    },
  }
}
