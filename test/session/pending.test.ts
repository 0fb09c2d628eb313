import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type Session, type SessionManagerOptions } from 'wafer-session'
import { endSessionUrl } from 'wafer-session/oidc'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { everyOrder } from '../support/every-order.ts'
import { keptIn, MODES, type Mode, SERVER_MODES, siteOf } from '../support/modes.ts'
import type { AnyData } from '../support/site.ts'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'

const START = Date.UTC(2026, 0, 1)
const oidc = { iss: 'https://op.test', sub: 'alice-there', sid: 'sid-1' }
const ENDED = { code: 'ERR_SESSION_ENDED', status: 409 }

const half = (session: Session<AnyData>) => session.signIn('alice', { amr: ['pwd'], pending: true })
const complete = (session: Session<AnyData>) => session.reauthenticate({ amr: ['otp'], acr: 'aal2' })

/** Managers that share all but what a test gives them, the clock, and the cookie after half a sign-in. */
async function halfSignedIn(mode: Mode, options: Partial<SessionManagerOptions<AnyData>> = {}) {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const secret = generateSecret()
  const manager = createSessionManager({ secret, clock, ...keptIn(mode, store), ...options })
  return { manager, clock, cookie: await visitWith(manager, '', half) }
}

describe.each(MODES)('signIn with pending, %s', (mode) => {
  test('leaves the visitor anonymous, and says who is on the way', async () => {
    const { visit } = siteOf(mode)
    await visit(half)
    await visit((session) => {
      const { userId, authTime, amr, acr, oidc: subject } = session
      expect([userId, authTime, amr, acr, subject]).toEqual([undefined, undefined, [], undefined, undefined])
      expect([session.isNew, session.isFresh(300), session.toJSON().userId]).toEqual([
        false,
        false,
        undefined,
      ])
      expect(session.pending).toEqual({
        userId: 'alice',
        reason: 'second-factor',
        authTime: START,
        amr: ['pwd'],
      })
    })
  })

  test('tells of nobody: its events name no user', async () => {
    const { visit, events } = siteOf(mode)
    await visit(half)
    expect(events).toMatchObject([{ type: 'create', userId: undefined }])
  })

  test('row 31: ends after 10 minutes, whatever activity and policy', async () => {
    const day = { idleTimeout: 86_400, absoluteTimeout: 864_000 }
    const { visit, clock } = siteOf(mode, { ...day, remember: day })
    await visit((session) => session.signIn('alice', { pending: true, remember: true }))
    for (let seconds = 60; seconds < 600; seconds += 60) {
      clock.set(START + seconds * 1000)
      await visit((session) => {
        session.data.n = seconds
        expect(session.expiresAt).toBe(START + 600_000)
      })
    }
    clock.set(START + 599_000)
    expect(await visit((session) => session.pending?.userId)).toBe('alice')
    clock.set(START + 600_000)
    await visit((session) => expect([session.pending, session.isNew]).toEqual([undefined, true]))
  })

  test('keeps to a shorter policy', async () => {
    const { visit, clock } = siteOf(mode, { idleTimeout: 100, absoluteTimeout: 300 })
    await visit(half)
    clock.advance(99)
    await visit((session) => {
      session.data.n = 1
    })
    clock.advance(100)
    expect(await visit((session) => session.pending)).toBeUndefined()
  })

  test('sends no persistent cookie before it is whole', async () => {
    const { respond } = siteOf(mode, { remember: { idleTimeout: 7200, absoluteTimeout: 604_800 } })
    const first = await respond((session) => session.signIn('alice', { pending: true, remember: true }))
    expect(first.headers.getSetCookie()[0]).not.toContain('Max-Age')
    const second = await respond(complete)
    expect(second.headers.getSetCookie()[0]).toContain('; Max-Age=604800')
  })

  test('row 11: reauthenticate makes it whole: a new session, both halves of its id new', async () => {
    const { visit, jar, events, clock } = siteOf(mode)
    const before = await visit((session) => {
      half(session)
      return session.id
    })
    const value = jar.get('__Host-session')
    clock.advance(60)
    const after = await visit((session) => {
      complete(session)
      return session.id
    })
    expect([after.slice(0, 10) === before.slice(0, 10), after.slice(-10) === before.slice(-10)]).toEqual([
      false,
      false,
    ])
    expect(jar.get('__Host-session')).not.toBe(value)
    expect(events.slice(-2)).toMatchObject([
      { type: 'end', reason: 'sign-in', sessionId: before, userId: undefined },
      { type: 'create', sessionId: after, userId: 'alice' },
    ])
    await visit((session) => {
      expect([session.id, session.userId, session.pending]).toEqual([after, 'alice', undefined])
      expect([session.amr, session.acr, session.authTime]).toEqual([['pwd', 'otp'], 'aal2', START + 60_000])
      expect([session.createdAt, session.expiresAt]).toEqual([START + 60_000, START + 60_000 + 1_800_000])
    })
  })

  test('its data and flash go on in the whole session, its challenges do not', async () => {
    const { visit } = siteOf(mode)
    await visit((session) => {
      session.data.cart = ['a1']
    })
    await visit((session) => {
      session.signIn('alice', { pending: true, keep: ['cart'] })
      session.data.next = '/account'
      session.flash('notice', 'One more step.')
    })
    await visit((session) => session.challenge.put('webauthn'))
    await visit(complete)
    await visit(async (session) => {
      expect(session.data).toEqual({ cart: ['a1'], next: '/account' })
      expect(session.flash('notice')).toBe('One more step.')
      expect(await session.challenge.take('webauthn')).toBeUndefined()
    })
  })

  test('remember and oidc are those of the first half', async () => {
    const { visit } = siteOf(mode, { remember: { idleTimeout: 7200, absoluteTimeout: 604_800 } })
    await visit((session) => session.signIn('alice', { pending: true, remember: true, oidc }))
    await visit(complete)
    await visit((session) => {
      expect(session.oidc).toEqual(oidc)
      expect(session.expiresAt).toBe(START + 7_200_000)
    })
  })

  test('row 30: nothing but an authentication makes it whole', async () => {
    const { visit } = siteOf(mode)
    await visit(half)
    await visit((session) => session.regenerate())
    await visit((session) => {
      session.update((data) => Object.assign(data, { userId: 'alice', acr: 'aal2' }))
      for (const name of ['userId', 'acr', 'authTime', 'amr']) {
        expect(() => Object.assign(session, { [name]: 'x' })).toThrow(TypeError)
      }
    })
    await visit((session) => {
      expect([session.userId, session.acr, session.pending?.userId]).toEqual([undefined, undefined, 'alice'])
    })
  })

  test('row 30: the level of the first half stays when the second names none', async () => {
    const { visit } = siteOf(mode)
    await visit((session) => session.signIn('alice', { amr: ['pwd'], acr: 'aal1', pending: true }))
    await visit((session) => session.reauthenticate({ amr: ['otp'] }))
    expect(await visit(({ amr, acr }) => [amr, acr])).toEqual([['pwd', 'otp'], 'aal1'])
  })

  test('what a handler does to a list or names it was shown changes nobody', async () => {
    const { visit } = siteOf(mode)
    await visit((session) => session.signIn('alice', { amr: ['pwd'], pending: true, oidc }))
    await visit((session) => {
      Object.assign(session.pending ?? {}, { userId: 'mallory' })
      Object.assign(session.pending?.amr ?? [], ['none'])
      complete(session)
      expect(() => Object.assign(session.oidc ?? {}, { sub: 'mallory' })).toThrow(TypeError)
    })
    expect(await visit((session) => [session.userId, session.amr, session.oidc])).toEqual([
      'alice',
      ['pwd', 'otp'],
      oidc,
    ])
  })

  test('may begin and become whole in one request', async () => {
    const { visit } = siteOf(mode)
    await visit((session) => {
      half(session)
      complete(session)
    })
    expect(await visit((session) => [session.userId, session.acr])).toEqual(['alice', 'aal2'])
  })

  test('a sign-in of another user takes its place, and has nothing of it', async () => {
    const { visit } = siteOf(mode)
    await visit((session) => {
      session.signIn('alice', { amr: ['pwd'], pending: true, oidc })
      session.data.secret = 1
    })
    await visit((session) => session.signIn('bob'))
    await visit((session) => {
      expect([session.userId, session.amr, session.oidc]).toEqual(['bob', [], undefined])
      expect([session.data, session.pending]).toEqual([{}, undefined])
    })
  })

  test('a 5xx, or a throw, makes nobody whole', async () => {
    const { visit, respond } = siteOf(mode)
    await visit(half)
    await respond((session) => {
      complete(session)
      return new Response('', { status: 500 })
    })
    await visit((session) => expect([session.userId, session.pending?.userId]).toEqual([undefined, 'alice']))
  })

  test('signOut ends it', async () => {
    const { visit, jar } = siteOf(mode)
    await visit(half)
    await visit((session) => {
      session.signOut()
      expect(session.pending).toBeUndefined()
      expect(() => complete(session)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
    })
    expect(jar.get('__Host-session')).toBeUndefined()
  })

  test('a cross-site form may begin it, as it may begin a whole one', async () => {
    const { visit } = siteOf(mode)
    await visit(half, { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } })
    expect(await visit((session) => session.pending?.userId)).toBe('alice')
  })
})

