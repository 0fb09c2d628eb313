import { afterEach, describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type RiskAction,
  type SessionManagerOptions,
  type SessionMonitor,
} from 'wafer-session'
import { createTokenIssuer, generateSigningKey, verifyAccessToken } from 'wafer-session/jwt'
import { endSessionUrl } from 'wafer-session/oidc'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { keptIn, type Mode, SERVER_MODES } from '../support/modes.ts'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'

const OP = 'https://op.test'
const END = 'https://op.test/end'

/** Two machines with one secret and one store, and a monitor that says what it is told to. */
function machines(mode: Mode, change: Partial<SessionMonitor> = {}) {
  const clock = fakeClock()
  const said: { action: RiskAction; risk: number } = { action: 'allow', risk: 0.5 }
  const monitor: SessionMonitor = { assess: () => ({ ...said }), ...change }
  const options = { secret: generateSecret(), clock, monitor, ...keptIn(mode, memoryStore({ clock })) }
  const [here, there] = [0, 1].map(() => createSessionManager(options as SessionManagerOptions))
  return { clock, said, here: here as NonNullable<typeof here>, there: there as NonNullable<typeof there> }
}

describe.each(SERVER_MODES)('a step-up that was asked for elsewhere, %s', (mode) => {
  /** The session of a request that began before the step-up was asked for. */
  async function demoted() {
    const { here, there, said, clock } = machines(mode)
    const cookie = await visitWith(here, '', (session) => session.signIn('alice', { acr: 'aal1' }))
    clock.advance(1)
    const session = await here.open(requestWith(cookie))
    said.action = 'stepUp'
    const asked = await there.open(requestWith(cookie))
    expect([asked.userId, asked.pending?.userId]).toEqual([undefined, 'alice'])
    said.action = 'allow'
    return { session, here, there, cookie, clock }
  }

  test('requireAuthoritative lets nobody through who has yet to pass it', async () => {
    const { session } = await demoted()
    expect(session.userId).toBe('alice')
    await expect(session.requireAuthoritative()).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    expect(session.userId).toBeUndefined()
  })

  test('createTokenIssuer gives no token to whoever has yet to pass it', async () => {
    const { session, clock } = await demoted()
    const issuer = createTokenIssuer({ issuer: OP, keys: [await generateSigningKey()], clock })
    await expect(issuer.issue(session, { audience: 'api' })).rejects.toMatchObject({
      code: 'ERR_SESSION_ENDED',
    })
  })

  test('requireAuthoritative leaves the request that passes it alone', async () => {
    const { there, cookie, clock } = await demoted()
    clock.advance(61)
    const after = await visitWith(there, cookie, async (session) => {
      await session.requireAuthoritative()
      expect(session.pending?.userId).toBe('alice')
      session.reauthenticate({ amr: ['otp'] })
      await session.requireAuthoritative()
    })
    expect(await whoseIs(there, after)).toBe('alice')
    await visitWith(there, after, (session) => session.requireAuthoritative())
  })
})

test.each(SERVER_MODES)('a sign-in over a session that was revoked gets its token, %s', async (mode) => {
  const { here, there, clock } = machines(mode)
  const cookie = await visitWith(here, '', (session) => session.signIn('alice'))
  clock.advance(1)
  const session = await here.open(requestWith(cookie))
  await there.users.revokeAll('alice')
  clock.advance(1)
  session.signIn('alice')
  const issuer = createTokenIssuer({ issuer: OP, keys: [await generateSigningKey()], clock })
  expect(await issuer.issue(session, { audience: 'api' })).toMatch(/^ey/)
  expect(session.userId).toBe('alice')
  await here.commit(session)
})

test.each(SERVER_MODES)(
  'half a sign-in that was revoked gets none when it is made whole, %s',
  async (mode) => {
    const { here, there, clock } = machines(mode)
    const cookie = await visitWith(here, '', (session) => session.signIn('alice', { pending: true }))
    clock.advance(1)
    const session = await here.open(requestWith(cookie))
    await there.users.revokeAll('alice')
    session.reauthenticate({ amr: ['otp'], acr: 'aal2' })
    const issuer = createTokenIssuer({ issuer: OP, keys: [await generateSigningKey()], clock })
    await expect(issuer.issue(session, { audience: 'api' })).rejects.toMatchObject({
      code: 'ERR_SESSION_ENDED',
    })
  },
)

test('verifyAccessToken refuses the token of a session in a store that is asked for a step-up', async () => {
  const { here, said, clock } = machines('store')
  const issuer = createTokenIssuer({ issuer: OP, keys: [await generateSigningKey()], clock })
  let token = ''
  const cookie = await visitWith(here, '', async (session) => {
    session.signIn('alice')
    token = await issuer.issue(session, { audience: 'api' })
  })
  const jwks = await issuer.jwks().json()
  const verify = () =>
    verifyAccessToken(token, { issuer: OP, audience: 'api', jwks, clock, revocations: here })
  expect((await verify()).sub).toBe('alice')
  said.action = 'stepUp'
  expect((await here.open(requestWith(cookie))).userId).toBeUndefined()
  await expect(verify()).rejects.toMatchObject({ code: 'ERR_TOKEN_INVALID' })
})

describe('a monitor whose learn fails', () => {
  const rejected: unknown[] = []
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault()
    rejected.push(event.reason)
  }
  type Listening = (event: string, listener: (reason: unknown) => void) => void
  const { process } = globalThis as { process?: { on?: Listening; off?: Listening } }
  const noteReason = (reason: unknown) => rejected.push(reason)

  afterEach(() => {
    globalThis.removeEventListener?.('unhandledrejection', note as never)
    process?.off?.('unhandledRejection', noteReason)
    rejected.length = 0
  })

  test('still has its verdict carried out', async () => {
    const learn = () => {
      throw new Error('a full disk')
    }
    const { here, said } = machines('store', { learn })
    const cookie = await visitWith(here, '', (session) => session.signIn('alice'))
    said.action = 'end'
    expect((await here.open(requestWith(cookie))).userId).toBeUndefined()
    said.action = 'allow'
    expect(await whoseIs(here, cookie)).toBeUndefined()
  })

  test('leaves no rejection behind that nobody handles', async () => {
    globalThis.addEventListener?.('unhandledrejection', note as never)
    process?.on?.('unhandledRejection', noteReason)
    const learn = (async () => {
      throw new Error('a full disk')
    }) as () => void
    const { here } = machines('store', { learn })
    const cookie = await visitWith(here, '', (session) => session.signIn('alice'))
    expect(await whoseIs(here, cookie)).toBe('alice')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(rejected).toEqual([])
  })
})

test('endSessionUrl gives the ID token of half a sign-in to no other issuer', async () => {
  const clock = fakeClock()
  const manager = createSessionManager({ secret: generateSecret(), clock, store: memoryStore({ clock }) })
  const oidc = { iss: 'https://other.test', sub: 'alice', idToken: 'a.b.c' }
  const cookie = await visitWith(manager, '', (session) => session.signIn('alice', { oidc, pending: true }))
  const session = await manager.open(requestWith(cookie))
  const url = await endSessionUrl(session, { issuer: OP, endSessionEndpoint: END, clientId: 'shop' })
  expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: 'shop' })
})
