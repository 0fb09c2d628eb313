import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type Session,
  SessionError,
  type SessionEvent,
  type SessionLimit,
  type SessionManager,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { cookieJar, fakeClock } from 'wafer-session/testing'
import { breakable } from '../support/broken-stores.ts'
import { everyOrder, type Race } from '../support/every-order.ts'
import { requestWith } from '../support/visitor.ts'
import { watchedStore } from '../support/watched-store.ts'

const secret = generateSecret()
const limit = expect.objectContaining({ name: 'SessionError', code: 'ERR_SESSION_LIMIT', status: 403 })

function place(sessionsPerUser: SessionLimit, race?: Race) {
  const clock = fakeClock()
  const store = watchedStore(memoryStore({ clock }))
  const events: SessionEvent[] = []
  const managerOf = (one: typeof store | ReturnType<typeof memoryStore>) =>
    createSessionManager({
      secret,
      clock,
      store: one,
      sessionsPerUser,
      storeTimeout: 60,
      onEvent: (event) => void events.push(event),
    })
  const machines = (race?.gates(store) ?? [store, store]).map(managerOf) as [SessionManager, SessionManager]
  return { clock, store, events, machines, manager: managerOf(store) }
}

/** One request of a browser; its cookie header afterwards. */
async function ask(
  manager: SessionManager,
  header: string,
  act: (session: Session) => void,
): Promise<string> {
  const jar = cookieJar()
  const response = await manager.handle(requestWith(header), (session) => {
    act(session)
    return new Response()
  })
  jar.store(response)
  return jar.header() || header
}

const signIn = (manager: SessionManager, header = '', user = 'u1') =>
  ask(manager, header, (session) => session.signIn(user))

async function whose(manager: SessionManager, header: string): Promise<string | undefined> {
  return (await manager.open(requestWith(header))).userId
}

describe("sessionsPerUser with onExceed: 'reject'", () => {
  const reject = (max: number) => place({ max, onExceed: 'reject' })

  test('row 26: refuses the sign-in that would be one too many', async () => {
    const { manager, store } = reject(2)
    const headers = [await signIn(manager), await signIn(manager)]
    const before = await store.dump()
    await expect(signIn(manager)).rejects.toEqual(limit)
    expect(await store.dump()).toEqual(before)
    for (const header of headers) expect(await whose(manager, header)).toBe('u1')
    expect(await whose(manager, await signIn(manager, '', 'u2'))).toBe('u2')
  })

  test('a refused sign-in leaves the session before it as it was, and nothing else in the store', async () => {
    const { manager, store, events } = reject(1)
    await signIn(manager, '', 'u2')
    const guest = await ask(manager, '', ({ data }) => Object.assign(data, { cart: ['tea'] }))
    const user = await signIn(manager)
    const before = await store.dump()
    events.length = 0
    for (const header of [guest, user]) await expect(signIn(manager, header, 'u2')).rejects.toEqual(limit)
    expect(await store.dump()).toEqual(before)
    expect(events).toEqual([])
    expect((await manager.open(requestWith(guest))).data).toEqual({ cart: ['tea'] })
    expect(await whose(manager, user)).toBe('u1')
  })

  test('a sign-in in the place of a session of the same user is not one more', async () => {
    const { manager } = reject(1)
    let header = ''
    for (let i = 0; i < 3; i++) {
      const before = header
      header = await signIn(manager, before)
      expect(await whose(manager, header)).toBe('u1')
      expect(await whose(manager, before)).toBeUndefined()
    }
    expect(await manager.users.list('u1')).toHaveLength(1)
  })

  test.each(['regenerate', 'reauthenticate'] as const)('%s is not one more', async (move) => {
    const { manager } = reject(1)
    const header = await ask(manager, await signIn(manager), (session) => session[move]())
    expect(await whose(manager, header)).toBe('u1')
  })

  test('what was signed out, revoked or has expired makes room', async () => {
    const { manager, clock } = reject(1)
    const header = await signIn(manager)
    await ask(manager, header, (session) => session.signOut())
    await signIn(manager)
    await manager.users.revokeAll('u1')
    await signIn(manager)
    clock.advance(1800)
    expect(await whose(manager, await signIn(manager))).toBe('u1')
  })

  test('anonymous sessions do not count', async () => {
    const { manager } = reject(1)
    for (let i = 0; i < 3; i++) await ask(manager, '', ({ data }) => Object.assign(data, { i }))
    expect(await whose(manager, await signIn(manager))).toBe('u1')
  })

  test('a handler may catch what session.commit() throws: the visitor stays who he was', async () => {
    const { manager } = reject(1)
    await signIn(manager)
    const guest = await ask(manager, '', ({ data }) => Object.assign(data, { cart: ['tea'] }))
    const session = await manager.open(requestWith(guest))
    session.signIn('u1')
    await expect(session.commit()).rejects.toEqual(limit)
    expect((await manager.open(requestWith(guest))).data).toEqual({ cart: ['tea'] })
  })
})

