import { describe, expect, test } from 'vitest'
import type { SessionManagerOptions, SessionStore } from 'wafer-session'
import { ask, tokenOf } from '../support/bearer.ts'
import { breakable } from '../support/broken-stores.ts'
import { type AnyData, namesSet } from '../support/site.ts'
import { base64url, fromBase64url, fromHex } from '../support/wafer1.ts'
import { partsOf } from '../support/wafer1-store.ts'
import { type StoreSite, storeSite } from '../support/watched-store.ts'

const START = Date.UTC(2026, 0, 1)
const keyOf = (cookie: string) => base64url(fromHex(partsOf(fromBase64url(cookie)).handle))

type Options = Omit<Partial<SessionManagerOptions<AnyData>>, 'store'>

/** A site on which `u1` is signed in, with some data. */
async function signedIn(
  options: Options = {},
  change?: (store: SessionStore) => Partial<SessionStore>,
): Promise<StoreSite<AnyData> & { value: string; id: string }> {
  const made = storeSite(options, change)
  const id = await made.visit((session) => {
    session.signIn('u1', { amr: ['pwd'], acr: 'aal1' })
    session.data.cart = ['a']
    return session.id
  })
  made.store.calls()
  made.events.length = 0
  return { ...made, id, value: made.jar.get('__Host-session') as string }
}

const MOVES: [name: string, move: Parameters<StoreSite<AnyData>['respond']>[0]][] = [
  ['regenerate', (session) => session.regenerate()],
  ['reauthenticate', (session) => session.reauthenticate({ amr: ['otp'], acr: 'aal2' })],
]