describe.each(SERVER_MODES)('half a sign-in that is over, %s', (mode) => {
  test.each([
    ['users.revokeAll', { revoke: 'all' }],
    ['users.revokeFederated by sid', { revoke: { iss: oidc.iss, sid: oidc.sid } }],
    ['users.revokeFederated by sub', { revoke: { iss: oidc.iss, sub: oidc.sub } }],
  ] as const)('%s ends it: nobody is signed in by its second factor', async (_, { revoke }) => {
    const options = mode === 'store' ? {} : { revocationMaxAge: 3600 }
    const { manager, clock } = await halfSignedIn(mode, options)
    const cookie = await visitWith(manager, '', (session) => {
      session.signIn('alice', { amr: ['pwd'], pending: true, oidc })
    })
    clock.advance(1)
    await (revoke === 'all' ? manager.users.revokeAll('alice') : manager.users.revokeFederated(revoke))
    const after = await visitWith(manager, cookie, (session) => session.pending && complete(session)).catch(
      (error) => expect(error).toMatchObject(ENDED),
    )
    expect(await whoseIs(manager, typeof after === 'string' ? after : cookie)).not.toBe('alice')
  })

  test('of another user, session or provider nothing is ended', async () => {
    const { manager, cookie } = await halfSignedIn(mode)
    await manager.users.revokeAll('bob')
    await manager.users.revokeFederated({ iss: oidc.iss, sid: oidc.sid })
    expect(await whoseIs(manager, await visitWith(manager, cookie, complete))).toBe('alice')
  })

  test('revoked while the second factor is checked, it signs nobody in', async () => {
    const { manager, cookie } = await halfSignedIn(mode)
    const late = visitWith(manager, cookie, async (session) => {
      complete(session)
      await manager.users.revokeAll('alice')
    })
    await expect(late).rejects.toMatchObject(ENDED)
    expect(await whoseIs(manager, cookie)).not.toBe('alice')
  })

  test('a copy of its cookie makes no second session whole', async () => {
    const { manager, cookie, clock } = await halfSignedIn(mode)
    expect(await whoseIs(manager, await visitWith(manager, cookie, complete))).toBe('alice')
    clock.advance(1)
    await expect(visitWith(manager, cookie, complete)).rejects.toThrow() // Ended, or nobody half signed in.
    clock.advance(200)
    await expect(visitWith(manager, cookie, complete)).rejects.toThrow()
  })

  test('of two requests that make it whole at the same time one does', async () => {
    const secret = generateSecret()
    const orders = await everyOrder(async ({ gates, run }) => {
      const clock = fakeClock()
      const managers = gates(memoryStore({ clock })).map((store) =>
        createSessionManager({ secret, clock, ...keptIn(mode, store) }),
      )
      const [a, b] = managers as [(typeof managers)[0], (typeof managers)[0]]
      const cookie = await visitWith(a, '', half)
      const outcomes = await run(
        () => visitWith(a, cookie, complete),
        () => visitWith(b, cookie, complete),
      )
      const signedIn = outcomes.filter(({ status }) => status === 'fulfilled')
      expect(signedIn).toHaveLength(1)
      for (const one of outcomes) {
        if (one.status === 'fulfilled') expect(await whoseIs(a, one.value)).toBe('alice')
        else expect([409, undefined]).toContain(one.reason.status) // Or a TypeError: nobody was half signed in.
      }
      if (mode === 'store') expect(await a.users.list('alice')).toHaveLength(1)
    })
    expect(orders).toBeGreaterThan(1)
  }, 60_000)

  test('row 15: signOut ends every copy of its cookie', async () => {
    const { manager, cookie } = await halfSignedIn(mode)
    await visitWith(manager, cookie, (session) => session.signOut())
    await expect(visitWith(manager, cookie, complete)).rejects.toThrow()
  })

  test('replaced by another one, it signs nobody in', async () => {
    const { manager, cookie } = await halfSignedIn(mode)
    await visitWith(manager, cookie, (session) => session.signIn('bob', { pending: true }))
    await expect(visitWith(manager, cookie, complete)).rejects.toThrow()
  })

  test('requireAuthoritative tells of it', async () => {
    const { manager, cookie, clock } = await halfSignedIn(mode)
    const asked = visitWith(manager, cookie, async (session) => {
      clock.advance(1)
      await manager.users.revokeAll('alice')
      await session.requireAuthoritative()
    })
    await expect(asked).rejects.toMatchObject(ENDED)
  })

  test('a sign-in from the start needs nothing of it', async () => {
    const { manager, cookie, clock } = await halfSignedIn(mode)
    await manager.users.revokeAll('alice')
    clock.advance(1)
    const again = await visitWith(manager, cookie, half)
    expect(await whoseIs(manager, await visitWith(manager, again, complete))).toBe('alice')
    const whole = await visitWith(manager, cookie, (session) =>
      session.signIn('alice', { amr: ['pwd', 'otp'] }),
    )
    expect(await whoseIs(manager, whole)).toBe('alice')
  })

  test('its ID token goes on with it, and with nobody else', async () => {
    const { manager } = await halfSignedIn(mode)
    const hintOf = async (cookie: string) => {
      const session = await manager.open(requestWith(cookie))
      const options = { clientId: 'shop', endSessionEndpoint: 'https://op.test/end' }
      return (await endSessionUrl(session, options)).searchParams.get('id_token_hint')
    }
    const byHalf = () =>
      visitWith(manager, '', (session) => {
        session.signIn('alice', { pending: true, oidc: { ...oidc, idToken: 'of.alice.there' } })
      })
    const bob = await visitWith(manager, await byHalf(), (session) =>
      session.signIn('bob', { oidc: { iss: 'x', sub: 'b' } }),
    )
    expect(await hintOf(bob)).toBeNull()
    const bobAgain = await visitWith(manager, await byHalf(), (session) => {
      complete(session)
      session.signIn('bob', { oidc: { iss: 'x', sub: 'b' } })
    })
    expect([await whoseIs(manager, bobAgain), await hintOf(bobAgain)]).toEqual(['bob', null])
    expect(await hintOf(await visitWith(manager, await byHalf(), complete))).toBe('of.alice.there')
  })

  test('a store that fails signs nobody in', async () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    let isDown = false
    const fail = async () => {
      throw new Error('down')
    }
    const store = new Proxy(memory, {
      get: (target, key) => (isDown && key !== 'capabilities' ? fail : Reflect.get(target, key)),
    })
    const manager = createSessionManager({ secret: generateSecret(), clock, ...keptIn(mode, store) })
    const cookie = await visitWith(manager, '', half)
    const session = visitWith(manager, cookie, (one) => {
      isDown = true
      complete(one)
    })
    await expect(session).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    isDown = false
    expect(await whoseIs(manager, cookie)).not.toBe('alice')
  })
})

