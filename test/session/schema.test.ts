import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { generateSecret, type SessionManager, type StandardSchema } from 'wafer-session'
import { createTestSession, fakeClock } from 'wafer-session/testing'
import * as z from 'zod'
import { type AnyData, site } from '../support/site.ts'

interface Prefs {
  theme?: 'light' | 'dark' | undefined
  n: number
}

const schemas: [vendor: string, schema: StandardSchema<Prefs>][] = [
  ['valibot', v.object({ theme: v.optional(v.picklist(['light', 'dark'])), n: v.optional(v.number(), 0) })],
  ['zod', z.object({ theme: z.enum(['light', 'dark']).optional(), n: z.number().default(0) })],
  ['arktype', type({ 'theme?': "'light' | 'dark'", n: 'number = 0' })],
]

describe.each(schemas)('schema of %s', (_, schema) => {
  test('a new session starts with its defaults, which create nothing', async () => {
    const { respond, visit } = site({ schema })
    expect(await visit((session) => session.data)).toEqual({ n: 0 })
    expect((await respond((session) => session.data.n)).headers.getSetCookie()).toEqual([])
  })

  test('data that fits is kept', async () => {
    const { visit, events } = site({ schema })
    await visit((session) => {
      session.data.theme = 'dark'
      session.data.n++
    })
    expect(await visit((session) => session.data)).toEqual({ theme: 'dark', n: 1 })
    expect(events.map((event) => event.type)).toEqual(['create'])
  })

  test('row 94: data that does not fit is refused at write, and nothing is sent', async () => {
    const { visit, jar } = site({ schema })
    const writing = visit((session) => {
      session.data.n = '1; DROP TABLE' as never
    })
    await expect(writing).rejects.toThrow(TypeError)
    await expect(writing).rejects.toThrow(/^session\.data does not fit its schema: data\.n\b/)
    expect(jar.header()).toBe('')
  })

  test('data that no longer fits is emptied with an event, and the sign-in stays', async () => {
    const secret = generateSecret()
    const old = site({ secret })
    const now = site({ secret, schema })
    const id = await old.visit((session) => {
      session.signIn('u1')
      session.data.n = 'many'
      return session.id
    })
    now.jar.set('__Host-session', old.jar.get('__Host-session') ?? '')
    expect(await now.visit((session) => [session.userId, session.data])).toEqual(['u1', { n: 0 }])
    expect(now.events).toEqual([
      expect.objectContaining({
        type: 'empty',
        sessionId: id,
        userId: 'u1',
        issues: [expect.stringMatching(/^data\.n\b/)],
      }),
    ])
  })

  test('data that no longer fits goes through migrate, and is written back at once', async () => {
    const secret = generateSecret()
    const old = site({ secret })
    const now = site({
      secret,
      schema,
      migrate: (data) => ({ theme: 'dark', n: (data as { count: unknown[] }).count.length }),
    })
    await old.visit((session) => {
      session.signIn('u1')
      Object.assign(session.data, { count: ['a', 'b'], n: null })
    })
    now.jar.set('__Host-session', old.jar.get('__Host-session') ?? '')
    const response = await now.respond((session) => {
      expect(session.data).toEqual({ theme: 'dark', n: 2 })
    })
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(await now.visit((session) => session.data)).toEqual({ theme: 'dark', n: 2 })
    expect(now.events.map(({ type }) => type)).toEqual(['migrate'])
  })

  test.each([
    ['gives what does not fit', () => ({ n: 'still' })],
    ['gives nothing', () => undefined],
    [
      'throws',
      () => {
        throw new Error('no such column')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('no such column'))],
  ])('when migrate %s the data is emptied', async (_, migrate) => {
    const secret = generateSecret()
    const old = site({ secret })
    const now = site({ secret, schema, migrate })
    await old.visit((session) => {
      session.signIn('u1')
      session.data.n = 'many'
    })
    now.jar.set('__Host-session', old.jar.get('__Host-session') ?? '')
    expect(await now.visit((session) => [session.userId, session.data])).toEqual(['u1', { n: 0 }])
    expect(now.events.map((event) => event.type)).toEqual(['empty'])
  })

  test('signIn starts from the defaults again', async () => {
    const { visit } = site({ schema })
    await visit((session) => {
      session.data.n = 7
      session.data.theme = 'dark'
    })
    await visit((session) => {
      session.signIn('u1', { keep: ['theme'] })
      expect(session.data).toEqual({ theme: 'dark', n: 0 })
    })
    expect(await visit((session) => session.data)).toEqual({ theme: 'dark', n: 0 })
  })
})

