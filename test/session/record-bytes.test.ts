import { describe, expect, test } from 'vitest'
import { generateSecret, type Session } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { encode, recordBytes, sealValue } from '../support/format.ts'
import { type AnyData, site } from '../support/site.ts'
import { application, requestWith } from '../support/visitor.ts'
import { openValue } from '../support/wafer1.ts'
import { watchedStore } from '../support/watched-store.ts'

const secret = generateSecret()
const cookieName = '__Host-session'
const HEAD = 38

/** What a manager makes of a cookie with this text under a right tag. */
async function opened(text: string) {
  const { manager, clock, reasons } = application({ secret })
  const at = clock()
  const value = await sealValue(recordBytes({ createdAt: at, authTime: at }, text), { secret, at })
  const session = await manager.open(requestWith(`${cookieName}=${value}`))
  return { session, reasons }
}

function withMore(more: unknown): string {
  return `["u1",null,null,null,null,${JSON.stringify(more)}]\n{}`
}

describe('what a session does not have takes no room in its cookie', () => {
  test.each<[text: string, page: (session: Session<AnyData>) => void]>([
    ['\n{"n":1}', ({ data }) => void Object.assign(data, { n: 1 })],
    ['["u1"]\n{}', (session) => session.signIn('u1')],
    ['["u1",["pwd"]]\n{}', (session) => session.signIn('u1', { amr: ['pwd'] })],
    ['["u1",null,"aal2"]\n{}', (session) => session.signIn('u1', { acr: 'aal2' })],
    ['["u1",null,null,1]\n{}', (session) => session.signIn('u1', { remember: true })],
    ['[null,null,null,null,{"a":1}]\n{}', (session) => session.flash('a', 1)],
  ])('%j', async (text, page) => {
    const { visit, jar } = site({ secret })
    await visit(page)
    const { record } = await openValue(jar.get(cookieName) as string, { secret: encode(secret), cookieName })
    expect(new TextDecoder().decode(record.subarray(HEAD))).toBe(text)
  })
})

describe('a record of the wrong shape is refused, though its tag is right', () => {
  test.each([
    ['a number', 7],
    ['a text', 'more'],
    ['a list', []],
    ['true', true],
    ['a binding that is no list', { b: { 0: 1, 1: {} } }],
    ['a binding that is null', { b: null }],
    ['a binding of a secret that is no number', { b: ['1', {}] }],
    ['a binding whose hashes are a list', { b: [1, []] }],
    ['a binding whose hashes are missing', { b: [1] }],
    ['a time of the marks that is a text', { c: '7' }],
    ['a device that is a number', { d: 7 }],
    ['a location that is a list', { l: [] }],
    ['a step-up that is a text', { s: '7' }],
    ['an OpenID subject alone', { o: ['sub'] }],
    ['an OpenID subject of numbers', { o: [1, 2] }],
    ['half a sign-in that is no list', { p: {} }],
    ['challenges that are a list', { q: [] }],
    ['a challenge that is an object', { q: { login: {} } }],
    ['a challenge that is null', { q: { login: null } }],
    ['a challenge that is a number', { q: { login: 7 } }],
    ['a challenge whose name is a number', { q: { login: ['v', 1, 7] } }],
    ['one challenge of two', { q: { login: ['v', 1], other: ['v'] } }],
  ])('position 5 of meta: %s', async (_, more) => {
    const { session, reasons } = await opened(withMore(more))
    expect(session.isNew).toBe(true)
    expect(reasons).toEqual(['undecodable'])
  })

  test.each([
    ['one method of two that is a number', '["u1",["pwd",1]]\n{}'],
    ['one line', '{"n":1}'],
    ['one line of one character', '1'],
    ['a line of one character above the data', '1\n{}'],
  ])('%s', async (_, text) => {
    const { session, reasons } = await opened(text)
    expect(session.isNew).toBe(true)
    expect(reasons).toEqual(['undecodable'])
  })

  test.each([
    ['nothing', null],
    ['an empty object', {}],
    [
      'all that there is',
      { c: 1, d: 'curl', l: 'Lisbon', o: ['https://op', 'sub'], q: { login: ['v', 1, 'n'] } },
    ],
    ['what a later version may add', { z: 1 }],
  ])('and of the right one it opens: %s', async (_, more) => {
    const { session, reasons } = await opened(withMore(more))
    expect([session.userId, reasons]).toEqual(['u1', []])
  })

  test('nor is it refused for methods that are an empty list', async () => {
    const { session } = await opened('["u1",[]]\n{}')
    expect([session.userId, session.amr]).toEqual(['u1', []])
  })
})

describe('what only some sessions have comes back, and stays through later writes', () => {
  const headers = { 'User-Agent': 'curl/8' }

  test('device, location and binding', async () => {
    const clock = fakeClock()
    const options = { binding: { userAgent: 'end' }, store: memoryStore({ clock }) } as const
    const { manager, jar, visit } = site<AnyData>(options, clock)
    const first = await manager.open(new Request('https://example.test/', { headers }), {
      location: 'Lisbon, PT',
    })
    first.signIn('u1')
    jar.store(await manager.respond(first, new Response()))
    for (const n of [1, 2]) {
      expect(await manager.users.list('u1')).toMatchObject([{ device: 'curl', location: 'Lisbon, PT' }])
      expect(await visit(({ data }) => Object.assign(data, { n }), { headers })).toEqual({ n })
    }
    expect(await visit(({ userId }) => userId, { headers: { 'User-Agent': 'Wget/1' } })).toBeUndefined()
  })

  test('when the revocation marks were read: not again before their time', async () => {
    const clock = fakeClock()
    const store = watchedStore(memoryStore({ clock }))
    const { visit } = site<AnyData>({ revocations: store, revocationMaxAge: 60 }, clock)
    await visit((session) => session.signIn('u1'))
    clock.advance(61)
    await visit(({ data }) => void Object.assign(data, { n: 1 }))
    store.calls()
    for (const n of [2, 3]) {
      clock.advance(20)
      await visit(({ data }) => void Object.assign(data, { n }))
    }
    expect(store.calls()).toEqual([])
    clock.advance(21)
    await visit(() => {})
    expect(store.calls()).not.toEqual([])
  })
})
