import { describe, expect, test } from 'vitest'
import { generateSecret, type SessionStore } from 'wafer-session'
import type { RevocationSource } from 'wafer-session/jwt'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { claimsOf, expectInvalid, type Tokens, tokens } from '../support/tokens.ts'
import { visitWith } from '../support/visitor.ts'
import { type WatchedStore, watchedStore } from '../support/watched-store.ts'

interface Place extends Tokens {
  readonly revocations: RevocationSource
  /** Of the sessions, or of their marks. */
  readonly store: WatchedStore
  check(token: string): Promise<unknown>
}

async function place(kind: Kind, given: FakeClock = fakeClock()): Promise<Place> {
  const store = watchedStore(memoryStore({ clock: given }))
  const made = await tokens({ clock: given, ...(kind === 'a store' ? { store } : { revocations: store }) })
  const revocations = kind === 'a store' ? made.manager : store
  return { ...made, store, revocations, check: (token) => made.verify(token, { revocations }) }
}

type Kind = 'a store' | 'marks'

describe.each<Kind>(['a store', 'marks'])('a token of a session with %s', (kind) => {
  test('is good as long as the session is', async () => {
    const { check, request, clock } = await place(kind)
    const { token } = await request('', (session) => session.signIn('u1'))
    expect(await check(token)).toMatchObject({ sub: 'u1' })
    clock.advance(299)
    expect(await check(token)).toMatchObject({ sub: 'u1' })
  })

  test('dies when the session signs out, at once', async () => {
    const { check, request, manager } = await place(kind)
    const { token, cookie } = await request('', (session) => session.signIn('u1'))
    const other = await request('', (session) => session.signIn('u1'))
    await visitWith(manager, cookie, (session) => session.signOut())
    await expectInvalid(check(token), /session was ended/)
    expect(await check(other.token)).toMatchObject({ sub: 'u1' })
  })

  test('dies with users.revoke, and no other one does', async () => {
    const { check, request, manager } = await place(kind)
    const { token } = await request('', (session) => session.signIn('u1'))
    const other = await request('', (session) => session.signIn('u1'))
    await manager.users.revoke(claimsOf(token).sid as string, 'u1')
    await expectInvalid(check(token), /session was ended/)
    expect(await check(other.token)).toMatchObject({ sub: 'u1' })
  })

  test('dies with users.revokeAll, on every device and for no other user', async () => {
    const { check, request, manager, clock } = await place(kind)
    const all = [
      await request('', (session) => session.signIn('u1')),
      await request('', (session) => session.signIn('u1')),
    ]
    const other = await request('', (session) => session.signIn('u2'))
    clock.advance(1)
    await manager.users.revokeAll('u1')
    for (const { token } of all) await expectInvalid(check(token), /session was ended/)
    expect(await check(other.token)).toMatchObject({ sub: 'u2' })
    const again = await request('', (session) => session.signIn('u1'))
    expect(await check(again.token)).toMatchObject({ sub: 'u1' })
  })

  test('dies when someone else signs in over the session', async () => {
    const { check, request } = await place(kind)
    const { token, cookie } = await request('', (session) => session.signIn('u1'))
    const next = await request(cookie, (session) => session.signIn('u2'))
    await expectInvalid(check(token), /session was ended/)
    expect(await check(next.token)).toMatchObject({ sub: 'u2' })
  })

  test('lives on when the session gets a new id, and dies with it then', async () => {
    const { check, request, manager } = await place(kind)
    const { token, cookie } = await request('', (session) => session.signIn('u1'))
    const moved = await request(cookie, (session) => session.regenerate())
    expect(claimsOf(moved.token).sid).not.toBe(claimsOf(token).sid)
    expect(await check(token)).toMatchObject({ sub: 'u1' })
    await visitWith(manager, moved.cookie, (session) => session.signOut())
    await expectInvalid(check(token), /session was ended/)
    await expectInvalid(check(moved.token), /session was ended/)
  })

  test('dies with the session at its OpenID provider', async () => {
    const { check, request, manager, clock } = await place(kind)
    const oidc = { iss: 'https://op.test', sub: 'alice', sid: 's1' }
    const { token } = await request('', (session) => session.signIn('u1', { oidc }))
    const other = await request('', (session) => session.signIn('u1', { oidc: { ...oidc, sid: 's2' } }))
    clock.advance(1)
    await manager.users.revokeFederated({ iss: oidc.iss, sid: 's1' })
    await expectInvalid(check(token), /session was ended/)
    expect(await check(other.token)).toMatchObject({ sub: 'u1' })
  })

  test('made just before the response of a sign-in that failed opens nothing where the store knows', async () => {
    const { check, issuer, manager } = await place(kind)
    let token = ''
    const failed = manager.handle(new Request('https://shop.test/'), async (session) => {
      session.signIn('u1')
      token = await issuer.issue(session, { audience: 'https://api.test' })
      throw new Error('later')
    })
    await expect(failed).rejects.toThrow('later')
    // With marks nothing on the server knows which sealed cookies were ever sent.
    if (kind === 'marks') expect(await check(token)).toMatchObject({ sub: 'u1' })
    else await expectInvalid(check(token), /session was ended/)
  })

  test('is not asked about when it is no good anyway', async () => {
    const { check, forge, token, store } = await place(kind)
    const issued = await token()
    store.calls()
    await expectInvalid(check(await forge({ claims: { aud: 'https://other.test' } })))
    expect(store.calls()).toEqual([])
    await check(issued)
    expect(store.calls().length).toBe(1)
  })
})

