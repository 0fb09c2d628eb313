import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  SessionError,
  type SessionManager,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock, laggingStore } from 'wafer-session/testing'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'

/** Seconds. */
const MAX_AGE = 30
const STALE_FOR = 60
/**
 * A revocation comes so many seconds after the sign-in: around what the two numbers above make of it, and in between. No
 * fault was found that shows in other seconds alone.
 */
const SECONDS = [0, 1, 2, 5, 9, 15, 22, 28, 29, 30, 31, 32, 38, 45, 52, 58, 59, 60]

/** Two places of one network, each of which reads the marks as they were up to 60 seconds ago. */
interface World {
  readonly clock: FakeClock
  readonly places: readonly [SessionManager, SessionManager]
  /** Seconds after which nothing that was revoked opens. */
  readonly bound: number
}

const secret = generateSecret()

function world(network: (clock: FakeClock) => SessionStore, seesOwnWrites = true): World {
  const clock = fakeClock()
  const store = network(clock)
  const place = () => {
    const revocations = laggingStore(store, { clock, staleFor: STALE_FOR, seesOwnWrites })
    return managerWith(clock, { revocations, revocationMaxAge: MAX_AGE })
  }
  return { clock, places: [place(), place()], bound: MAX_AGE + STALE_FOR }
}

/** The same with the sessions themselves in such a store. */
function worldOfRecords(): World {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  const place = () => managerWith(clock, { store: laggingStore(memory, { clock, staleFor: STALE_FOR }) })
  return { clock, places: [place(), place()], bound: STALE_FOR }
}

function managerWith(clock: FakeClock, options: Partial<SessionManagerOptions>): SessionManager {
  return createSessionManager({ secret, clock, ...options })
}

const atomic = (clock: FakeClock): SessionStore => memoryStore({ clock })

/** As Workers KV: of two writes the last one stays, whatever it was made from. */
function lastWriteWins(clock: FakeClock): SessionStore {
  const memory = memoryStore({ clock })
  const put: SessionStore['create'] = async (key, value, { expiresAt }) => {
    await memory.delete(key)
    return memory.create(key, value, { expiresAt })
  }
  return {
    ...memory,
    capabilities: { consistency: 'strong', atomicUpdate: false, index: false },
    create: put,
    update: put,
  }
}

/** What ends the victim's session, and where. */
type Revocation = (world: World, cookie: string, id: string) => Promise<unknown>

const OF_ONE_SESSION: Record<string, Revocation> = {
  'the victim signs out': ({ places: [here] }, cookie) =>
    visitWith(here, cookie, (session) => session.signOut()),
  'the victim signs in anew over it': ({ places: [here] }, cookie) =>
    visitWith(here, cookie, (session) => session.signIn('victim')),
  'the victim re-authenticates': ({ places: [here] }, cookie) =>
    visitWith(here, cookie, (session) => session.reauthenticate()),
  'an admin elsewhere revokes the session': ({ places: [, there] }, _, id) =>
    there.users.revoke(id, 'victim'),
}

const OF_ALL: Record<string, Revocation> = {
  'the victim revokes everything': ({ places: [here] }) => here.users.revokeAll('victim'),
  'the victim re-authenticates and revokes everything else': ({ places: [here] }, cookie) =>
    visitWith(here, cookie, async (session) => {
      session.reauthenticate()
      await here.users.revokeAll('victim', { except: session })
    }),
  'an admin elsewhere revokes everything': ({ places: [, there] }) => there.users.revokeAll('victim'),
}

/** Of the sessions before this one. */
const OF_OLDER: Record<string, Revocation> = {
  'the victim revokes everything else': ({ places: [here] }, cookie) =>
    visitWith(here, cookie, (session) => here.users.revokeAll('victim', { except: session })),
}

/** Someone with a copy of the cookie: he keeps whatever he gets for it. */
class Thief {
  readonly cookies: string[]
  readonly #random: () => number
  /** He was let in after it was over: the bound is put to the test. */
  lateEntries = 0

  constructor(copies: readonly string[], random: () => number) {
    this.cookies = [...copies]
    this.#random = random
  }

