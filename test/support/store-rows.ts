import { describe, expect, test } from 'vitest'
import {
  generateSecret,
  type SessionManager,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { type Answer, ask } from './bearer.ts'
import { type AnyData, site } from './site.ts'
import { requestWith } from './visitor.ts'
import { type WatchedStore, watchedStore } from './watched-store.ts'

/** What a store is expected to declare, and rows of the requirements hang on. */
export interface Promised {
  /** Reads see every write before them. */
  readonly strong: boolean
  /** Of two writes that race one wins. */
  readonly atomic: boolean
  /** It lists the sessions of a user. */
  readonly list: boolean
}

type Create = (clock: FakeClock) => SessionStore | Promise<SessionStore>
type Options = Partial<SessionManagerOptions<AnyData>>

/** Two machines on one store, with one secret and one clock. */
interface Place {
  readonly clock: FakeClock
  readonly store: WatchedStore
  readonly here: SessionManager<AnyData>
  readonly there: SessionManager<AnyData>
  /** The types and reasons of the events so far. */
  told(): string[]
}

const MINUTE = 60_000

/** The rows of requirements.md that concern a store, with sessions in this one. docs/conformance.md shows the results. */
export function describeSessionsIn(name: string, promised: Promised, create: Create): void {
  const placeOf = (options?: Options) => place(create, options)
  describe(`sessions in ${name}`, () => {
    identifiers(placeOf)
    ends(placeOf)
    timeouts(placeOf)
    trouble(placeOf, promised)
    if (promised.atomic) races(placeOf)
    if (promised.list) lists(placeOf)
    else noList(placeOf)
    if (promised.atomic && promised.strong) renewal(placeOf)
    else noRenewal(placeOf)
  })
}

type PlaceOf = (options?: Options) => Promise<Place>

/** The stores' servers go by the clock on the wall, so everything begins at its time. */
async function place(create: Create, options: Options = {}): Promise<Place> {
  const clock = fakeClock(Math.floor(Date.now() / 1000) * 1000)
  const store = watchedStore(await create(clock))
  const given: Options = { secret: generateSecret(), store, storeTimeout: 20, ...options }
  const [one, other] = [site<AnyData>(given, clock), site<AnyData>(given, clock)]
  const told = () =>
    [...one.events, ...other.events].map((event) =>
      'reason' in event ? `${event.type} ${event.reason}` : event.type,
    )
  return { clock, store, here: one.manager, there: other.manager, told }
}

/** Users of their own, since a server is shared. */
const newUser = () => crypto.randomUUID()

const signIn = async (manager: SessionManager<AnyData>, userId = newUser(), cookie = ''): Promise<string> =>
  (await ask(manager, cookie, (session) => session.signIn(userId))).cookie ?? ''

/** Whose session it opens on this machine. */
const whose = async (manager: SessionManager<AnyData>, cookie: string) =>
  (await manager.open(requestWith(`__Host-session=${cookie}`))).userId

const bump = ({ data }: { data: AnyData }) => {
  data.n = (data.n ?? 0) + 1
}

function identifiers(placeOf: PlaceOf): void {
  test('rows 5, 6: an id that is not there is not adopted, and creates nothing', async () => {
    const { here, there, store } = await placeOf()
    const gone = await signIn(here)
    const [key = ''] = store.places.keys()
    await store.delete(key)
    store.calls()
    expect(await whose(there, gone)).toBeUndefined()
    expect(store.calls()).toEqual(['get'])
    const { cookie } = await ask(there, gone, bump)
    expect(cookie).not.toBe(gone)
    expect(await store.get(key)).toBeNull()
  })

  test('row 9: nothing that is there opens a session', async () => {
    const { here, there, store } = await placeOf()
    const user = newUser()
    const cookie = await signIn(here, user)
    const found = [...(await store.dump())].flatMap(([key, { value }]) => [key, value])
    expect(found.length).toBeGreaterThan(0)
    for (const text of [...found, ...found.map(btoa)]) expect(await whose(there, text)).toBeUndefined()
    expect(found.join()).not.toContain(user)
    expect(await whose(there, cookie)).toBe(user)
  })

  test('row 10: a new record never overwrites one that is there', async () => {
    const { here, there, store } = await placeOf()
    const user = newUser()
    const cookie = await signIn(here, user)
    const [key = ''] = store.places.keys()
    expect(await store.create(key, 'another', { expiresAt: Date.now() + MINUTE })).toBeNull()
    expect(await whose(there, cookie)).toBe(user)
  })

  test('row 11: sign-in and re-authentication each give a new token, and the one before opens nothing', async () => {
    const { here, there } = await placeOf()
    const user = newUser()
    const anonymous = (await ask(here, '', bump)).cookie ?? ''
    const first = await signIn(here, user, anonymous)
    const second = (await ask(there, first, (session) => session.reauthenticate())).cookie ?? ''
    expect(new Set([anonymous, first, second]).size).toBe(3)
    for (const old of [anonymous, first]) expect((await ask(here, old)).userId).toBeUndefined()
    expect(await whose(here, second)).toBe(user)
  })

  test('row 12: a new id keeps the data, and leaves one session', async () => {
    const { here, there } = await placeOf()
    const user = newUser()
    const first = await signIn(here, user)
    await ask(here, first, bump)
    const moved = (await ask(there, first, (session) => session.regenerate())).cookie ?? ''
    const { userId, data } = await here.open(requestWith(`__Host-session=${moved}`))
    expect([userId, data]).toEqual([user, { n: 1 }])
    expect(await whose(here, first)).toBeUndefined()
  })
}

function ends(placeOf: PlaceOf): void {
  test('row 15: a sign-out ends the session for every copy of its cookie, on every machine', async () => {
    const { here, there } = await placeOf()
    const user = newUser()
    const cookie = await signIn(here, user)
    expect(await whose(there, cookie)).toBe(user)
    await ask(here, cookie, (session) => session.signOut())
    for (const machine of [here, there]) expect(await whose(machine, cookie)).toBeUndefined()
  })

  test('row 19: signing out twice is fine', async () => {
    const { here, there } = await placeOf()
    const cookie = await signIn(here)
    for (const machine of [here, there]) {
      const { response } = await ask(machine, cookie, (session) => session.signOut())
      expect(response.status).toBe(200)
    }
  })
}

function timeouts(placeOf: PlaceOf): void {
  const alive = async ({ here }: Place, cookie: string) => (await ask(here, cookie)).userId !== undefined

  test('rows 31, 35: the idle timeout holds to the second', async () => {
    const at = await placeOf({ idleTimeout: 1800, renewalTimeout: 0 })
    const cookie = await signIn(at.here)
    at.clock.advance(1799)
    expect(await alive(at, cookie)).toBe(true)
    at.clock.advance(1799)
    expect(await alive(at, cookie)).toBe(true)
    at.clock.advance(1800)
    expect(await alive(at, cookie)).toBe(false)
  })

  test('rows 32, 33: the absolute timeout holds, whatever the activity', async () => {
    const at = await placeOf({ idleTimeout: 1800, absoluteTimeout: 3600, renewalTimeout: 0 })
    const cookie = await signIn(at.here)
    for (let quarter = 1; quarter < 4; quarter++) {
      at.clock.advance(900)
      expect(await alive(at, cookie)).toBe(true)
    }
    at.clock.advance(900)
    expect(await alive(at, cookie)).toBe(false)
  })

  test('row 29: a new id moves no deadline, re-authentication moves both', async () => {
    const at = await placeOf({ idleTimeout: 1800, absoluteTimeout: 3600, renewalTimeout: 0 })
    const first = await signIn(at.here)
    at.clock.advance(1700)
    const moved = (await ask(at.here, first, (session) => session.regenerate())).cookie ?? ''
    at.clock.advance(1700)
    const whole = (await ask(at.here, moved, (session) => session.reauthenticate())).cookie ?? ''
    at.clock.advance(1700)
    expect(await alive(at, whole)).toBe(true)
    at.clock.advance(1700)
    expect(await alive(at, whole)).toBe(true)
    at.clock.advance(200)
    expect(await alive(at, whole)).toBe(false)
  })

  test('row 39: the store is given the deadline, and no later one than the absolute', async () => {
    const { here, clock, store } = await placeOf({
      idleTimeout: 1800,
      absoluteTimeout: 2400,
      renewalTimeout: 0,
    })
    const cookie = await signIn(here)
    const expiry = () => ([...store.places.values()][0]?.expiresAt ?? 0) - clock()
    expect(expiry()).toBe(1_800_000)
    clock.advance(1200)
    await ask(here, cookie)
    expect(expiry()).toBe(1_200_000)
  })
}

function trouble(placeOf: PlaceOf, { strong, atomic, list }: Promised): void {
  test('row 25: it declares how late its reads are, whether writes that race lose, and its list', async () => {
    const { store } = await placeOf()
    const { consistency, atomicUpdate, index } = store.capabilities
    expect([consistency === 'strong', atomicUpdate, index !== false]).toEqual([strong, atomic, list])
    if (consistency !== 'strong') expect(consistency.staleFor).toBeGreaterThan(0)
  })

  test('row 67: a record under the key of another session is refused', async () => {
    const { here, store } = await placeOf()
    const [ada, grace] = [await signIn(here), await signIn(here)]
    const [[keyOfAda = ''] = [], [, record] = []] = [...(await store.dump())]
    const { version = '' } = (await store.get(keyOfAda)) ?? {}
    const expiresAt = Date.now() + 30 * MINUTE
    expect(await store.update(keyOfAda, record?.value ?? '', { version, expiresAt })).not.toBeNull()
    expect((await ask(here, ada)).userId).toBeUndefined()
    expect((await ask(here, grace)).userId).toBeDefined()
  })

  test('row 88: what is there and no record of ours is anonymous, with an event', async () => {
    const { here, store, told } = await placeOf()
    const cookie = await signIn(here)
    const [key = ''] = store.places.keys()
    const { version = '' } = (await store.get(key)) ?? {}
    await store.update(key, '{"userId":"ada"}', { version, expiresAt: Date.now() + 30 * MINUTE })
    const { userId, response } = await ask(here, cookie)
    expect([userId, response.status]).toEqual([undefined, 200])
    expect(told()).toContain('reject undecodable')
  })
}

function races(placeOf: PlaceOf): void {
  /** Two requests that have both opened the session before either writes. */
  async function both(options: Options = {}) {
    const at = await placeOf({ renewalTimeout: 0, ...options })
    const cookie = await signIn(at.here)
    const request = () => requestWith(`__Host-session=${cookie}`)
    return { ...at, cookie, first: await at.here.open(request()), second: await at.there.open(request()) }
  }

  test('row 21: a request that began before the sign-out does not bring the session back', async () => {
    const { here, there, cookie, first, second } = await both()
    first.signOut()
    await here.commit(first)
    second.data.late = true
    await expect(there.commit(second)).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
    for (const machine of [here, there]) expect(await whose(machine, cookie)).toBeUndefined()
  })

  test('row 90: two requests that write at the same time both count', async () => {
    const { here, there, cookie, first, second } = await both()
    for (const session of [first, second]) session.update((data) => bump({ data }))
    first.data.one = 1
    second.data.two = 2
    await Promise.all([here.commit(first), there.commit(second)])
    const { data } = await here.open(requestWith(`__Host-session=${cookie}`))
    expect(data).toEqual({ n: 2, one: 1, two: 2 })
  })

  test('row 91: of two that change the id at the same time one wins, and one session is left', async () => {
    const { here, there, cookie, first, second } = await both()
    first.regenerate()
    second.regenerate()
    const settled = await Promise.allSettled([here.commit(first), there.commit(second)])
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lines = settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    const moved = lines.map((line) => line.slice(line.indexOf('=') + 1, line.indexOf(';')))
    expect(moved).toHaveLength(1)
    expect(await whose(here, moved[0] ?? '')).toBeDefined()
    expect((await ask(here, cookie)).userId).toBeUndefined()
  })
}

function lists(placeOf: PlaceOf): void {
  test('rows 22, 23: the sessions of a user end at once, all or all others, and nobody else’s', async () => {
    const { here, there } = await placeOf()
    const [user, other] = [newUser(), newUser()]
    const cookies = [await signIn(here, user), await signIn(there, user), await signIn(here, user)]
    const stranger = await signIn(here, other)
    const opened = await here.open(requestWith(`__Host-session=${cookies[0]}`))
    expect(await there.users.revokeAll(user, { except: opened })).toBe(2)
    const left = () => Promise.all(cookies.map((cookie) => whose(here, cookie)))
    expect(await left()).toEqual([user, undefined, undefined])
    expect(await there.users.revokeAll(user)).toBe(1)
    expect(await left()).toEqual([undefined, undefined, undefined])
    expect(await whose(there, stranger)).toBe(other)
  })

  test('row 24: a user’s sessions are listed, and one of them can be ended', async () => {
    const { here, there } = await placeOf()
    const user = newUser()
    const cookies = [await signIn(here, user), await signIn(there, user)]
    const listed = await here.users.list(user)
    expect(listed).toHaveLength(2)
    expect(cookies.filter((cookie) => JSON.stringify(listed).includes(cookie))).toEqual([])
    const { id } = await here.open(requestWith(`__Host-session=${cookies[0]}`))
    expect(await there.users.revoke(id, newUser())).toBe(false)
    expect(await there.users.revoke(id, user)).toBe(true)
    expect(await Promise.all(cookies.map((cookie) => whose(here, cookie)))).toEqual([undefined, user])
  })

  test('row 26: one sign-in too many is refused, or ends the session seen longest ago', async () => {
    const user = newUser()
    const strict = await placeOf({ sessionsPerUser: { max: 1, onExceed: 'reject' } })
    await signIn(strict.here, user)
    const refused = ask(strict.there, '', (session) => session.signIn(user))
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' })

    const { here, there, clock } = await placeOf({ sessionsPerUser: { max: 2, onExceed: 'evict' } })
    const cookies: string[] = []
    for (const machine of [here, there, here]) {
      cookies.push(await signIn(machine, user))
      clock.advance(1)
    }
    expect(await Promise.all(cookies.map((cookie) => whose(here, cookie)))).toEqual([undefined, user, user])
  })
}

function noList(placeOf: PlaceOf): void {
  test('rows 22, 23, 24: refused with a sentence, as there is no list', async () => {
    const { here } = await placeOf()
    for (const call of [() => here.users.list('ada'), () => here.users.revokeAll('ada')]) {
      await expect((async () => call())()).rejects.toThrow(TypeError)
    }
  })

  test('row 26: refused with a sentence, as there is no list', async () => {
    await expect(placeOf({ sessionsPerUser: { max: 1, onExceed: 'reject' } })).rejects.toThrow(TypeError)
  })
}

function renewal(placeOf: PlaceOf): void {
  const TIMES: Options = { idleTimeout: 86_400, renewalTimeout: 900, renewalGrace: 60 }

  /** A session whose token has been renewed once, the new one confirmed on another machine. */
  async function renewed() {
    const at = await placeOf(TIMES)
    const user = newUser()
    const old = await signIn(at.here, user)
    at.clock.advance(901)
    const { cookie: next }: Answer = await ask(at.here, old)
    expect(await whose(at.there, old)).toBe(user)
    expect((await ask(at.there, next ?? '')).userId).toBe(user)
    return { ...at, user, old, next: next ?? '' }
  }

  test('row 27: a renewed token is confirmed by its first use, and the old one serves within the grace', async () => {
    const { here, clock, user, old, next, told } = await renewed()
    expect(next).not.toBe(old)
    expect(told()).toContain('renew')
    clock.advance(59)
    expect(await whose(here, old)).toBe(user)
    expect(await whose(here, next)).toBe(user)
  })

  test('row 27: an old token that comes after the grace ends the session for both', async () => {
    const { here, there, clock, old, next, told } = await renewed()
    clock.advance(61)
    expect((await ask(here, old)).userId).toBeUndefined()
    expect((await ask(there, next)).userId).toBeUndefined()
    expect(told()).toContain('reject reused')
  })
}

function noRenewal(placeOf: PlaceOf): void {
  test('row 27: refused with a sentence, as reads may be late or writes may be lost', async () => {
    await expect(placeOf({ renewalTimeout: 900 })).rejects.toThrow(TypeError)
  })
}
