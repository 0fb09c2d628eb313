import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type RiskAction,
  type Session,
  type SessionClient,
  type SessionEvent,
  type SessionManagerOptions,
  type SessionObservation,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { requestWith, visitWith } from '../support/visitor.ts'

/** A manager with a monitor that says what it is told to. */
function monitored(options: (clock: () => number) => Partial<SessionManagerOptions>) {
  const clock = fakeClock()
  const said: { action: RiskAction; risk: number } = { action: 'allow', risk: 0.1 }
  const seen: SessionObservation[] = []
  const told: [SessionEvent, SessionClient | undefined][] = []
  const monitor = {
    assess(observation: SessionObservation) {
      seen.push(observation)
      return { ...said }
    },
    onEvent(event: SessionEvent, client?: SessionClient) {
      told.push([event, client])
    },
  }
  const manager = createSessionManager({ secret: generateSecret(), clock, monitor, ...options(clock) })
  const who = (session: Session) => ({ userId: session.userId, pending: session.pending?.userId })
  const look = async (cookie: string) => who(await manager.open(requestWith(cookie)))
  return { manager, clock, said, seen, told, look, types: () => told.map(([{ type }]) => type) }
}

const modes: [string, (clock: () => number) => Partial<SessionManagerOptions>][] = [
  ['sealed', () => ({})],
  ['sealed with revocations', (clock) => ({ revocations: memoryStore({ clock }), revocationMaxAge: 10 })],
  ['store', (clock) => ({ store: memoryStore({ clock }) })],
]

describe.each(modes)('the option monitor, %s', (mode, options) => {
  test('sees every request of a signed-in session, and no other', async () => {
    const { manager, seen, clock } = monitored(options)
    await manager.open(requestWith(''))
    const basket = await visitWith(manager, '', ({ data }) => {
      data.basket = 1
    })
    await manager.open(requestWith(basket))
    expect(seen).toEqual([])
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    const request = new Request('https://example.test/', { headers: { Cookie: cookie, 'User-Agent': 'UA' } })
    const session = await manager.open(request, { address: '192.0.2.1', country: 'PT', latitude: 38.7 })
    expect(session.risk).toBe(0.1)
    expect(seen).toEqual([
      expect.objectContaining({
        kind: 'request',
        at: clock(),
        userId: 'alice',
        sessionId: session.id,
        sessionStartedAt: session.createdAt,
        address: '192.0.2.1',
        country: 'PT',
        latitude: 38.7,
        userAgent: 'UA',
      }),
    ])
  })

  test('is told of a sign-in and of a refusal, with what is known of the client', async () => {
    const { manager, told } = monitored(options)
    const session = await manager.open(requestWith(''), { country: 'PT' })
    session.signIn('alice')
    await manager.commit(session)
    await manager.open(requestWith('__Host-session=forged'), { country: 'BR' })
    expect(told).toEqual([
      [
        expect.objectContaining({ type: 'create', userId: 'alice' }),
        expect.objectContaining({ country: 'PT' }),
      ],
      [expect.objectContaining({ type: 'reject' }), expect.objectContaining({ country: 'BR' })],
    ])
  })

  test('stepUp: half signed in until the user authenticates again', async () => {
    const { manager, said, look, types } = monitored(options)
    const cookie = await visitWith(manager, '', (session) => {
      session.signIn('alice', { amr: ['pwd'] })
      session.data.draft = 'kept'
    })
    said.action = 'stepUp'
    const marked = await visitWith(manager, cookie, (session) => {
      expect(session.userId).toBeUndefined()
      expect(session.isFresh(300)).toBe(false)
      expect(session.pending).toMatchObject({ userId: 'alice', reason: 'step-up', amr: ['pwd'] })
    })
    expect(types()).toContain('risk')
    said.action = 'allow'
    expect(await look(marked)).toEqual({ userId: undefined, pending: 'alice' })
    const again = await visitWith(manager, marked, (session) => session.reauthenticate({ amr: ['otp'] }))
    const session = await manager.open(requestWith(again))
    expect(session.userId).toBe('alice')
    expect(session.amr).toEqual(['pwd', 'otp'])
    expect(session.data.draft).toBe('kept')
    expect(session.pending).toBeUndefined()
  })

  test('stepUp stays, whatever the handler of that request does', async () => {
    const { manager, said, look } = monitored(options)
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    said.action = 'stepUp'
    const page = () => {
      throw new Error('the handler failed')
    }
    await expect(manager.handle(requestWith(cookie), page)).rejects.toThrow('the handler failed')
    said.action = 'allow'
    const expected = mode === 'sealed' ? 'alice' : undefined // Only a server can remember what a browser did not get.
    if (mode === 'sealed with revocations') return // Within revocationMaxAge: the next test.
    expect((await look(cookie)).userId).toBe(expected)
  })

  test('end: the request is anonymous, and the session over where a server can end it', async () => {
    const { manager, said, look, told } = monitored(options)
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    said.action = 'end'
    expect(await look(cookie)).toEqual({ userId: undefined, pending: undefined })
    const reasons = told.map(([event]) => 'reason' in event && event.reason)
    expect(reasons).toContain('risk')
    said.action = 'allow'
    if (mode === 'store') expect((await look(cookie)).userId).toBeUndefined()
  })

  test('a monitor that throws, rejects or hangs lets the request through', async () => {
    const answers = [
      () => {
        throw new Error('broken')
      },
      () => Promise.reject(new Error('broken')),
      () => new Promise<never>(() => {}),
    ]
    for (const assess of answers) {
      const clock = fakeClock()
      const manager = createSessionManager({
        secret: generateSecret(),
        clock,
        storeTimeout: 0.02,
        monitor: { assess },
        ...options(clock),
      })
      const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
      const session = await manager.open(requestWith(cookie))
      expect(session.userId).toBe('alice')
      expect(session.risk).toBeUndefined()
    }
  })
})

