import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type Session,
  SessionError,
  type SessionManager,
  type SessionManagerOptions,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { cookieJar, type FakeClock, fakeClock } from 'wafer-session/testing'
import { everyOrder, type Race } from '../support/every-order.ts'
import { requestWith } from '../support/visitor.ts'

/** The one session that both sides start from. */
interface Start {
  readonly id: string
  /** Cookie values: the one in use, and the one that has been offered. */
  readonly current: string
  readonly next: string
}

/** What one side of a race got. */
interface Outcome {
  /** Whose session it opened; undefined when that was over already. */
  readonly opened?: string | undefined
  /** The cookie of its browser afterwards. */
  readonly cookie?: string | undefined
}

interface Side {
  readonly kind: 'keeps' | 'moves' | 'replaces' | 'ends'
  run(manager: SessionManager, start: Start): Promise<Outcome>
}

/** One for all, so that its keys are made once. */
const secret = generateSecret()

const write = (session: Session) => {
  session.data.written = true
}

const SIDES = {
  'a save': asks('keeps', write),
  'a save in two parts': asks('keeps', async (session) => {
    session.data.first = true
    await session.commit()
    write(session)
  }),
  'recorded activity': asks('keeps', () => {}),
  'a confirmation': asks('keeps', () => {}, 'next'),
  regenerate: asks('moves', (session) => session.regenerate()),
  reauthenticate: asks('moves', (session) => session.userId && session.reauthenticate()),
  'signIn as the same user': asks('replaces', (session) => session.signIn('alice')),
  'signIn as another user': asks('replaces', (session) => session.signIn('bob')),
  signOut: asks('ends', (session) => session.signOut()),
  'users.revoke': ends((manager, { id }) => manager.users.revoke(id, 'alice')),
  'users.revokeAll': ends((manager) => manager.users.revokeAll('alice')),
} satisfies Record<string, Side>

type Name = keyof typeof SIDES

function asks(
  kind: Side['kind'],
  act: (session: Session) => unknown,
  cookie: 'current' | 'next' = 'current',
): Side {
  return { kind, run: (manager, start) => ask(manager, start[cookie], act) }
}

function ends(call: (manager: SessionManager, start: Start) => Promise<unknown>): Side {
  return {
    kind: 'ends',
    async run(manager, start) {
      await call(manager, start)
      return { opened: 'alice' }
    },
  }
}

/** One request of a browser with this cookie. */
async function ask(
  manager: SessionManager,
  cookie: string,
  act: (session: Session) => unknown,
): Promise<Outcome> {
  const jar = cookieJar()
  let opened: string | undefined
  const fetch = (request: Request) =>
    manager.handle(request, async (session) => {
      opened = session.userId
      await act(session)
      return new Response('ok')
    })
  jar.set('__Host-session', cookie)
  await jar.request({ fetch }, '/')
  return { opened, cookie: jar.get('__Host-session') }
}

/** Two managers on one store, as two machines have them, and the session of alice, old enough to be renewed. */
async function alices(race: Race, options: Partial<SessionManagerOptions> = {}) {
  const clock: FakeClock = fakeClock()
  const memory = memoryStore({ clock })
  const managerOf = (store: typeof memory) =>
    createSessionManager({ secret, clock, store, storeTimeout: 60, ...options })
  const machines = race.gates(memory).map(managerOf) as [SessionManager, SessionManager]
  const admin = managerOf(memory)
  const { cookie: current = '' } = await ask(admin, '', (session) => {
    session.signIn('alice')
    session.data.private = 'of alice'
  })
  clock.advance(901)
  const { cookie: next = '' } = await ask(admin, current, () => {})
  clock.advance(181)
  const { id } = await admin.open(requestWith(`__Host-session=${current}`))
  return { admin, clock, machines, start: { id, current, next } }
}

/** The part of an id that stays through moves. */
function partOf(id: string): string {
  return id.slice(0, 10)
}

/** Plays one side against the other in one order, and checks what holds whatever they are. */
async function play(race: Race, a: Side, b: Side) {
  const { admin, machines, start } = await alices(race)
  const settled = await race.run(
    () => a.run(machines[0], start),
    () => b.run(machines[1], start),
  )
  for (const outcome of settled) {
    if (outcome.status === 'fulfilled') continue
    expect(outcome.reason).toBeInstanceOf(SessionError)
    expect(['ERR_SESSION_ENDED', 'ERR_SESSION_CONFLICT']).toContain(outcome.reason.code)
  }
  const outcomes = settled.map((outcome): Outcome => (outcome.status === 'fulfilled' ? outcome.value : {}))
  const cookies = [start.current, start.next, ...outcomes.map(({ cookie = '' }) => cookie)]
  const opened = await Promise.all(
    cookies.map((cookie) => admin.open(requestWith(`__Host-session=${cookie}`))),
  )
  const live = [...new Map(opened.map((session) => [session.id, session])).values()].filter(
    ({ isNew }) => !isNew,
  )
  const signedIn = live.filter(({ userId }) => userId !== undefined)
  const listed = (await Promise.all(['alice', 'bob'].map((user) => admin.users.list(user)))).flat()
  // None escapes users.revokeAll, and none is listed that nobody holds.
  expect(listed.map(({ id }) => id).sort()).toEqual(signedIn.map(({ id }) => id).sort())
  for (const { userId, data } of live) {
    if (userId !== 'alice') expect(data).not.toHaveProperty('private')
  }
  return { start, outcomes, live, original: live.filter(({ id }) => partOf(id) === partOf(start.id)) }
}

const names = Object.keys(SIDES) as Name[]
const pairs = names.flatMap((a, i) => names.slice(i).map((b) => [a, b] as const))

describe.each(pairs)('%s against %s', (...pair) => {
  const sides = pair.map((name) => SIDES[name]) as [Side, Side]

  test('rows 15, 21, 22, 90 and 91: in every order of their store calls', { timeout: 60_000 }, async () => {
    const orders = await everyOrder(async (race) => {
      const { start, outcomes, live, original } = await play(race, ...sides)
      // Those that found the session there, and were told that all went well.
      const worked = pair.filter((_, i) => outcomes[i]?.opened !== undefined)
      const did = (kind: Side['kind']) => worked.filter((name) => SIDES[name].kind === kind)
      // A sign-out that comes with the cookie before ends what the session has become.
      const isOver = did('ends').length + did('replaces').length > 0 || pair.includes('signOut')

      // What was signed out, revoked or replaced never answers again, under whatever id.
      expect(original).toHaveLength(isOver ? 0 : 1)
      // Of two moves one wins; the other has its error, or found the session gone.
      expect(did('moves').length).toBeLessThan(2)
      const [session] = original
      if (session !== undefined) {
        expect(session.id !== start.id).toBe(did('moves').length > 0)
        // What a save was told is kept is kept, and nothing else is lost.
        const saved = worked.some((name) => name.startsWith('a save'))
        expect(session.data).toEqual({
          private: 'of alice',
          ...(saved && { written: true }),
          ...session.data,
        })
      }
      // A sign-in that worked has a session, unless all of its user's were ended.
      const users = live.map(({ userId }) => userId)
      if (worked.includes('signIn as another user')) expect(users).toContain('bob')
      if (worked.includes('signIn as the same user') && !pair.includes('users.revokeAll')) {
        expect(users).toContain('alice')
      }
    })
    expect(orders).toBeGreaterThan(3)
  })
})