describe.each(MOVES)('%s()', (type, move) => {
  test('rows 11, 13: gives a new id and a new token in one cookie; the old one is refused at once', async () => {
    const { respond, visit, manager, jar, events, value, id } = await signedIn()
    const response = await respond(move)
    expect(namesSet(response)).toEqual(['__Host-session'])
    const moved = jar.get('__Host-session') as string
    expect(tokenOf(moved)).not.toBe(tokenOf(value))
    const now = await visit((session) => session.id)
    expect(now).toBe(keyOf(moved))
    expect(now).not.toBe(id)
    expect(partsOf(fromBase64url(moved)).handle.slice(0, 16)).toBe(
      partsOf(fromBase64url(value)).handle.slice(0, 16),
    )
    expect(events).toMatchObject([{ type, sessionId: now, previousId: id, userId: 'u1' }])
    expect((await ask(manager, value)).userId).toBeUndefined()
  })

  test('row 12: keeps the data, and leaves exactly one live record and one entry in the list', async () => {
    const { visit, manager, store } = await signedIn()
    await visit(move)
    expect(await visit((session) => [session.userId, session.data, session.createdAt])).toEqual([
      'u1',
      { cart: ['a'] },
      START,
    ])
    const listed = await manager.users.list('u1')
    expect(listed).toHaveLength(1)
    expect(listed[0]?.id).toBe(await visit((session) => session.id))
    // The old record is a tombstone now: shorter than any session, and listed nowhere.
    expect((await store.dump()).size).toBe(2)
  })

  test('creates the new record first and then buries the old one; the tombstone stays to the old absolute end', async () => {
    const { visit, store, id, clock } = await signedIn({ idleTimeout: 600, absoluteTimeout: 3600 })
    clock.advance(500)
    await visit(move)
    expect(store.calls()).toEqual(['get', 'create', 'update'])
    expect(store.places.get(id)).toMatchObject({ expiresAt: START + 3600_000, tags: [] })
  })

  test('changes that come with it, data and flash, are in the new record', async () => {
    const { visit } = await signedIn()
    await visit(async (session, request) => {
      session.data.before = 1
      await move(session, request)
      session.data.after = 2
      session.flash('notice', 'Moved.')
    })
    expect(await visit((session) => [session.data, session.flash('notice')])).toEqual([
      { cart: ['a'], before: 1, after: 2 },
      'Moved.',
    ])
  })

  test('and session.commit(), and again: two moves, one cookie, and only the last id opens', async () => {
    const { respond, visit, events, manager, value, store } = await signedIn()
    const ids: string[] = []
    const response = await respond(async (session, request) => {
      await move(session, request)
      await session.commit()
      ids.push(session.id)
      await move(session, request)
      ids.push(session.id)
    })
    expect(namesSet(response)).toEqual(['__Host-session'])
    expect(events.map((event) => [event.type, 'sessionId' in event && event.sessionId])).toEqual(
      ids.map((id) => [type, id]),
    )
    expect(await visit((session) => session.id)).toBe(ids[1])
    expect((await ask(manager, value)).userId).toBeUndefined()
    expect((await manager.users.list('u1')).map(({ id }) => id)).toEqual([ids[1]])
    expect((await store.dump()).size).toBe(3)
  })

  test('twice before a commit is one move', async () => {
    const { respond, store, events } = await signedIn()
    await respond(async (session, request) => {
      await move(session, request)
      await move(session, request)
    })
    expect(store.calls()).toEqual(['get', 'create', 'update'])
    expect(events).toHaveLength(1)
  })

  test('of a handler that fails is not made: the old cookie works', async () => {
    const { respond, manager, store, events, value } = await signedIn()
    const response = await respond(async (session, request) => {
      await move(session, request)
      return new Response('', { status: 500 })
    })
    expect(response.headers.getSetCookie()).toEqual([])
    expect(store.calls()).toEqual(['get'])
    expect(events).toMatchObject([{ type: 'discard', reason: 'failed-response' }])
    expect((await ask(manager, value)).userId).toBe('u1')
  })

  test('row 87: whose first write fails leaves id and record as they were', async () => {
    let broken = false
    const { respond, visit, store, value, id, jar } = await signedIn({}, (inner) => ({
      async create(...args) {
        if (broken) throw new Error('connection reset')
        return inner.create(...args)
      },
    }))
    const before = await store.dump()
    broken = true
    await expect(respond(move)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    expect(await store.dump()).toEqual(before)
    expect(jar.get('__Host-session')).toBe(value)
    expect(await visit((session) => [session.id, session.data])).toEqual([id, { cart: ['a'] }])
  })

  test('row 87: whose second write fails leaves the old id, and takes the new record away again', async () => {
    const fault = breakable()
    const { respond, visit, store, id, events, manager } = await signedIn({}, fault.change)
    const before = await store.dump()
    fault.isBroken = true
    await expect(respond(move)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    expect(await store.dump()).toEqual(before)
    expect(events.map((event) => event.type)).toEqual(['store-error'])
    expect((await manager.users.list('u1')).map((one) => one.id)).toEqual([id])
    fault.isBroken = false
    expect(await visit((session) => session.id)).toBe(id)
  })

  test('keeps a session remembered', async () => {
    const made = storeSite({ remember: { idleTimeout: 7200, absoluteTimeout: 604_800 } })
    await made.visit((session) => session.signIn('u1', { remember: true }))
    const [line] = (await made.respond(move)).headers.getSetCookie()
    expect(line).toContain('; Max-Age=604800')
  })

  test('where a touch is due is not written twice', async () => {
    const { visit, store, clock } = await signedIn()
    clock.advance(1000)
    await visit(move)
    expect(store.calls()).toEqual(['get', 'create', 'update'])
    expect(await visit((session) => session.lastSeenAt)).toBe(START + 1000_000)
  })

  test('starts the count to the next renewal anew, also of a token that had an offer', async () => {
    const { manager, value, clock } = await signedIn()
    clock.advance(1000)
    const next = (await ask(manager, value)).cookie as string
    const moved = (await ask(manager, value, move)).cookie as string
    clock.advance(899)
    expect(await ask(manager, moved)).toMatchObject({ userId: 'u1', cookie: null })
    clock.advance(1)
    expect((await ask(manager, moved)).cookie).not.toBeNull()
    expect((await ask(manager, next)).userId).toBeUndefined()
  })

  test('by the previous token within the grace is one, too, and the confirmed token is over', async () => {
    const { manager, value, clock } = await signedIn()
    clock.advance(1000)
    const next = (await ask(manager, value)).cookie as string
    await ask(manager, next)
    const moved = (await ask(manager, value, move)).cookie as string
    expect((await ask(manager, moved)).userId).toBe('u1')
    expect((await ask(manager, next)).userId).toBeUndefined()
  })
})

test('row 29: regenerate moves neither timer; reauthenticate resets both', async () => {
  const { visit, store, clock } = await signedIn({
    idleTimeout: 1800,
    absoluteTimeout: 3600,
    renewalTimeout: 0,
  })
  clock.advance(170)
  await visit((session) => session.regenerate())
  expect(await visit((session) => [session.expiresAt, session.authTime])).toEqual([START + 1800_000, START])
  expect([...store.places.values()].at(-1)?.expiresAt).toBe(START + 1800_000)
  clock.advance(100)
  await visit((session) => session.reauthenticate({ amr: ['otp', 'pwd'], acr: 'aal2' }))
  await visit((session) => {
    expect([session.expiresAt, session.authTime]).toEqual([START + 2070_000, START + 270_000])
    expect([session.amr, session.acr, session.createdAt]).toEqual([['pwd', 'otp'], 'aal2', START])
  })
})

test('row 29: regenerating on every request does not outlive the absolute timeout', async () => {
  const { visit, clock } = storeSite({ idleTimeout: 600, absoluteTimeout: 3600 })
  await visit((session) => session.signIn('u1'))
  for (let minute = 1; minute < 60; minute++) {
    clock.advance(60)
    expect(
      await visit((session) => {
        session.regenerate()
        return session.userId
      }),
    ).toBe('u1')
  }
  clock.advance(60)
  expect(await visit((session) => session.userId)).toBeUndefined()
})

test('regenerate works for an anonymous session with data, and creates none without', async () => {
  const { visit, respond, store } = storeSite()
  expect((await respond((session) => session.regenerate())).headers.getSetCookie()).toEqual([])
  expect(store.calls()).toEqual([])
  const before = await visit((session) => {
    session.data.a = 1
    return session.id
  })
  await visit((session) => session.regenerate())
  expect(await visit((session) => [session.id === before, session.data])).toEqual([false, { a: 1 }])
})

describe('signIn()', () => {
  test('rows 11, 14: over a session gives an id of which no half is the old one; the old cookie is over at once', async () => {
    const { visit, manager, store, events, value, id } = await signedIn()
    const next = await visit((session) => {
      session.signIn('u2')
      return session.id
    })
    expect(store.calls()).toEqual(['get', 'create', 'update'])
    const [before, after] = [id, next].map(fromBase64url)
    expect([...(after ?? [])].filter((byte, i) => byte === before?.[i]).length).toBeLessThan(8)
    expect(after?.slice(0, 8)).not.toEqual(before?.slice(0, 8))
    expect(events).toMatchObject([
      { type: 'end', reason: 'sign-in', sessionId: id, userId: 'u1' },
      { type: 'create', sessionId: next, userId: 'u2' },
    ])
    expect((await ask(manager, value)).userId).toBeUndefined()
    expect(await manager.users.list('u1')).toEqual([])
    expect((await manager.users.list('u2')).map((one) => one.id)).toEqual([next])
    expect(await visit((session) => [session.userId, session.data])).toEqual(['u2', {}])
  })

  test('row 11: of the same user ends the session before, and begins with no data', async () => {
    const { visit, manager, value } = await signedIn()
    await visit((session) => session.signIn('u1'))
    expect((await ask(manager, value)).userId).toBeUndefined()
    expect(await visit((session) => [session.userId, session.data])).toEqual(['u1', {}])
    expect(await manager.users.list('u1')).toHaveLength(1)
  })

  test('row 14: carries over what keep names, from an anonymous session and from another user’s', async () => {
    for (const user of [undefined, 'u1']) {
      const { visit, jar, manager } = storeSite()
      await visit((session) => {
        if (user !== undefined) session.signIn(user)
        Object.assign(session.data, { cart: ['a'], isAdmin: true })
        session.flash('secret', 'of before')
      })
      const value = jar.get('__Host-session') as string
      await visit((session) => session.signIn('u2', { keep: ['cart'] }))
      expect(await visit((session) => [session.userId, session.data, session.flash('secret')])).toEqual([
        'u2',
        { cart: ['a'] },
        undefined,
      ])
      expect(await readAnonymously(manager, value)).toEqual({})
    }
  })

  test('row 87: whose first write fails leaves the session before as it was', async () => {
    let broken = false
    const { visit, store, manager, value } = await signedIn({}, (inner) => ({
      async create(...args) {
        if (broken) throw new Error('connection reset')
        return inner.create(...args)
      },
    }))
    const before = await store.dump()
    broken = true
    await expect(visit((session) => session.signIn('u2'))).rejects.toMatchObject({
      code: 'ERR_SESSION_STORE',
    })
    expect(await store.dump()).toEqual(before)
    expect((await ask(manager, value)).userId).toBe('u1')
  })

  test('row 87: whose second write fails leaves the session before, and nothing of the new one', async () => {
    const fault = breakable()
    const { visit, store, manager, value, jar } = await signedIn({}, fault.change)
    const before = await store.dump()
    fault.isBroken = true
    await expect(visit((session) => session.signIn('u2'))).rejects.toMatchObject({
      code: 'ERR_SESSION_STORE',
    })
    expect(await store.dump()).toEqual(before)
    expect(await manager.users.list('u2')).toEqual([])
    expect(jar.get('__Host-session')).toBe(value)
  })

  test('of a handler that fails makes nothing, and ends nothing', async () => {
    const { respond, manager, store, value } = await signedIn()
    const response = await respond((session) => {
      session.signIn('u2')
      return new Response('', { status: 500 })
    })
    expect(response.headers.getSetCookie()).toEqual([])
    expect(store.calls()).toEqual(['get'])
    expect((await ask(manager, value)).userId).toBe('u1')
  })

  test('after commit() of anonymous data replaces that session, too', async () => {
    const { visit, respond, store, manager, events } = storeSite()
    const response = await respond(async (session) => {
      session.data.a = 1
      await session.commit()
      session.signIn('u1', { keep: ['a'] })
    })
    expect(namesSet(response)).toEqual(['__Host-session'])
    expect(store.calls()).toEqual(['create', 'create', 'update'])
    expect(events.map(({ type }) => type)).toEqual(['create', 'end', 'create'])
    expect(await visit((session) => [session.userId, session.data])).toEqual(['u1', { a: 1 }])
    expect(await manager.users.list('u1')).toHaveLength(1)
  })

  test('then signOut in one request leaves nothing: neither the session before nor a new one', async () => {
    for (const commit of [false, true]) {
      const { visit, store, manager, value, jar } = await signedIn()
      await visit(async (session) => {
        session.signIn('u2')
        if (commit) await session.commit()
        session.signOut()
      })
      expect(jar.header()).toBe('')
      expect((await ask(manager, value)).userId).toBeUndefined()
      expect(await manager.users.list('u1')).toEqual([])
      expect(await manager.users.list('u2')).toEqual([])
      expect((await store.dump()).size).toBe(commit ? 1 : 0)
    }
  })

  test('by a request that brings a dead cookie past the grace begins a session of its own', async () => {
    const { visit, manager, value, clock } = await signedIn()
    await visit((session) => session.signOut())
    clock.advance(100)
    const { cookie } = await ask(manager, value, (session) => session.signIn('u1'))
    expect((await ask(manager, cookie as string)).userId).toBe('u1')
  })
})

async function readAnonymously(manager: StoreSite<AnyData>['manager'], value: string): Promise<AnyData> {
  let data: AnyData = {}
  await ask(manager, value, (session) => {
    expect(session.userId).toBeUndefined()
    data = { ...session.data }
  })
  return data
}