  async act({ places }: World, over: boolean): Promise<void> {
    const place = places[this.#random() % 2] as SessionManager
    const cookie = this.#random() % 2 === 0 ? this.cookies.at(-1) : this.#any()
    const action = this.#random() % 5
    const kept = await visitWith(place, cookie as string, async (session) => {
      if (session.userId !== 'victim') return
      if (over) this.lateEntries++
      if (action === 0) session.regenerate()
      if (action === 1) session.data.n = this.#random()
      if (action === 2) await place.users.revokeAll('victim', { except: session })
      if (action === 3) await session.commit()
    }).catch((error: unknown) => {
      if (error instanceof SessionError && error.code === 'ERR_SESSION_ENDED') return cookie as string
      throw error
    })
    if (!this.cookies.includes(kept)) this.cookies.push(kept)
  }

  #any(): string | undefined {
    return this.cookies[this.#random() % this.cookies.length]
  }
}

/** Which cookies the thief has a copy of. */
type Loot = (older: string, own: string) => readonly string[]

/** Runs one schedule: whose sessions the thief's cookies still open in either place when the bound is over. */
async function outcome(here: World, loot: Loot, revoke: Revocation, revokedAfter: number, seed: number) {
  const { clock, places, bound } = here
  const random = randomFrom(seed)
  const older = await visitWith(places[1], '', (session) => session.signIn('victim'))
  clock.advance(1)
  let victim = await visitWith(places[0], '', (session) => session.signIn('victim'))
  const { id } = await places[0].open(requestWith(victim))
  const thief = new Thief(loot(older, victim), random)
  const revocation = clock() + revokedAfter * 1000
  const end = revocation + bound * 1000
  let over = false
  for (let next = clock(); next < end; next += (1 + (random() % 9)) * 1000) {
    if (!over && next >= revocation) {
      clock.set(revocation)
      await revoke(here, victim, id)
      over = true
    }
    clock.set(next)
    if (!over) victim = await visitWith(places[0], victim, () => {})
    await thief.act(here, over)
  }
  clock.set(end)
  const opened = await Promise.all(
    thief.cookies.map((cookie, i) => whoseIs(places[i % 2] as SessionManager, cookie)),
  )
  return { opened: opened.filter((user) => user !== undefined), lateEntries: thief.lateEntries }
}

/** The same numbers for the same seed (xorshift32). */
function randomFrom(seed: number): () => number {
  let state = (seed + 1) * 0x9e3779b1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 1
  }
}

async function expectBound(newWorld: () => World, loot: Loot, revoke: Revocation): Promise<void> {
  let lateEntries = 0
  for (const second of SECONDS) {
    for (const seed of [second, 1000 + second]) {
      const result = await outcome(newWorld(), loot, revoke, second, seed)
      expect({ second, seed, opened: result.opened }).toEqual({ second, seed, opened: [] })
      lateEntries += result.lateEntries
    }
  }
  // He was let in meanwhile: these stores are as late as they may be.
  expect(lateEntries).toBeGreaterThan(SECONDS.length)
}

describe.each([
  ['atomic', atomic, true],
  ['last write wins', lastWriteWins, true],
  ['last write wins, also its own writes are read late', lastWriteWins, false],
])('row 25: with marks that are read late (%s) nothing opens after the bound when', (_, store, seesOwn) => {
  const newWorld = () => world(store, seesOwn)

  test.each(Object.entries(OF_ONE_SESSION))(
    '%s',
    (_, revoke) => expectBound(newWorld, (_older, own) => [own], revoke),
    60_000,
  )

  test.each(Object.entries(OF_ALL))(
    '%s',
    (_, revoke) => expectBound(newWorld, (older, own) => [own, older], revoke),
    60_000,
  )
})

test.each(Object.entries(OF_OLDER))(
  'row 25: with marks that are read late (atomic) nothing older opens after the bound when %s',
  (_, revoke) =>
    expectBound(
      () => world(atomic, true),
      (older) => [older],
      revoke,
    ),
  60_000,
)

/** The others want a session that is still the victim's: by regenerating it the thief has made it his. */
test.each(['the victim signs out', 'an admin elsewhere revokes the session'])(
  'rows 15, 25: of sessions in a store that is read late nothing opens after its bound when %s',
  (name) => expectBound(worldOfRecords, (_, own) => [own], OF_ONE_SESSION[name] as Revocation),
  60_000,
)
