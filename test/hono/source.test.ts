import { Hono } from 'hono'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'
import { cookieJar, createTestSession } from 'wafer-session/testing'
import * as z from 'zod'
import { type AnyData, namesSet } from '../support/site.ts'

type Source = Parameters<typeof session<AnyData>>[0]
type Bindings = Record<string, string>

/** Signs in on one request and reads on the next; the bindings are those of a Worker. */
async function tryOut(source: Source, bindings: Bindings = {}): Promise<string | undefined> {
  const app = new Hono<SessionEnv<AnyData>>()
  app.onError((error) => {
    throw error
  })
  app.use(session(source))
  app.post('/', (c) => {
    c.var.session.signIn('u1')
    return c.text('ok')
  })
  app.get('/', (c) => c.text(`${c.var.session.userId} by ${c.var.sessions.cookieName}`))
  const jar = cookieJar()
  const fetcher = { fetch: async (request: Request) => app.fetch(request, bindings) }
  await jar.request(fetcher, '/', { method: 'POST' })
  return (await jar.request(fetcher, '/')).text()
}

afterEach(() => {
  vi.unstubAllEnvs()
})

/** `SESSION_SECRET` where the runtime keeps its variables: the process, or the bindings of a Worker. */
function environment(value: string): Bindings {
  vi.stubEnv('SESSION_SECRET', value)
  return { SESSION_SECRET: value }
}

const secret = generateSecret()
const manager = createSessionManager<AnyData>({ secret, cookie: { name: '__Host-m' } })

describe('session(source)', () => {
  test.each<[what: string, source: Source, cookieName: string]>([
    ['options', { secret }, '__Host-session'],
    ['a manager', manager, '__Host-m'],
    ['a function that gives options', () => ({ secret, cookie: { name: '__Host-f' } }), '__Host-f'],
    ['a function that gives a manager', () => manager, '__Host-m'],
    ['a list of secrets', { secret: [generateSecret(), secret] }, '__Host-session'],
    ['a secret of bytes', { secret: crypto.getRandomValues(new Uint8Array(32)) }, '__Host-session'],
  ])('takes %s', async (_, source, cookieName) => {
    expect(await tryOut(source)).toBe(`u1 by ${cookieName}`)
  })

  test('reads bindings through a function of the context', async () => {
    const source = (c: { env: Bindings }) => ({ secret: c.env.KEY ?? '', cookie: { name: c.env.NAME } })
    expect(await tryOut(source, { KEY: secret, NAME: '__Host-n' })).toBe('u1 by __Host-n')
  })

  test('opens the cookies of a manager with the same secret, and the other way round', async () => {
    const app = new Hono<SessionEnv<AnyData>>().use(session({ secret }))
    const done = app.get('/', (c) => {
      c.var.session.data.n = (c.var.session.data.n ?? 0) + 1
      return c.json(c.var.session.data)
    })
    const jar = cookieJar()
    await jar.request(done, '/')
    const opened = await createSessionManager<AnyData>({ secret }).open(
      new Request('https://example.test/', { headers: { cookie: jar.header() } }),
    )
    expect(opened.data).toEqual({ n: 1 })
  })
})

