import { describe, expect, test } from 'vitest'
import { generateSecret, type Session, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import * as z from 'zod'
import { rival } from '../support/rival.ts'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

type Act = (session: Session<AnyData>) => unknown

const CHANGES: [what: string, act: Act][] = [
  ['data', ({ data }) => Object.assign(data, { n: 1 })],
  ['data by update', (session) => session.update((data) => Object.assign(data, { n: 1 }))],
  ['a flash value that is set', (session) => session.flash('new', 1)],
  ['a flash value that is consumed', (session) => session.flash('old')],
  ['a challenge that is put', (session) => session.challenge.put('new')],
  ['a challenge that is taken', (session) => session.challenge.take('old')],
  ['a new id', (session) => session.regenerate()],
  ['a new authentication', (session) => session.reauthenticate()],
  ['another user', (session) => session.signIn('u2')],
  ['half a sign-in', (session) => session.signIn('u2', { pending: true })],
]

/** A visitor who is signed in, for whom a flash value and a challenge wait. */
async function signedIn(change?: (store: SessionStore) => Partial<SessionStore>) {
  const made = storeSite<AnyData>({}, change)
  await made.visit((session) => {
    session.signIn('u1')
    session.data.kept = true
    session.flash('old', 1)
    session.challenge.put('old')
  })
  const open = () => made.manager.open(requestWith(made.jar.header()))
  made.store.calls()
  return { ...made, open }
}

const writes = (calls: readonly string[]) => calls.filter((method) => /create|update|delete/.test(method))

describe('session.commit()', () => {
  test.each(CHANGES)('writes %s, and the end of the request does not write it again', async (_, act) => {
    const { manager, store, open } = await signedIn()
    const session = await open()
    await act(session)
    store.calls()
    await session.commit()
    expect(writes(store.calls())).not.toEqual([])
    await session.commit()
    await manager.commit(session)
    expect(writes(store.calls())).toEqual([])
  })

  test.each(CHANGES)('after %s, each further change is one write', async (_, act) => {
    const { manager, store, open } = await signedIn()
    const session = await open()
    await act(session)
    await session.commit()
    store.calls()
    session.data.later = 1
    await session.commit()
    session.flash('later', 1)
    await session.commit()
    session.challenge.put('later')
    await session.commit()
    await manager.commit(session)
    expect(writes(store.calls())).toEqual(['update', 'update', 'update'])
  })
})

describe('a session that nobody changed', () => {
  test('is not written, nor is one in which something was changed and changed back', async () => {
    const { manager, store, open } = await signedIn()
    for (const act of [
      () => {},
      ({ data }) => Object.assign(data, { n: 1 }) && delete data.n,
      (session) => session.flash('none'),
    ] as Act[]) {
      const session = await open()
      act(session)
      expect(await manager.commit(session)).toEqual([])
    }
    expect(writes(store.calls())).toEqual([])
  })

  test('is written by a read where its secret is an older one, once', async () => {
    const [old, next] = [generateSecret(), generateSecret()]
    const clock = fakeClock()
    const before = site<AnyData>({ secret: old }, clock)
    await before.visit((session) => session.signIn('u1'))
    const { manager } = site<AnyData>({ secret: [next, old] }, clock)
    const session = await manager.open(requestWith(before.jar.header()))
    await session.commit()
    const lines = await manager.commit(session)
    expect(lines).toHaveLength(1)
    const alone = site<AnyData>({ secret: next }, clock)
    const header = (lines[0] as string).split(';', 1)[0] as string
    const opened = await alone.manager.open(requestWith(header))
    expect(opened.userId).toBe('u1')
    expect(await alone.manager.commit(opened)).toEqual([])
  })
})

describe('a request that failed, when activity is due', () => {
  const fail = { failed: true }

  test('records the activity and nothing of what the handler changed', async () => {
    const { manager, clock, store, open } = await signedIn()
    clock.advance(200)
    const session = await open()
    session.data.n = 1
    store.calls()
    await manager.respond(session, new Response(null, { status: 400 }), fail)
    expect(writes(store.calls())).toEqual(['update'])
    const next = await open()
    expect([next.lastSeenAt, next.data]).toEqual([clock(), { kept: true }])
  })

  test('writes nothing with a 5xx', async () => {
    const { manager, clock, store, open } = await signedIn()
    clock.advance(200)
    const session = await open()
    await manager.respond(session, new Response(null, { status: 500 }))
    expect(writes(store.calls())).toEqual([])
  })

  test('leaves what session.commit() has written as it is', async () => {
    const { manager, clock, store, open } = await signedIn()
    clock.advance(200)
    const session = await open()
    session.data.n = 1
    await session.commit()
    store.calls()
    await manager.respond(session, new Response(null, { status: 400 }), fail)
    expect(writes(store.calls())).toEqual([])
    expect((await open()).data).toEqual({ kept: true, n: 1 })
  })
})

describe('what a handler sees of its own sign-in', () => {
  test.each([
    [{}, 'u1', undefined],
    [{ pending: true }, undefined, 'u1'],
  ])('signIn with %j is there in the next request, without any data', async (options, user, pending) => {
    const { visit } = site<AnyData>()
    await visit((session) => session.signIn('u1', options))
    expect(await visit((session) => [session.userId, session.pending?.userId])).toEqual([user, pending])
  })

  test('of a challenge or a flash value from before nothing is left', async () => {
    const { manager, open } = await signedIn()
    const session = await open()
    session.signIn('u2')
    expect(session.flash('old')).toBeUndefined()
    expect(await session.challenge.take('old')).toBeUndefined()
    expect(session.data).toEqual({})
    await manager.commit(session)
  })
})

describe('data that migrate has mended', () => {
  const schema = z.object({ n: z.number(), m: z.number().optional() }).strict()
  const migrate = (old: unknown) => ({ n: (old as AnyData).count })

  async function mended() {
    const secret = generateSecret()
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const before = site<AnyData>({ secret, store }, clock)
    await before.visit(({ data }) => Object.assign(data, { count: 7 }))
    const { manager, events } = site<AnyData>({ secret, store, schema, migrate }, clock)
    return { manager, events, open: () => manager.open(requestWith(before.jar.header())) }
  }

  test('is written though the handler did not look at it', async () => {
    const { manager, events, open } = await mended()
    await manager.commit(await open())
    expect((await open()).data).toEqual({ n: 7 })
    expect(events.filter(({ type }) => type === 'migrate')).toHaveLength(1)
  })

  test('does not count as a change of this request: what another one has written stays', async () => {
    const { manager, open } = await mended()
    const [first, second] = [await open(), await open()]
    first.data.n = 20
    second.data.m = 1
    await manager.commit(first)
    await manager.commit(second)
    expect((await open()).data).toEqual({ n: 20, m: 1 })
  })
})

describe('data that cannot be kept', () => {
  const message = expect.objectContaining({ message: expect.stringMatching(/^session\.data\.d is a Date: /) })
  const spoil = (data: AnyData) => void Object.assign(data, { d: new Date(0) })

  test('is refused by update, by its path, where others may write the same record', async () => {
    const { open } = await signedIn()
    const session = await open()
    expect(() => session.update(spoil)).toThrow(message)
    const other = await open()
    spoil(other.data)
    expect(() => other.update(() => {})).toThrow(message)
  })

  test('is refused by its path when an update makes it of what another request wrote', async () => {
    const { manager, open } = await signedIn()
    const session = await open()
    session.data.n = 1
    session.update((data) => data.other && spoil(data))
    const other = await open()
    other.data.other = true
    await manager.commit(other)
    await expect(manager.commit(session)).rejects.toThrow(message)
  })

  test('and so when an update does that came while session.commit() was writing', async () => {
    const { before, change } = rival()
    const { manager, open } = await signedIn(change)
    const session = await open()
    session.data.n = 1
    before(async () => {
      session.update((data) => data.other && spoil(data))
      const other = await open()
      other.data.other = true
      await manager.commit(other)
    })
    await expect(session.commit()).rejects.toThrow(message)
  })
})