describe('the option monitor, with revocations', () => {
  const options = (clock: () => number) => ({ revocations: memoryStore({ clock }), revocationMaxAge: 10 })

  test('stepUp: an older sealed cookie is caught by the mark, and a new authentication lifts it', async () => {
    const { manager, said, look, clock } = monitored(options)
    const old = await visitWith(manager, '', (session) => session.signIn('alice'))
    clock.advance(5)
    said.action = 'stepUp'
    const marked = await visitWith(manager, old, () => {})
    said.action = 'allow'
    clock.advance(5)
    expect(await look(old)).toEqual({ userId: undefined, pending: 'alice' })
    const again = await visitWith(manager, marked, (session) => session.reauthenticate())
    expect((await look(again)).userId).toBe('alice')
    clock.advance(60)
    expect((await look(again)).userId).toBe('alice')
    expect((await look(old)).userId).toBeUndefined()
  })

  test('stepUp and a new authentication within one millisecond', async () => {
    const { manager, said, look, clock } = monitored(options)
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    said.action = 'stepUp'
    const again = await visitWith(manager, cookie, (session) => session.reauthenticate())
    said.action = 'allow'
    clock.advance(20)
    expect((await look(again)).userId).toBe('alice')
  })
})

describe('the option monitor, with a store', () => {
  const options = (clock: () => number) => ({ store: memoryStore({ clock }) })

  test('stepUp is not undone by a request that was already at work', async () => {
    const { manager, said, look } = monitored(options)
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    const slow = await manager.open(requestWith(cookie))
    slow.data.note = 'written late'
    said.action = 'stepUp'
    await manager.open(requestWith(cookie))
    said.action = 'allow'
    await manager.commit(slow)
    expect(await look(cookie)).toEqual({ userId: undefined, pending: 'alice' })
    const session = await manager.open(requestWith(cookie))
    expect(session.data.note).toBe('written late')
  })

  test('stepUp outlives regenerate', async () => {
    const { manager, said, look } = monitored(options)
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    said.action = 'stepUp'
    const moved = await visitWith(manager, cookie, (session) => session.regenerate())
    said.action = 'allow'
    expect(moved).not.toBe(cookie)
    expect(await look(moved)).toEqual({ userId: undefined, pending: 'alice' })
  })

  test('end-all ends the sessions of the user and of nobody else', async () => {
    const { manager, said, look } = monitored(options)
    const [one, two] = [
      await visitWith(manager, '', (session) => session.signIn('alice')),
      await visitWith(manager, '', (session) => session.signIn('alice')),
    ]
    const bob = await visitWith(manager, '', (session) => session.signIn('bob'))
    said.action = 'end-all'
    await look(one)
    said.action = 'allow'
    expect((await look(two)).userId).toBeUndefined()
    expect((await look(bob)).userId).toBe('bob')
  })
})

test('createSessionManager refuses a monitor that cannot assess', () => {
  expect(() => createSessionManager({ secret: generateSecret(), monitor: {} as never })).toThrow('assess')
})
