import { describe, expect, test } from 'vitest'
import type { Session, SessionStore } from 'wafer-session'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

type Act = (session: Session<AnyData>) => unknown

const SIGN_IN: [action: string, act: Act] = ['sign in', (session) => session.signIn('u2')]
const SIGN_OUT: [action: string, act: Act] = ['sign out', (session) => session.signOut()]

const CHANGES: [action: string, act: Act][] = [
  ['change data', (session) => Object.assign(session.data, { n: 1 })],
  ['change data', (session) => session.update(() => {})],
  ['set a flash value', (session) => session.flash('notice', 'Saved')],
  ['put a challenge', (session) => session.challenge.put('login')],
  ['re-authenticate', (session) => session.reauthenticate()],
  ['regenerate', (session) => session.regenerate()],
]

const LEFT = 'the response has left. Change the session before it does.'
const ENDED = 'the session has ended. Sign in on another request.'
const MOVED = 'the session has just moved on under a new cookie, which this request did not bring.'

function refusal(action: string, code: string, why: string) {
  return expect.objectContaining({ code, message: `Cannot ${action}: ${why}` })
}

/** A visitor who is signed in, for whom a flash value and a challenge wait. */
async function signedIn() {
  const { manager, jar, visit } = site<AnyData>()
  await visit((session) => {
    session.signIn('u1')
    session.flash('notice', 'Saved')
    session.challenge.put('login')
  })
  return { manager, session: await manager.open(requestWith(jar.header())) }
}

/** A request with the cookie that a session had until a moment ago. */
async function movedOn() {
  const { manager, jar, visit } = storeSite<AnyData>()
  await visit((session) => session.signIn('u1'))
  const old = jar.header()
  await visit((session) => session.regenerate())
  return { manager, visit, session: await manager.open(requestWith(old)) }
}

/** A request while the store is down. */
async function withoutStore() {
  const failure = new Error('no connection')
  let isDown = false
  const { manager, jar, visit } = storeSite<AnyData>(
    { onStoreError: 'anonymous' },
    (store: SessionStore) => ({
      get: (key) => (isDown ? Promise.reject(failure) : store.get(key)),
    }),
  )
  await visit((session) => session.signIn('u1'))
  isDown = true
  return { manager, failure, session: await manager.open(requestWith(jar.header())) }
}

describe('once the response has left', () => {
  test.each([
    ...CHANGES,
    SIGN_IN,
    SIGN_OUT,
    ['consume a flash value', (session: Session) => session.flash('notice')],
  ] as [string, Act][])('%s: ERR_SESSION_COMMITTED says so (%#)', async (action, act) => {
    const { manager, session } = await signedIn()
    await manager.commit(session)
    expect(() => act(session)).toThrow(refusal(action, 'ERR_SESSION_COMMITTED', LEFT))
  })

  test('take a challenge: ERR_SESSION_COMMITTED says so', async () => {
    const { manager, session } = await signedIn()
    await manager.commit(session)
    await expect(session.challenge.take('login')).rejects.toThrow(
      refusal('take a challenge', 'ERR_SESSION_COMMITTED', LEFT),
    )
  })
})

describe('after signOut()', () => {
  test.each([...CHANGES, SIGN_IN])(
    '%s: ERR_SESSION_ENDED says so, before and after the response (%#)',
    async (action, act) => {
      const { manager, session } = await signedIn()
      session.signOut()
      const error = refusal(action, 'ERR_SESSION_ENDED', ENDED)
      expect(() => act(session)).toThrow(error)
      await manager.commit(session)
      expect(() => act(session)).toThrow(error)
      expect(session.isNew).toBe(true)
    },
  )
})

describe('while the store is down, with onStoreError: anonymous', () => {
  test.each([...CHANGES, SIGN_IN, SIGN_OUT])(
    '%s: ERR_SESSION_STORE says so, and has its cause (%#)',
    async (action, act) => {
      const { manager, failure, session } = await withoutStore()
      const error = expect.objectContaining({
        code: 'ERR_SESSION_STORE',
        message: expect.stringMatching(`^Cannot ${action}: .`),
        cause: failure,
      })
      expect([session.userId, session.isNew]).toEqual([undefined, true])
      expect(() => act(session)).toThrow(error)
      expect(await manager.commit(session)).toEqual([])
      expect(() => act(session)).toThrow(error)
      expect(await session.challenge.take('login')).toBeUndefined()
    },
  )
})

describe('with the cookie of a session that has just moved on', () => {
  test.each(CHANGES)('%s: ERR_SESSION_ENDED says so (%#)', async (action, act) => {
    const { session } = await movedOn()
    expect(session.isNew).toBe(true)
    expect(() => act(session)).toThrow(refusal(action, 'ERR_SESSION_ENDED', MOVED))
  })

  test('signIn begins a new session, in which all can be done', async () => {
    const { manager, session } = await movedOn()
    session.signIn('u2')
    session.data.n = 1
    expect([session.userId, session.data]).toEqual(['u2', { n: 1 }])
    expect(await manager.commit(session)).toHaveLength(1)
    expect(() => session.signIn('u3')).toThrow(refusal('sign in', 'ERR_SESSION_COMMITTED', LEFT))
  })

  test('signOut ends what it has become, and after it nobody signs in', async () => {
    const { manager, visit, session } = await movedOn()
    session.signOut()
    expect(() => session.signIn('u2')).toThrow(refusal('sign in', 'ERR_SESSION_ENDED', ENDED))
    await manager.commit(session)
    expect(await visit(({ userId }) => userId)).toBeUndefined()
  })

  test.each([SIGN_IN, SIGN_OUT])(
    '%s: once the response has left it is refused, not lost',
    async (action, act) => {
      const { manager, session } = await movedOn()
      expect(await manager.commit(session)).toEqual([])
      expect(() => act(session)).toThrow(refusal(action, 'ERR_SESSION_COMMITTED', LEFT))
      expect(session.userId).toBeUndefined()
    },
  )
})

test('a session that was revoked is nobody’s for the rest of the request', async () => {
  const { manager, jar, visit } = storeSite<AnyData>()
  await visit((session) => {
    session.signIn('u1')
    session.data.n = 1
    session.flash('notice', 'Saved')
    session.challenge.put('login')
  })
  const session = await manager.open(requestWith(jar.header()))
  await manager.users.revokeAll('u1')
  await expect(session.requireAuthoritative()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  expect([session.userId, session.isNew, session.data, session.flash('notice')]).toEqual([
    undefined,
    true,
    {},
    undefined,
  ])
  expect(await session.challenge.take('login')).toBeUndefined()
  session.signOut()
  expect(await manager.commit(session)).toHaveLength(1)
})
