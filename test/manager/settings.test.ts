import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionMonitor } from 'wafer-session'
import { session } from 'wafer-session/hono'
import { memoryStore } from 'wafer-session/stores/memory'
import { createTestSession } from 'wafer-session/testing'
import * as z from 'zod'

const secret = generateSecret()
const managerOf = (options: object = {}) => createSessionManager({ secret, ...options })

/** What an app answers in which two managers open one cookie: its status, and what it failed of. */
async function answered(outer: object, inner: object) {
  const errors: string[] = []
  const app = new Hono().use(session(outer as never)).use(session(inner as never))
  app.onError((error, c) => {
    errors.push(error.message)
    return c.text('failed', 500)
  })
  app.get('/', (c) => c.text('ok'))
  const { status } = await app.request('/')
  return { status, errors }
}

const REFUSED = {
  status: 500,
  errors: [
    'The cookie __Host-session is already open as c.var.session, with other options. ' +
      'Give this session its own cookie.name.',
  ],
}

describe('createSessionManager: of two managers for one cookie the second is refused with another', () => {
  const monitor = (): SessionMonitor => ({ assess: () => undefined }) as never
  const schema = () => z.object({})

  test.each<[what: string, one: object, other: object]>([
    ['store', { store: memoryStore() }, { store: memoryStore() }],
    ['store of marks', { revocations: memoryStore() }, { revocations: memoryStore() }],
    ['binding', { binding: { userAgent: 'end' } }, { binding: { userAgent: 'report' } }],
    ['monitor', { monitor: monitor() }, { monitor: monitor() }],
    ['schema', { schema: schema() }, { schema: schema() }],
    ['schema, or none', {}, { schema: schema() }],
  ])('%s', async (_, one, other) => {
    expect(await answered(managerOf(one), managerOf(other))).toEqual(REFUSED)
    expect(await answered(managerOf(one), managerOf(one))).toEqual({ status: 200, errors: [] })
  })

  test('migrate', async () => {
    const given = { schema: schema(), migrate: () => ({}) }
    expect(await answered(managerOf(given), managerOf({ ...given, migrate: () => ({}) }))).toEqual(REFUSED)
    expect(await answered(managerOf(given), managerOf(given))).toEqual({ status: 200, errors: [] })
  })

  test('wrapping, of which nobody knows what it does', async () => {
    const manager = managerOf()
    const [one, other] = [{ ...manager }, { ...manager }]
    expect(await answered(one, other)).toEqual(REFUSED)
    expect(await answered(one, manager)).toEqual(REFUSED)
    expect(await answered(manager, other)).toEqual(REFUSED)
    expect(await answered(one, one)).toEqual({ status: 200, errors: [] })
  })
})

test('createSessionManager: no property of a manager shows its settings', () => {
  expect(Object.keys(managerOf())).toEqual(
    expect.arrayContaining(['cookieName', 'users', 'serverState', 'open', 'commit', 'respond', 'handle']),
  )
  expect(Object.getOwnPropertySymbols(managerOf()).length).toBe(1)
  expect(Object.getOwnPropertySymbols({ ...managerOf() })).toEqual([])
})

test('createSessionManager without a clock goes by that of the runtime', async () => {
  const before = Math.floor(Date.now() / 1000) * 1000
  const manager = managerOf()
  const { cookie } = await createTestSession(manager, { userId: 'u1' })
  const opened = await manager.open(new Request('https://example.test/', { headers: { cookie } }))
  expect(opened.userId).toBe('u1')
  expect(opened.createdAt).toBeGreaterThanOrEqual(before)
  expect(opened.createdAt).toBeLessThanOrEqual(Date.now())
})

test.each<[options: object, sentence: string]>([
  [{ idleTimeout: 0 }, 'idleTimeout must be a whole number from 1 to 34560000: current value is 0.'],
  [
    { absoluteTimeout: 1.5 },
    'absoluteTimeout must be a whole number from 1 to 34560000: current value is 1.5.',
  ],
  [
    { remember: { idleTimeout: 0, absoluteTimeout: 1 } },
    'remember.idleTimeout must be a whole number from 1 to 34560000: current value is 0.',
  ],
  [{ maxChunks: 5 }, 'maxChunks must be a whole number from 1 to 4: current value is 5.'],
])('createSessionManager refuses %j by the name of the option', (options, sentence) => {
  expect(() => managerOf(options)).toThrow(new RangeError(sentence))
})