describe('half a sign-in in a store', () => {
  test('what another request wrote while it was made whole is there, or somebody is told', async () => {
    const secret = generateSecret()
    const orders = await everyOrder(async ({ gates, run }) => {
      const clock = fakeClock()
      const managers = gates(memoryStore({ clock })).map((store) =>
        createSessionManager({ secret, clock, store }),
      )
      const [a, b] = managers as [(typeof managers)[0], (typeof managers)[0]]
      const cookie = await visitWith(a, '', half)
      const [whole, written] = await run(
        () => visitWith(a, cookie, complete),
        () => visitWith(b, cookie, (session) => session.update((data) => Object.assign(data, { n: 1 }))),
      )
      if (whole.status === 'rejected') return expect(whole.reason.status).toBe(409)
      const { data } = await a.open(requestWith(whole.value))
      if (written.status === 'rejected') return expect(written.reason.status).toBe(409)
      expect(data).toEqual({ n: 1 })
    })
    expect(orders).toBeGreaterThan(1)
  }, 60_000)

  test('is not in users.list, not live, and users.revoke does not know it', async () => {
    const { manager, cookie } = await halfSignedIn('store')
    const { id } = await manager.open(new Request('https://example.test/', { headers: { cookie } }))
    expect(await manager.users.list('alice')).toEqual([])
    expect(await manager.users.isLive(id, 'alice')).toBe(false)
    expect(await manager.users.revoke(id, 'alice')).toBe(false)
    expect(await whoseIs(manager, await visitWith(manager, cookie, complete))).toBe('alice')
    expect(await manager.users.list('alice')).toHaveLength(1)
  })

  test('users.revokeAll counts it, and tells of its end', async () => {
    const events: unknown[] = []
    const { manager } = await halfSignedIn('store', { onEvent: (event) => events.push(event) })
    expect(await manager.users.revokeAll('alice')).toBe(1)
    expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'revoked' })
  })

  test('row 26: it does not count; when it becomes whole the limit is checked', async () => {
    const limit = { max: 1, onExceed: 'reject' } as const
    const { manager, cookie } = await halfSignedIn('store', { sessionsPerUser: limit })
    await visitWith(manager, '', half)
    const whole = await visitWith(manager, '', (session) => session.signIn('alice'))
    await expect(visitWith(manager, cookie, complete)).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' })
    expect(await whoseIs(manager, cookie)).toBe('anonymous')
    await visitWith(manager, whole, (session) => session.signOut())
    expect(await whoseIs(manager, await visitWith(manager, cookie, complete))).toBe('alice')
  })

  test('row 26: it evicts nobody before it is whole', async () => {
    const limit = { max: 1, onExceed: 'evict' } as const
    const { manager, cookie, clock } = await halfSignedIn('store', { sessionsPerUser: limit })
    const other = await visitWith(manager, '', (session) => session.signIn('alice'))
    clock.advance(1)
    expect(await whoseIs(manager, other)).toBe('alice')
    await visitWith(manager, cookie, complete)
    expect(await whoseIs(manager, other)).toBeUndefined()
  })

  test('users.revokeAll at the same time as the second factor leaves nobody signed in, in every order', async () => {
    const secret = generateSecret()
    await everyOrder(async ({ gates, run }) => {
      const clock = fakeClock()
      const managers = gates(memoryStore({ clock })).map((store) =>
        createSessionManager({ secret, clock, store }),
      )
      const [a, b] = managers as [(typeof managers)[0], (typeof managers)[0]]
      const cookie = await visitWith(a, '', half)
      const [completed] = await run(
        () => visitWith(a, cookie, complete),
        () => b.users.revokeAll('alice'),
      )
      const still = await a.users.list('alice')
      const opened = completed.status === 'fulfilled' ? await whoseIs(a, completed.value) : undefined
      expect([still, opened]).toEqual([[], undefined])
    })
  }, 60_000)
})