describe('a token of a session with marks', () => {
  test('names what it must, and neither the user nor a secret', async () => {
    const secret = generateSecret()
    const clock = fakeClock(Date.UTC(2026, 0, 1) + 123)
    const { request } = await tokens({ secret, clock, revocations: memoryStore({ clock }) })
    const { token } = await request('', (session) => session.signIn('ada@shop.test'))
    const { session_marks } = claimsOf(token)
    expect(session_marks).toEqual({ keys: [expect.any(String), expect.any(String)], auth_time_ms: clock() })
    for (const name of ['ada@shop.test', '__Host-session', secret]) {
      expect(JSON.stringify(session_marks)).not.toContain(name)
    }
    for (const key of (session_marks as { keys: string[] }).keys) expect(key).toMatch(/^[\w-]{22}$/)
  })

  test('is checked with one read, and by get where there is no getMany', async () => {
    const clock = fakeClock()
    const marks = watchedStore(memoryStore({ clock }))
    const { request, verify, manager } = await tokens({ clock, revocations: marks })
    const { token, cookie } = await request('', (session) => session.signIn('u1'))
    marks.calls()
    await verify(token, { revocations: marks })
    expect(marks.calls()).toEqual(['getMany'])
    const { getMany: _, ...single } = marks
    await verify(token, { revocations: single })
    expect(marks.calls()).toEqual(['get', 'get'])
    await visitWith(manager, cookie, (session) => session.signOut())
    await expectInvalid(verify(token, { revocations: single }), /session was ended/)
  })

  test('is told by the millisecond: a mark of the same second does not end what is later', async () => {
    const clock = fakeClock(Date.UTC(2026, 0, 1) + 100)
    const { check, request, manager } = await place('marks', clock)
    const { token: older } = await request('', (session) => session.signIn('u1'))
    clock.advance(0.2)
    await manager.users.revokeAll('u1')
    clock.advance(0.2)
    const { token: younger } = await request('', (session) => session.signIn('u1'))
    expect(claimsOf(older).auth_time).toBe(claimsOf(younger).auth_time)
    await expectInvalid(check(older), /session was ended/)
    expect(await check(younger)).toMatchObject({ sub: 'u1' })
  })

  test('dies when the user authenticates again: the one that follows says so', async () => {
    const { check, request, clock } = await place('marks')
    const { token, cookie } = await request('', (session) => session.signIn('u1'))
    clock.advance(1)
    const stronger = await request(cookie, (session) => session.reauthenticate({ acr: 'aal2' }))
    await expectInvalid(check(token), /session was ended/)
    expect(await check(stronger.token)).toMatchObject({ acr: 'aal2' })
  })

  test('is found under every secret, through a rotation', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const [old, young] = [generateSecret(), generateSecret()]
    const before = await tokens({ clock, revocations: store, secret: [old, young] })
    const { token, cookie } = await before.request('', (session) => session.signIn('u1'))
    const after = await tokens({ clock, revocations: store, secret: [young, old] })
    expect(await before.verify(token, { revocations: store })).toMatchObject({ sub: 'u1' })
    await visitWith(after.manager, cookie, (session) => session.signOut())
    await expectInvalid(before.verify(token, { revocations: store }), /session was ended/)
  })

  test('of another application may share the store', async () => {
    const clock = fakeClock()
    const revocations = memoryStore({ clock })
    const shop = await tokens({ clock, revocations })
    const admin = await tokens({ clock, revocations, cookie: { name: '__Host-admin' } })
    const [one, other] = [await shop.token(), await admin.token()]
    clock.advance(1)
    await admin.manager.users.revokeAll('u1')
    expect(await shop.verify(one, { revocations })).toMatchObject({ sub: 'u1' })
    await expectInvalid(admin.verify(other, { revocations }), /session was ended/)
  })

  test.each(['', 'x', '-1', '1e3', 'NaN', '9007199254740991', '\n'])(
    'is refused by a mark of %j',
    async (value) => {
      const { check, token, revocations, clock } = await place('marks')
      const issued = await token()
      const [key = ''] = (claimsOf(issued).session_marks as { keys: string[] }).keys
      await (revocations as SessionStore).create(key, value, { expiresAt: clock() + 1000 })
      await expectInvalid(check(issued), /session was ended/)
    },
  )
})

