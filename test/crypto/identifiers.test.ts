import { afterEach, expect, test, vi } from 'vitest'
import { generateSecret } from 'wafer-session'
import { createTestSession } from 'wafer-session/testing'
import { spySubtle } from '../support/spy-subtle.ts'
import { bytesOf } from '../support/tamper.ts'
import { application, cookieValue, requestWith, whoseIs } from '../support/visitor.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('row 1: an id is 16 random bytes of the system’s generator, and Math.random is not asked', async () => {
  const { manager } = application()
  const drawn: string[] = []
  const original = crypto.getRandomValues.bind(crypto)
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    const filled = original(array)
    drawn.push(String.fromCharCode(...(filled as unknown as Uint8Array)))
    return filled
  })
  vi.spyOn(Math, 'random').mockImplementation(() => {
    throw new Error('Math.random is not for ids')
  })

  const { id } = await createTestSession(manager, { userId: 'u1' })

  const handle = String.fromCharCode(...bytesOf(`x=${id}`))
  expect(id).toMatch(/^[\w-]{22}$/)
  expect(drawn).toContain(handle)
})

test('row 1: 100,000 ids are 100,000 ids', async () => {
  const { manager } = application()
  const request = requestWith('')
  const ids = new Set<string>()
  for (let i = 0; i < 100_000; i++) ids.add((await manager.open(request)).id)
  expect(ids.size).toBe(100_000)
}, 60_000)

test('row 2: cookies of one user at one moment share eight bytes, and nothing in them says who it is', async () => {
  const { manager } = application()
  const user = { userId: 'u_0123456789', data: { email: 'someone@example.test' } }
  // Several: two random bytes behind the eight are equal once in 256 times.
  const sessions = await Promise.all(Array.from({ length: 16 }, () => createTestSession(manager, user)))
  const all = sessions.map(({ cookie }) => bytesOf(cookie))

  expect(all[0]?.findIndex((byte, i) => all.some((other) => other[i] !== byte))).toBe(8)
  for (const { cookie, id } of sessions) {
    const clear = String.fromCharCode(...bytesOf(cookie)) + cookie
    for (const hidden of ['u_0123456789', '0123456789', 'email', 'someone', id]) {
      expect(clear).not.toContain(hidden)
    }
  }
})

test('row 3: a cookie has at least 50 characters', async () => {
  const { manager } = application()
  const { cookie } = await createTestSession(manager, { data: { a: 1 } })
  expect(cookieValue(cookie).length).toBeGreaterThanOrEqual(50)
})

test('row 4: the default name is a generic word behind __Host-', () => {
  expect(application().manager.cookieName).toBe('__Host-session')
})

test('row 5: an id that this server did not issue is never adopted', async () => {
  const { manager } = application()
  const foreign = await createTestSession(application().manager, { userId: 'u1' })
  const dropped = await createTestSession(manager, { userId: 'u1' })

  for (const cookie of [
    foreign.cookie,
    `__Host-session=${foreign.id}`,
    `__Host-session=${dropped.id}`,
    '__Host-session=0xhax',
  ]) {
    const session = await manager.open(requestWith(cookie))
    session.data.n = 1
    const [line = ''] = await manager.commit(session)

    expect([foreign.id, dropped.id]).not.toContain(session.id)
    expect((await manager.open(requestWith(line.slice(0, line.indexOf(';'))))).id).toBe(session.id)
  }
})

test.each([
  '../x',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '\u0001',
  '__proto__',
  'constructor',
  'a b',
  '{}',
  'null',
  '-1',
  '',
  '*',
  "' OR 1=1 --",
])('row 7: the value %j costs nothing and is nobody', async (value) => {
  const { manager, reasons } = application()
  const spy = spySubtle()

  expect(await whoseIs(manager, `__Host-session=${value}`)).toBeUndefined()
  expect(spy.calls()).toEqual([])
  expect(reasons).toEqual(['malformed'])
})

test('an id opens nothing: it is not in the cookie in clear, and is no cookie', async () => {
  const secret = generateSecret()
  const { manager } = application({ secret })
  const { id, cookie } = await createTestSession(manager, { userId: 'u1' })

  expect(await whoseIs(manager, cookie)).toBe('u1')
  expect(await whoseIs(manager, `__Host-session=${id}`)).toBeUndefined()
})