describe('SESSION_SECRET', () => {
  test('is read when there is no secret, also without any options', async () => {
    const bindings = environment(generateSecret())
    expect(await tryOut(undefined, bindings)).toBe('u1 by __Host-session')
    expect(await tryOut({ secret: undefined, cookie: { name: '__Host-e' } }, bindings)).toBe('u1 by __Host-e')
    expect(await tryOut(() => ({ cookie: { name: '__Host-g' } }), bindings)).toBe('u1 by __Host-g')
  })

  test('is not read when there is a secret', async () => {
    expect(await tryOut({ secret }, environment('too short to be one'))).toBe('u1 by __Host-session')
  })

  test('that holds several, with commas between: each opens, the first seals', async () => {
    const [fresh, old] = [generateSecret(), generateSecret()]
    const { cookie } = await createTestSession(createSessionManager({ secret: old }), { userId: 'u1' })
    const app = new Hono<SessionEnv>()
    app.use(session())
    app.get('/', (c) => c.text(String(c.var.session.userId)))
    const init = { headers: { Cookie: cookie } }
    const response = await app.request('/', init, environment(`${fresh}, ${old}`))
    expect(await response.text()).toBe('u1')
    expect(namesSet(response)).toEqual(['__Host-session'])
  })

  test('with a comma at its end, or a line break, is one secret', async () => {
    expect(await tryOut(undefined, environment(`${generateSecret()},\n`))).toBe('u1 by __Host-session')
  })

  test('that is missing is a TypeError that says how to make one, and no request gets through', async () => {
    vi.stubEnv('SESSION_SECRET', undefined)
    for (const source of [undefined, {}, () => ({})]) {
      const failing = tryOut(source)
      await expect(failing).rejects.toThrow(TypeError)
      await expect(failing).rejects.toThrow(
        'session() needs a secret: pass { secret }, or set SESSION_SECRET to the output of `openssl rand -base64 32`.',
      )
    }
  })

  test('that is still to come does not keep other mistakes back', () => {
    expect(() => session({ idleTimeout: 0 })).toThrow(RangeError)
    expect(() => session({ cookie: { name: 'a b' } })).toThrow(TypeError)
    expect(() => session({ idelTimeout: 60 } as never)).toThrow(/Unknown option idelTimeout/)
  })

  test.each(['', 'changeme', 'a'.repeat(64)])('that is weak (%j) is refused', async (value) => {
    await expect(tryOut(undefined, environment(value))).rejects.toThrow(RangeError)
  })
})

describe('a wrong source', () => {
  test.each<[unknown, string]>([
    [null, 'session() wants options or a manager.'],
    ['a secret alone', 'session() wants options or a manager.'],
    [{ secret, variable: 'admin' }, 'Unknown option variable.'],
    [{ secret: 'short' }, 'secret must be at least 32 random bytes, this one has 5.'],
    [{ secret, idleTimeout: 0 }, 'idleTimeout must be a whole number'],
  ])('%j throws when the middleware is made', (source, sentence) => {
    expect(() => session(source as { secret: string })).toThrow(sentence)
  })

  test.each<[string, unknown, string]>([
    ['nothing', () => undefined, 'session() wants options or a manager.'],
    ['a promise', async () => ({ secret }), 'session(fn) wants a synchronous function of the context.'],
    ['wrong options', () => ({ secret, ttl: 1 }), 'Unknown option ttl.'],
  ])('a function that gives %s throws with the request', async (_, source, sentence) => {
    const bindings = environment(generateSecret())
    await expect(tryOut(source as Source, bindings)).rejects.toThrow(TypeError)
    await expect(tryOut(source as Source, bindings)).rejects.toThrow(sentence)
  })
})

test('a schema types and checks data through the middleware', async () => {
  const app = new Hono()
    .use(session({ secret, schema: z.object({ n: z.number().default(40) }) }))
    .get('/', (c) => {
      c.var.session.data.n += 2
      return c.text(String(c.var.session.data.n))
    })
  const response = await app.request('/')
  expect([await response.text(), namesSet(response)]).toEqual(['42', ['__Host-session']])
})

test.each([
  ['secret', 'the common secret'],
  ['store', 'sessions in cookies'],
  ['revocations', 'cookies that nobody can revoke'],
])('session(fn) with an undefined %s is refused: a misspelt binding must not mean %s', async (name) => {
  const app = new Hono<SessionEnv>()
  const errors: Error[] = []
  app.onError((error, c) => {
    errors.push(error)
    return c.text('failed', 500)
  })
  app.use(session((c) => ({ secret, [name]: c.env.MISSPELT })))
  app.get('/', (c) => c.text('ok'))
  await app.request('/', {}, { SESSION_SECRET: generateSecret() })
  expect(errors[0]).toBeInstanceOf(TypeError)
  expect(errors[0]?.message).toBe(
    `session(fn) got a ${name} that is undefined. Is the variable it comes from set?`,
  )
})