test('data emptied for a request stays in the cookie until the handler writes', async () => {
  const secret = generateSecret()
  const data = { n: 'many' }
  const before = site({ secret })
  const broken = site({ secret, schema: z.object({ n: z.number().default(0) }) })
  await before.visit((session) => Object.assign(session.data, data))
  const { clock, jar } = broken
  jar.set('__Host-session', before.jar.get('__Host-session') ?? '')
  clock.advance(600)
  before.clock.advance(600)
  expect((await broken.respond((session) => session.data)).headers.getSetCookie()).toHaveLength(1)
  before.jar.set('__Host-session', jar.get('__Host-session') ?? '')
  expect(await before.visit((session) => session.data)).toEqual(data)
  await broken.visit((session) => {
    session.data.n = 1
  })
  expect(await broken.visit((session) => session.data)).toEqual({ n: 1 })
})

const required = { schema: z.object({ cart: z.array(z.string()) }) }

test('a schema with required keys does not stop a sign-in that has no data yet', async () => {
  const { visit, events } = site(required)
  await visit((session) => session.signIn('u1'))
  expect(await visit((session) => [session.userId, session.data])).toEqual(['u1', {}])
  await visit((session) => {
    session.data.cart = ['a']
  })
  expect(await visit((session) => session.data)).toEqual({ cart: ['a'] })
  expect(events.map(({ type }) => type)).toEqual(['create'])
})

test('a schema with required keys refuses data that lacks one', async () => {
  const { visit } = site(required)
  await expect(visit((session) => void Object.assign(session.data, { other: 1 }))).rejects.toThrow(
    'session.data does not fit its schema: data.cart: ',
  )
})

test('an asynchronous schema works', async () => {
  const { visit } = site({
    schema: z.object({
      name: z
        .string()
        .refine(async (name) => name !== 'taken')
        .optional(),
    }),
  })
  await visit((session) => {
    session.data.name = 'free'
  })
  expect(await visit((session) => session.data.name)).toBe('free')
  await expect(
    visit((session) => {
      session.data.name = 'taken'
    }),
  ).rejects.toThrow('session.data does not fit its schema: data.name')
})

test('row 92: a default that the schema shares between calls is not shared between sessions', async () => {
  const secret = generateSecret()
  const schema = z.object({
    v: z.number(),
    prefs: z.object({ tags: z.array(z.string()) }).default({ tags: [] }),
  })
  const before = site({ secret })
  const one = site({ secret, schema })
  const other = site({ secret, schema })
  await before.visit((session) => {
    session.data.v = 1
  })
  for (const { jar } of [one, other]) jar.set('__Host-session', before.jar.get('__Host-session') ?? '')
  await one.visit((session) => {
    session.data.prefs.tags.push('private')
  })
  await other.visit((session) => {
    expect(session.data.prefs.tags).toEqual([])
    session.data.prefs.tags.push('own')
  })
  expect(await one.visit((session) => session.data.prefs.tags)).toEqual(['private'])
})

test('unknown keys that a schema strips do not count as a change', async () => {
  const secret = generateSecret()
  const before = site({ secret })
  const now = site({ secret, schema: z.object({ a: z.number() }) })
  await before.visit((session) => Object.assign(session.data, { a: 1, b: 2 }))
  now.jar.set('__Host-session', before.jar.get('__Host-session') ?? '')
  const response = await now.respond((session) => expect(session.data).toEqual({ a: 1 }))
  expect(response.headers.getSetCookie()).toEqual([])
})

test('issues name the place, nested ones too', async () => {
  const secret = generateSecret()
  const before = site({ secret })
  const now = site({ secret, schema: v.object({ cart: v.array(v.object({ sku: v.string() })) }) })
  await before.visit((session) => Object.assign(session.data, { cart: [{ sku: 'a' }, { sku: 2 }] }))
  now.jar.set('__Host-session', before.jar.get('__Host-session') ?? '')
  await now.visit(() => {})
  expect(now.events).toMatchObject([
    { type: 'empty', issues: [expect.stringMatching(/^data\.cart\[1\]\.sku: /)] },
  ])
})