describe("sessionsPerUser with onExceed: 'evict'", () => {
  const evict = (max: number) => place({ max, onExceed: 'evict' })

  test('row 26: ends the session that was seen longest ago, not the oldest', async () => {
    const { manager, clock, events } = evict(2)
    const first = await signIn(manager)
    clock.advance(10)
    const second = await signIn(manager)
    clock.advance(200)
    await ask(manager, first, () => {})
    const { id } = await manager.open(requestWith(second))
    events.length = 0
    const third = await signIn(manager)
    expect([await whose(manager, first), await whose(manager, second), await whose(manager, third)]).toEqual([
      'u1',
      undefined,
      'u1',
    ])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'end', reason: 'evicted', sessionId: id, userId: 'u1' }),
    )
  })

  test('a limit that was lowered evicts as many as are too many', async () => {
    const { manager, store, clock } = evict(5)
    const headers: string[] = []
    for (let i = 0; i < 5; i++) {
      headers.push(await signIn(manager))
      clock.advance(1)
    }
    const lowered = createSessionManager({
      secret,
      clock,
      store,
      sessionsPerUser: { max: 2, onExceed: 'evict' },
    })
    headers.push(await signIn(lowered))
    const alive = await Promise.all(headers.map((header) => whose(lowered, header)))
    expect(alive).toEqual([undefined, undefined, undefined, undefined, 'u1', 'u1'])
  })

  test('a sign-in in the place of a session of the same user evicts nobody', async () => {
    const { manager } = evict(2)
    const [own, other] = [await signIn(manager), await signIn(manager)]
    const now = await signIn(manager, own)
    expect([await whose(manager, now), await whose(manager, other), await whose(manager, own)]).toEqual([
      'u1',
      'u1',
      undefined,
    ])
  })

  test('of another user nobody is evicted', async () => {
    const { manager } = evict(1)
    const other = await signIn(manager, '', 'u2')
    await signIn(manager)
    await signIn(manager)
    expect(await whose(manager, other)).toBe('u2')
  })
})