describe('verifyAccessToken with revocations', () => {
  test('refuses a token that names no marks: it never is fine what nobody can tell', async () => {
    const { token, verify, forge, clock } = await tokens()
    const revocations = memoryStore({ clock })
    await expectInvalid(verify(await token(), { revocations }), /names no marks/)
    const none = { keys: [], auth_time_ms: clock() }
    await expectInvalid(verify(await forge({ claims: { session_marks: none } }), { revocations }), /no marks/)
  })

  test('refuses a token that names no session, or one that is none', async () => {
    const { check, forge } = await place('a store')
    await expectInvalid(check(await forge()), /names no session/)
    await expectInvalid(check(await forge({ claims: { sid: 'x' } })), /session was ended/)
    await expectInvalid(check(await forge({ claims: { sid: 'A'.repeat(22) } })), /session was ended/)
  })

  test('refuses the session of another user', async () => {
    const { check, forge, request } = await place('a store')
    const { token } = await request('', (session) => session.signIn('u1'))
    const { sid } = claimsOf(token)
    expect(await check(await forge({ claims: { sid } }))).toMatchObject({ sub: 'u1' })
    await expectInvalid(check(await forge({ claims: { sid, sub: 'u2' } })), /session was ended/)
  })

  test('says to whoever gives the manager of sealed sessions that it cannot tell', async () => {
    const clock = fakeClock()
    const { token, verify, manager } = await tokens({ clock, revocations: memoryStore({ clock }) })
    await expect(verify(await token(), { revocations: manager })).rejects.toThrow(TypeError)
  })
})

describe('when nobody can tell, the answer is 503:', () => {
  const down = () => Promise.reject(new Error('down'))

  test.each([
    ['a store that fails', { getMany: down }],
    ['a store that gives fewer marks', { getMany: async () => [null] }],
    ['a store that gives nothing', { getMany: async () => undefined as never }],
    ['a store without getMany that fails', { getMany: undefined as never, get: down }],
  ])('%s', async (_, change) => {
    const { token, verify, revocations } = await place('marks')
    const broken = { ...(revocations as SessionStore), ...change }
    const refused = verify(await token(), { revocations: broken })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
  })

  test('a store that does not answer in time', async () => {
    const { token, verify, revocations } = await place('marks')
    const silent = { ...(revocations as SessionStore), getMany: () => new Promise<never>(() => {}) }
    const refused = verify(await token(), { revocations: silent, timeout: 1 })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
  })

  test('a store of sessions that fails', async () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    let get = memory.get
    const store: SessionStore = { ...memory, get: (key) => get(key), getMany: undefined as never }
    const { token, verify, manager } = await tokens({ clock, store })
    const issued = await token()
    expect(await verify(issued, { revocations: manager })).toMatchObject({ sub: 'u1' })
    get = down
    const refused = verify(issued, { revocations: manager })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
  })
})