describe('a new authentication that the monitor asked for, of a session in a store', () => {
  /** A session that has to authenticate again, and a way to change what the monitor says. */
  async function asked() {
    const clock = fakeClock()
    const said = { risk: 1, action: 'allow' as 'allow' | 'stepUp' }
    const monitor = { assess: () => ({ ...said }) }
    const store = memoryStore({ clock })
    const manager = createSessionManager<AnyData>({ secret: generateSecret(), clock, store, monitor })
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    said.action = 'stepUp'
    expect(await whoseIs(manager, cookie)).toBe('anonymous')
    said.action = 'allow'
    return { manager, cookie, clock, said }
  }

  test('counts also when another request writes at the same time', async () => {
    const { manager, cookie } = await asked()
    const after = await visitWith(manager, cookie, async (session) => {
      await visitWith(manager, cookie, (other) => Object.assign(other.data, { n: 1 }))
      session.reauthenticate()
    })
    const session = await manager.open(requestWith(after))
    expect([session.userId, session.data]).toEqual(['alice', { n: 1 }])
  })

  test('is still asked for when that was later than the one that was given', async () => {
    const { manager, cookie, clock, said } = await asked()
    const first = await visitWith(manager, cookie, (session) => session.reauthenticate())
    const after = await visitWith(manager, first, async (session) => {
      session.reauthenticate()
      clock.advance(1)
      said.action = 'stepUp'
      await manager.open(requestWith(first))
      said.action = 'allow'
    })
    expect(await whoseIs(manager, after)).toBe('anonymous')
  })

  test('row 30: a new id does not answer it', async () => {
    const { manager, cookie } = await asked()
    const after = await visitWith(manager, cookie, (session) => session.regenerate())
    expect(await whoseIs(manager, after)).toBe('anonymous')
  })
})