test('schema that throws is data that does not fit: migrate mends it, and nobody is locked out', async () => {
  const schema = z.object({ name: z.preprocess((name) => (name as string).trim(), z.string()) })
  const secret = generateSecret()
  const clock = fakeClock()
  const mended = site<{ name: string }>({ secret, clock, schema, migrate: () => ({ name: 'seven' }) })
  const unmended = site<{ name: string }>({ secret, clock, schema })
  const { cookie } = await createTestSession(site({ secret, clock }).manager, {
    userId: 'u1',
    data: { name: 7 },
  })
  const open = (manager: SessionManager<{ name: string }>) =>
    manager.open(new Request('https://example.test/', { headers: { cookie } }))

  expect((await open(mended.manager)).data).toEqual({ name: 'seven' })
  expect(mended.events).toMatchObject([
    { type: 'migrate', issues: [expect.stringMatching(/the schema threw/)] },
  ])
  expect((await open(unmended.manager)).userId).toBe('u1')
  expect(unmended.events).toMatchObject([{ type: 'empty' }])
})

test('data that the schema would leave out is refused at write by its path, not lost', async () => {
  const { visit } = site<AnyData>({ schema: z.object({ user: z.object({ id: z.number() }).optional() }) })
  await expect(visit((session) => Object.assign(session.data, { theme: 'dark' }))).rejects.toThrow(
    new TypeError('session.data.theme is not in its schema, which would leave it out.'),
  )
})

test('a renamed key reaches migrate where the schema is strict', async () => {
  const secret = generateSecret()
  const clock = fakeClock()
  const { cookie } = await createTestSession(site({ secret, clock }).manager, { data: { cart: ['apple'] } })
  const schema = z.strictObject({ items: z.array(z.string()).default([]) })
  const migrate = (old: unknown) => ({ items: (old as { cart: string[] }).cart })
  const session = await site({ secret, clock, schema, migrate }).manager.open(
    new Request('https://example.test/', { headers: { cookie } }),
  )
  expect(session.data).toEqual({ items: ['apple'] })
})

test('data that fits never goes through migrate, though it has a key of a newer deployment', async () => {
  const secret = generateSecret()
  const clock = fakeClock()
  const data = { cart: ['x'], theme: 'dark' }
  const { cookie } = await createTestSession(site({ secret, clock }).manager, { data })
  const schema = z.object({ cart: z.array(z.string()).default([]) })
  const older = site({ secret, clock, schema, migrate: () => ({ cart: [] }) })
  const session = await older.manager.open(new Request('https://example.test/', { headers: { cookie } }))
  expect(session.data).toEqual({ cart: ['x'] })
  expect(await older.manager.commit(session)).toEqual([])
})

test('transforms that give back what they were given are left alone', async () => {
  const schema = z.object({
    recent: z
      .array(z.string())
      .transform((all) => all.slice(-3))
      .default([]),
  })
  const { visit } = site({ schema })
  await visit((session) => {
    session.data.recent = ['a', 'b', 'c', 'd']
  })
  expect(await visit((session) => session.data)).toEqual({ recent: ['b', 'c', 'd'] })
})

describe('what is said of data that does not fit', () => {
  const standard = (issues: (data: AnyData) => { message: string }[]): StandardSchema<AnyData> => ({
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const found = issues(value as AnyData)
        return found.length > 0 ? { issues: found } : { value: value as AnyData }
      },
    },
  })
  const schema = standard(({ n, m }) => [
    ...(n === undefined ? [] : [{ message: 'no n' }]),
    ...(m === undefined ? [] : [{ message: 'no m' }]),
  ])

  test('at write: every issue, and of one without a path that it is of data', async () => {
    const { visit } = site<AnyData>({ schema })
    await expect(visit(({ data }) => Object.assign(data, { n: 1, m: 1 }))).rejects.toThrow(
      new TypeError('session.data does not fit its schema: data: no n; data: no m'),
    )
  })

  test.each<[what: string, migrate: () => unknown, second: string]>([
    ['gives what does not fit either', () => ({ m: 1 }), 'data: no m'],
    [
      'throws',
      () => {
        throw new RangeError('too old')
      },
      'data: migrate threw: RangeError: too old',
    ],
  ])('at open: of migrate too, which %s', async (_, migrate, second) => {
    const secret = generateSecret()
    const old = site<AnyData>({ secret })
    const now = site<AnyData>({ secret, schema, migrate })
    await old.visit(({ data }) => Object.assign(data, { n: 1 }))
    now.jar.set('__Host-session', old.jar.get('__Host-session') ?? '')
    expect(await now.visit(({ data }) => data)).toEqual({})
    expect(now.events).toMatchObject([{ type: 'empty', issues: ['data: no n', second] }])
  })
})
