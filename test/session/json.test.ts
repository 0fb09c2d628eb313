import { expect, test } from 'vitest'
import { site } from '../support/site.ts'

class Money {
  amount = 1
}
const cycle: Record<string, unknown> = {}
cycle.self = cycle

const refused: readonly [what: string, data: object, sentence: string][] = [
  ['a Date', { user: { born: new Date(0) } }, 'session.data.user.born is a Date'],
  ['a Map', { m: new Map() }, 'session.data.m is a Map'],
  ['a Set', { s: new Set() }, 'session.data.s is a Set'],
  ['bytes', { key: new Uint8Array(4) }, 'session.data.key is a Uint8Array'],
  ['a class instance', { price: new Money() }, 'session.data.price is a Money'],
  ['an instance without a class name', { x: new (class {})() }, 'session.data.x is a '],
  ['a function', { f: () => 1 }, 'session.data.f is a function'],
  ['a bigint', { n: 1n }, 'session.data.n is a bigint'],
  ['a symbol', { s: Symbol('s') }, 'session.data.s is a symbol'],
  ['a symbol as a key', { o: { [Symbol('k')]: 1 } }, 'session.data.o has a symbol as a key'],
  ['NaN', { n: Number.NaN }, 'session.data.n is NaN'],
  ['Infinity', { list: [0, Number.POSITIVE_INFINITY] }, 'session.data.list[1] is Infinity'],
  ['undefined in an array', { list: [undefined] }, 'session.data.list[0] is undefined'],
  ['a hole in an array', { list: new Array(2) }, 'session.data.list has holes'],
  ['a promise', { p: Promise.resolve() }, 'session.data.p is a Promise'],
  ['a cycle', { a: cycle }, 'session.data.a.self contains itself'],
  ['an error', { e: new Error('no') }, 'session.data.e is a Error'],
  ['a key that is no identifier', { 'a b': { 'c"d': 1n } }, 'session.data["a b"]["c\\"d"] is a bigint'],
]

test.each(refused)('a value that JSON cannot hold is refused by its path: %s', async (_, data, sentence) => {
  const { visit, jar } = site()
  await expect(visit((session) => void Object.assign(session.data, data))).rejects.toMatchObject({
    name: 'SessionError',
    code: 'ERR_SESSION_NOT_SERIALIZABLE',
    status: 500,
    message: expect.stringContaining(sentence),
  })
  expect(jar.header()).toBe('')
})

test.each(refused)(
  'session.commit() refuses it as well, and the handler may mend it: %s',
  async (_, data) => {
    const { visit } = site()
    await visit(async (session) => {
      session.data.good = 1
      Object.assign(session.data, data)
      await expect(session.commit()).rejects.toMatchObject({ code: 'ERR_SESSION_NOT_SERIALIZABLE' })
      for (const key of Object.keys(data)) delete session.data[key]
    })
    expect(await visit((session) => session.data)).toEqual({ good: 1 })
  },
)

test.each(refused)('signOut() holds all the same: %s', async (_, data) => {
  const { visit, jar } = site()
  await visit((session) => session.signIn('u1'))
  await visit((session) => {
    Object.assign(session.data, data)
    session.signOut()
  })
  expect(jar.header()).toBe('')
})

test('a value that is refused is not frozen: it belongs to the application', async () => {
  const { visit } = site()
  const client = { pool: { size: 1 }, close() {} }
  const entity = Object.assign(new Money(), { relations: { client } })
  await expect(visit((session) => void Object.assign(session.data, { entity }))).rejects.toThrow('is a Money')
  client.pool.size = 2
  entity.amount = 3
  expect([client.pool.size, entity.amount]).toEqual([2, 3])
})