describe('row 26: at the same time, in every order of the store calls', () => {
  const timeout = 60_000

  test.each([1, 2, 3])('two sign-ins with a limit of %i: never more are let in', { timeout }, async (max) => {
    for (const onExceed of ['reject', 'evict'] as const) {
      await everyOrder(async (race) => {
        const { manager, machines } = place({ max, onExceed }, race)
        const before: string[] = []
        for (let i = 0; i < max - 1; i++) before.push(await signIn(manager))
        const results = await race.run(
          () => signIn(machines[0]),
          () => signIn(machines[1]),
        )
        const listed = await manager.users.list('u1')
        expect(listed.length).toBeLessThanOrEqual(max)
        const cookies = [...before]
        for (const result of results) {
          if (result.status === 'fulfilled') cookies.push(result.value)
          else expect([onExceed, result.reason]).toEqual(['reject', limit])
        }
        const alive = (await Promise.all(cookies.map((header) => whose(manager, header)))).filter(Boolean)
        expect(alive).toHaveLength(listed.length) // Nobody is listed whom nobody holds.
        // Nobody who was in before is put out to make room that nobody gets.
        if (onExceed === 'reject') expect(alive.length).toBeGreaterThanOrEqual(max - 1)
      })
    }
  })

  test('a session that moves on another machine counts once', { timeout }, async () => {
    await everyOrder(async (race) => {
      const { manager, machines } = place({ max: 2, onExceed: 'reject' }, race)
      const own = await signIn(manager)
      const results = await race.run(
        () => ask(machines[0], own, (session) => session.regenerate()),
        () => signIn(machines[1]),
      )
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
      expect(await manager.users.list('u1')).toHaveLength(2)
    })
  })

  test('a sign-in in the place of a session that moves on another machine is not one more', {
    timeout,
  }, async () => {
    await everyOrder(async (race) => {
      const { manager, machines } = place({ max: 1, onExceed: 'reject' }, race)
      const own = await signIn(manager)
      const [, replaced] = await race.run(
        () => ask(machines[0], own, (session) => session.regenerate()),
        () => signIn(machines[1], own),
      )
      if (replaced.status === 'rejected') {
        // It came with the cookie that had just been replaced: what took its place counts.
        const code = expect.stringMatching(/^ERR_SESSION_(?:ENDED|LIMIT)$/)
        expect(replaced.reason).toEqual(expect.objectContaining({ code }))
      }
      expect(await manager.users.list('u1')).toHaveLength(1)
    })
  })

  const deeds: [what: string, act: (session: Session) => void][] = [
    ['a save', ({ data }) => Object.assign(data, { n: 1 })],
    ['regenerate', (session) => session.regenerate()],
    ['reauthenticate', (session) => session.userId && session.reauthenticate()],
    ['a read that records activity', () => {}],
  ]

  test.each(deeds)(
    'row 21: %s of the session that is evicted does not bring it back',
    { timeout },
    async (_, act) => {
      await everyOrder(async (race) => {
        const { manager, clock, machines } = place({ max: 1, onExceed: 'evict' }, race)
        const old = await signIn(manager)
        clock.advance(200)
        const [theirs, mine] = await race.run(
          () => ask(machines[0], old, act),
          () => signIn(machines[1]),
        )
        if (theirs.status === 'rejected') {
          expect(theirs.reason).toEqual(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
        }
        const cookies = [old, theirs.status === 'fulfilled' ? theirs.value : '']
        for (const header of cookies) expect(await whose(manager, header)).toBeUndefined()
        expect(mine.status === 'fulfilled' && (await whose(manager, mine.value))).toBe('u1')
        expect(await manager.users.list('u1')).toHaveLength(1)
      })
    },
  )
})

describe('sessionsPerUser, whatever the store lists first', () => {
  const orders: [string, (keys: string[]) => string[]][] = [
    ['forwards', (keys) => keys],
    ['backwards', (keys) => keys.toReversed()],
  ]

  test.each(orders)(
    'evict ends what was seen longest ago, and leaves nothing of it: %s',
    async (_, order) => {
      const clock = fakeClock()
      const memory = memoryStore({ clock })
      const list = async (tag: string) => order((await memory.list?.(tag)) ?? [])
      const store = watchedStore({ ...memory, list })
      const sessionsPerUser = { max: 2, onExceed: 'evict' } as const
      const manager = createSessionManager({ secret, clock, store, sessionsPerUser })
      const first = await signIn(manager)
      clock.advance(1)
      const second = await signIn(manager)
      clock.advance(1)
      const third = await signIn(manager)
      const seen = await Promise.all([first, second, third].map((header) => whose(manager, header)))
      expect(seen).toEqual([undefined, 'u1', 'u1'])
      expect((await store.dump()).size).toBe(2)
    },
  )

  test('reject says how many there are, and how many may be', async () => {
    const { manager } = place({ max: 2, onExceed: 'reject' })
    await signIn(manager)
    await signIn(manager)
    await expect(signIn(manager)).rejects.toThrow(/^The user has 2 sessions, and 2 may be\.$/)
  })

  test.each(orders)('evict ends a session also under an id that it did not get: %s', async (_, order) => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const list = async (tag: string) => order((await memory.list?.(tag)) ?? [])
    const fault = breakable({ deletes: false })
    const store = { ...memory, list, ...fault.change(memory) }
    const sessionsPerUser = { max: 1, onExceed: 'evict' } as const
    const manager = createSessionManager({ secret, clock, store, sessionsPerUser })
    const first = await signIn(manager)
    fault.isBroken = true
    await expect(ask(manager, first, (session) => session.regenerate())).rejects.toThrow(SessionError)
    fault.isBroken = false
    expect(await manager.users.list('u1')).toHaveLength(2)
    const second = await signIn(manager)
    expect([await whose(manager, first), await whose(manager, second)]).toEqual([undefined, 'u1'])
    expect(await manager.users.list('u1')).toHaveLength(1)
  })
})
