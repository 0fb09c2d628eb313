import { expect, test } from 'vitest'
import { namesSet, site } from '../support/site.ts'

test('data starts as an empty object, one object for the whole request', async () => {
  const { visit } = site()
  await visit((session) => {
    expect(session.data).toEqual({})
    expect(session.data).toBe(session.data)
  })
})

test('data comes back as it went in, nested, unicode and awkward keys included', async () => {
  const { visit } = site()
  const data = {
    text: 'Grüße, 世界 \u{1f36a} \u0000 \u2028 \ud800',
    zero: 0,
    negative: -1.5e-7,
    large: Number.MAX_SAFE_INTEGER,
    nothing: null,
    yes: true,
    list: [1, [2, [3, {}]], []],
    'a key with spaces.and.dots': { constructor: 'not a class', toString: 'nor a method', '': 'empty' },
    2: 'b',
    1: 'a',
  }
  await visit((session) => Object.assign(session.data, data))
  expect(await visit((session) => session.data)).toEqual(data)
})

test('data that was only read is not written', async () => {
  const { visit, respond } = site()
  await visit((session) => {
    session.data.cart = { lines: [{ sku: 'a', n: 1 }] }
  })
  const response = await respond((session) => JSON.stringify(session.data))
  expect(response.headers.getSetCookie()).toEqual([])
})

test('a nested change is found', async () => {
  const { visit, respond } = site()
  await visit((session) => {
    session.data.cart = { lines: [{ sku: 'a', n: 1 }] }
  })
  const response = await respond((session) => {
    session.data.cart.lines[0].n++
  })
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect(await visit((session) => session.data.cart.lines[0].n)).toBe(2)
})

test('a change that is undone costs nothing', async () => {
  const { visit, respond } = site()
  await visit((session) => {
    session.data.a = 1
  })
  const response = await respond((session) => {
    session.data.b = 2
    delete session.data.b
  })
  expect(response.headers.getSetCookie()).toEqual([])
})

test('an own property that is undefined counts as deleted', async () => {
  const { visit } = site()
  await visit((session) => Object.assign(session.data, { a: 1, b: { c: 2 } }))
  await visit((session) => {
    session.data.a = undefined
    session.data.b.c = undefined
  })
  expect(await visit((session) => session.data)).toStrictEqual({ b: {} })
})

test('integer keys, which engines reorder, do not count as a change', async () => {
  const { visit, respond } = site()
  await visit((session) => {
    session.data.z = 1
    session.data['10'] = 1
    session.data['2'] = 1
  })
  expect((await respond((session) => void session.data)).headers.getSetCookie()).toEqual([])
})

test('data emptied stays emptied, and the session goes on', async () => {
  const { visit } = site()
  const first = await visit((session) => {
    session.data.a = 1
    return session.id
  })
  await visit((session) => {
    delete session.data.a
  })
  await visit((session) => {
    expect(session.data).toEqual({})
    expect(session.isNew).toBe(false)
    expect(session.id).toBe(first)
  })
})

test('data cannot be replaced as a whole, which would lose references to it', async () => {
  const { visit } = site()
  await visit((session) => {
    expect(() => {
      // @ts-expect-error data is read only; its properties are not.
      session.data = {}
    }).toThrow(TypeError)
  })
})

test('row 60: reading every property of an anonymous session creates nothing', async () => {
  const { respond, events } = site()
  const response = await respond((session) => {
    const { data, id, userId, isNew, createdAt, lastSeenAt, expiresAt, authTime, amr, acr } = session
    expect({ data, userId, isNew, authTime, amr, acr }).toEqual({
      data: {},
      userId: undefined,
      isNew: true,
      authTime: undefined,
      amr: [],
      acr: undefined,
    })
    expect(id).toMatch(/^[\w-]{22}$/)
    expect(createdAt).toBe(lastSeenAt)
    expect(expiresAt).toBeGreaterThan(createdAt)
    session.flash('nothing')
    session.isFresh(60)
    session.regenerate()
    JSON.stringify(session)
  })
  expect([...response.headers]).toEqual([...new Response('ok').headers])
  expect(events).toEqual([])
})

test('row 46: toJSON shows the public handle and nothing that opens a session, nor data', async () => {
  const { visit, jar } = site()
  await visit((session) => {
    session.signIn('u1', { amr: ['pwd'], acr: 'aal1' })
    session.data.secret = 'kept apart'
  })
  const json = await visit((session) => JSON.stringify({ session }))
  expect(JSON.parse(json).session).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    userId: 'u1',
    isNew: false,
    createdAt: Date.UTC(2026, 0, 1),
    lastSeenAt: Date.UTC(2026, 0, 1),
    expiresAt: Date.UTC(2026, 0, 1, 0, 30),
    authTime: Date.UTC(2026, 0, 1),
    amr: ['pwd'],
    acr: 'aal1',
  })
  expect(json).not.toContain('kept apart')
  expect(json).not.toContain(jar.get('__Host-session'))
})

test('row 94: a key named __proto__ is refused at write, however it got there', async () => {
  const { visit } = site()
  const own = JSON.parse('{ "__proto__": { "admin": true } }')
  await expect(visit((session) => Object.assign(session.data, { own }))).rejects.toMatchObject({
    code: 'ERR_SESSION_NOT_SERIALIZABLE',
    message: expect.stringContaining('session.data.own has a key named __proto__'),
  })
  await expect(
    visit((session) => {
      const key = '__proto__'
      session.data[key] = { admin: true }
    }),
  ).rejects.toMatchObject({ code: 'ERR_SESSION_NOT_SERIALIZABLE' })
  expect(({} as Record<string, unknown>).admin).toBeUndefined()
})

test('a property set on the session itself is refused, not lost', async () => {
  const { visit } = site()
  const setting = visit((session) => {
    Object.assign(session, { user: { id: 1 } })
  })
  await expect(setting).rejects.toThrow(TypeError)
})

test('data with a getter that throws does not hide the error of the handler', async () => {
  const { visit } = site()
  const failing = visit((session) => {
    Object.defineProperty(session.data, 'trap', {
      enumerable: true,
      get() {
        throw new Error('the getter')
      },
    })
    throw new Error('the handler')
  })
  await expect(failing).rejects.toThrow('the handler')
})

test('an object that inherits from one without a prototype is refused: what it inherits would be lost', async () => {
  const { visit } = site()
  const odd = Object.create(Object.assign(Object.create(null), { lost: 1 }))
  await expect(visit((session) => Object.assign(session.data, { odd }))).rejects.toThrow(
    /session\.data\.odd is a/,
  )
})