test('after a refusal session.data can still be read, nested too, as an error page does', async () => {
  const { manager } = site()
  const session = await manager.open(new Request('https://example.test/'))
  Object.assign(session.data, { user: { name: 'Ada' }, list: [{ n: 1 }], f: () => 1 })
  await expect(manager.commit(session)).rejects.toMatchObject({ code: 'ERR_SESSION_NOT_SERIALIZABLE' })
  expect(session.data.user.name).toBe('Ada')
  expect(session.data.list[0].n).toBe(1)
  expect(() => {
    session.data.user.name = 'Eve'
  }).toThrow()
  expect(session.data.user.name).toBe('Ada')
})

test('the same object in two places is no cycle', async () => {
  const { visit } = site()
  const address = { city: 'Zürich' }
  await visit((session) => void Object.assign(session.data, { home: address, work: address }))
  expect(await visit((session) => session.data)).toEqual({ home: address, work: address })
})

test('objects without a prototype are plain', async () => {
  const { visit } = site()
  await visit((session) => {
    session.data.map = Object.assign(Object.create(null), { a: 1 })
  })
  expect(await visit((session) => session.data.map)).toEqual({ a: 1 })
})

test('an array with a hole and a named property is refused, though their number agrees', async () => {
  const { visit } = site()
  const list: unknown[] & { name?: string } = [1, 2, 3]
  delete list[1]
  list.name = 'lost'
  await expect(visit((session) => Object.assign(session.data, { list }))).rejects.toThrow(
    'session.data.list has holes or named properties',
  )
})

test('data nested deeper than 500 is refused by name, and signOut() still ends the session', async () => {
  const { visit, jar } = site()
  const deep = () => {
    let value: unknown = 'bottom'
    for (let depth = 0; depth < 50_000; depth++) value = [value]
    return value
  }
  await expect(visit((session) => Object.assign(session.data, { deep: deep() }))).rejects.toThrow(
    /^session\.data\.deep\[0\].* is nested more than 500 deep/,
  )
  await visit((session) => session.signIn('u1'))
  await visit((session) => {
    session.data.deep = deep()
    session.signOut()
  })
  expect(jar.header()).toBe('')
})

test('plain objects of another realm are plain', async () => {
  const { visit } = site()
  const foreignPrototype = Object.create(null, { isPrototypeOf: { value: () => false } })
  await visit((session) => {
    session.data.user = Object.assign(Object.create(foreignPrototype), { id: 1 })
  })
  expect(await visit((session) => session.data)).toEqual({ user: { id: 1 } })
})

/** So many lists, each in the one before. */
function nested(depth: number): unknown {
  let value: unknown = 'bottom'
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

test('data may be nested 500 deep, and no deeper', async () => {
  const { visit } = site()
  const keep = (depth: number) => visit(({ data }) => void Object.assign(data, { deep: nested(depth) }))
  await keep(500)
  await expect(keep(501)).rejects.toThrow('is nested more than 500 deep')
})

test.each<[what: string, data: object, sentence: string]>([
  ['a class without a name', { x: new (class {})() }, 'session.data.x is a class instance: '],
  [
    'a hole in the middle',
    { list: Object.assign([1], { 2: 3 }) },
    'session.data.list has holes or named properties: ',
  ],
  ['a tenth place', { list: [...'0123456789', 1n] }, 'session.data.list[10] is a bigint: '],
  ['a name that ends with a digit', { a1: 1n }, 'session.data.a1 is a bigint: '],
  ['a name that begins with a digit', { '1a': 1n }, 'session.data["1a"] is a bigint: '],
])('what is refused is named: %s', async (_, data, sentence) => {
  const { visit } = site()
  await expect(visit((session) => Object.assign(session.data, data))).rejects.toMatchObject({
    message: `${sentence}a session holds only what JSON can hold.`,
  })
})

test('data that the application has frozen, in a circle, does not stop signOut()', async () => {
  const { visit, jar } = site()
  await visit((session) => session.signIn('u1'))
  const circle: Record<string, unknown> = {}
  circle.self = circle
  Object.freeze(circle)
  await visit((session) => {
    session.data.circle = circle
    session.signOut()
  })
  expect(jar.header()).toBe('')
})
