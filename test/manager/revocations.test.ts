import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  SessionError,
  type SessionEvent,
  type SessionManager,
  type SessionManagerOptions,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock, laggingStore } from 'wafer-session/testing'
import { application, cookieValue, requestWith, visitWith, whoseIs } from '../support/visitor.ts'
import { type WatchedStore, watchedStore } from '../support/watched-store.ts'

/** The default of revocationMaxAge, in seconds. */
const BOUND = 60

interface Place {
  readonly manager: SessionManager
  readonly clock: FakeClock
  readonly marks: WatchedStore
  readonly events: SessionEvent[]
  readonly options: SessionManagerOptions
  /** A new session of this user: its Cookie header. */
  signIn(userId?: string): Promise<string>
}

/** A manager of sealed cookies that can be revoked. */
function revocable(given: Partial<SessionManagerOptions> & { clock?: FakeClock } = {}): Place {
  const { clock = fakeClock() } = given
  const marks = watchedStore(given.revocations ?? memoryStore({ clock }))
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => events.push(event)
  const options = { secret: generateSecret(), onEvent, ...given, clock, revocations: marks }
  const manager = createSessionManager(options)
  const signIn = (userId = 'u1') => visitWith(manager, '', (session) => session.signIn(userId))
  return { manager, clock, marks, events, options, signIn }
}

/** Whose session each cookie opens. */
function whose(manager: SessionManager, ...cookies: string[]): Promise<(string | undefined)[]> {
  return Promise.all(cookies.map((cookie) => whoseIs(manager, cookie)))
}

async function idOf(manager: SessionManager, cookie: string): Promise<string> {
  return (await manager.open(requestWith(cookie))).id
}

/** A copy of a cookie that is over opens to the last moment of the bound, and not after. */
async function expectDueAtBound({ manager, clock, events }: Place, copy: string): Promise<void> {
  const checkedAt = clock()
  expect(await whoseIs(manager, copy)).toBe('u1')
  clock.set(checkedAt + BOUND * 1000 - 1)
  expect(await whoseIs(manager, copy)).toBe('u1')
  clock.set(checkedAt + BOUND * 1000)
  expect(await whoseIs(manager, copy)).toBeUndefined()
  expect(events.at(-1)).toMatchObject({ type: 'reject', reason: 'revoked', userId: 'u1' })
}

describe('a copy of a sealed cookie is refused once a check is due, after', () => {
  test('rows 15, 16: a sign-out', async () => {
    const place = revocable()
    const cookie = await place.signIn()
    expect(await visitWith(place.manager, cookie, (session) => session.signOut())).toBe('')
    await expectDueAtBound(place, cookie)
  })

  test.each(['u1', 'u2'])('row 11: a sign-in over it as %s', async (next) => {
    const place = revocable()
    const cookie = await place.signIn()
    const own = await visitWith(place.manager, cookie, (session) => session.signIn(next))
    await expectDueAtBound(place, cookie)
    expect(await whoseIs(place.manager, own)).toBe(next)
  })

  test('row 11: reauthenticate, and no other session of the user is', async () => {
    const place = revocable()
    const other = await place.signIn()
    const cookie = await place.signIn()
    place.clock.advance(1)
    const copies = [cookie, await visitWith(place.manager, cookie, (session) => session.regenerate())]
    const own = await visitWith(place.manager, copies[1] as string, (session) => session.reauthenticate())
    place.clock.advance(BOUND)
    expect(await whose(place.manager, ...copies, own, other)).toEqual([undefined, undefined, 'u1', 'u1'])
  })

  test('row 11: reauthenticate within the millisecond of the sign-in', async () => {
    const { manager, clock, signIn } = revocable()
    const cookie = await signIn()
    const own = await visitWith(manager, cookie, (session) => session.reauthenticate())
    clock.advance(BOUND)
    expect(await whose(manager, cookie, own)).toEqual([undefined, 'u1'])
  })

  test('row 11: reauthenticate on a machine whose clock is behind', async () => {
    const place = revocable()
    place.clock.advance(30)
    const cookie = await place.signIn()
    place.clock.advance(-30)
    const own = await visitWith(place.manager, cookie, (session) => session.reauthenticate())
    place.clock.advance(30 + BOUND)
    expect(await whose(place.manager, cookie, own)).toEqual([undefined, 'u1'])
  })

  test('row 24: users.revoke, by this id or an older one of the session', async () => {
    const place = revocable()
    const old = await place.signIn()
    const other = await place.signIn()
    const id = await idOf(place.manager, old)
    const cookie = await visitWith(place.manager, old, (session) => session.regenerate())
    expect(await idOf(place.manager, cookie)).not.toBe(id)
    expect(await place.manager.users.revoke(id, 'u1')).toBe(true)
    await expectDueAtBound(place, cookie)
    expect(await whose(place.manager, old, other)).toEqual([undefined, 'u1'])
  })

  test('row 22: users.revokeAll, on every device and for no other user', async () => {
    const { manager, clock, signIn } = revocable()
    const cookies = [await signIn(), await signIn(), await signIn()]
    const other = await signIn('u2')
    clock.advance(1)
    expect(await manager.users.revokeAll('u1')).toBeUndefined()
    expect(await whose(manager, ...cookies)).toEqual(['u1', 'u1', 'u1'])
    clock.advance(BOUND)
    expect(await whose(manager, ...cookies, other)).toEqual([undefined, undefined, undefined, 'u2'])
  })

  test('a revocation from which it was regenerated: its new ids die with it', async () => {
    const { manager, clock, signIn } = revocable()
    const cookie = await signIn()
    await visitWith(manager, cookie, (session) => session.signOut())
    const escaped = await visitWith(manager, cookie, (session) => session.regenerate())
    expect(await whoseIs(manager, escaped)).toBe('u1')
    clock.advance(BOUND)
    expect(await whose(manager, cookie, escaped)).toEqual([undefined, undefined])
  })
})

describe('the bound holds', () => {
  test.each([1, 30, 300])('for a revocationMaxAge of %i', async (revocationMaxAge) => {
    const { manager, clock, signIn } = revocable({ revocationMaxAge })
    const cookie = await signIn()
    await manager.users.revokeAll('u1')
    clock.advance(revocationMaxAge - 1)
    expect(await whoseIs(manager, cookie)).toBe('u1')
    clock.advance(1)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test('though a handler takes its time between signIn and the response', async () => {
    const { manager, clock } = revocable()
    const cookie = await visitWith(manager, '', async (session) => {
      session.signIn('u1')
      clock.advance(5)
      await manager.users.revokeAll('u1')
      clock.advance(40)
    })
    clock.advance(BOUND - 45 - 1)
    expect(await whoseIs(manager, cookie)).toBe('u1')
    clock.advance(1)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test('though the revoked session is re-authenticated before the check', async () => {
    const { manager, clock, signIn } = revocable()
    const cookie = await signIn()
    await manager.users.revoke(await idOf(manager, cookie), 'u1')
    clock.advance(BOUND - 1)
    const stronger = await visitWith(manager, cookie, (session) => session.reauthenticate())
    clock.advance(1)
    expect(await whose(manager, cookie, stronger)).toEqual([undefined, undefined])
  })

  test('though a request is kept open', async () => {
    const { manager, clock, signIn } = revocable()
    const cookie = await signIn()
    const late = await visitWith(manager, cookie, async (session) => {
      await manager.users.revokeAll('u1')
      clock.advance(BOUND)
      session.data.n = 1
    })
    expect(late).not.toBe(cookie)
    expect(await whoseIs(manager, late)).toBeUndefined()
  })
})

describe('users.revokeAll', () => {
  test('row 23: with except this session lives on, and what authenticated before it does not', async () => {
    const { manager, clock, signIn } = revocable()
    const older = await signIn()
    clock.advance(1)
    const own = await signIn()
    clock.advance(1)
    const younger = await signIn()
    await visitWith(manager, own, (session) => manager.users.revokeAll('u1', { except: session }))
    clock.advance(BOUND)
    expect(await whose(manager, older, own, younger)).toEqual([undefined, 'u1', 'u1'])
  })

  test('row 23: with except after re-authentication no other session lives on', async () => {
    const { manager, clock, signIn } = revocable()
    const own = await signIn()
    clock.advance(1)
    const younger = await signIn()
    clock.advance(1)
    const kept = await visitWith(manager, own, async (session) => {
      session.reauthenticate()
      await manager.users.revokeAll('u1', { except: session })
    })
    clock.advance(BOUND)
    expect(await whose(manager, own, younger, kept)).toEqual([undefined, undefined, 'u1'])
  })

  test('with except wants a session of this user, authenticated within 300 seconds', async () => {
    const { manager, clock, signIn, marks } = revocable()
    const cookie = await signIn()
    const stranger = await manager.open(requestWith(await signIn('u2')))
    const session = await manager.open(requestWith(cookie))
    const anonymous = await manager.open(requestWith(''))
    clock.advance(300)
    await expect(manager.users.revokeAll('u1', { except: session })).resolves.toBeUndefined()
    clock.advance(0.001)
    marks.calls()
    for (const except of [session, session.id, stranger, anonymous, '', null as never, {} as never]) {
      const refused = manager.users.revokeAll('u1', { except })
      await expect(refused).rejects.toThrow(TypeError)
      await expect(refused).rejects.toThrow(
        'wants a session of this user, authenticated within the last 300 seconds.',
      )
    }
    expect(marks.calls()).toEqual([])
  })

  test('whoever signs in within its millisecond does so before or after it', async () => {
    const { manager, clock, signIn } = revocable()
    const before = await signIn()
    const [pending, atWork] = await Promise.all([
      manager.open(requestWith('')),
      manager.open(requestWith('')),
    ])
    pending.signIn('u1')
    await manager.users.revokeAll('u1')
    atWork.signIn('u1')
    const lines = await Promise.all([manager.commit(pending), manager.commit(atWork)])
    const [early, late] = lines.map(([line = '']) => line.slice(0, line.indexOf(';'))) as [string, string]
    const after = await signIn()
    clock.advance(BOUND)
    expect(await whose(manager, before, early, late, after)).toEqual([undefined, undefined, 'u1', 'u1'])
  })

  test('a sign-in that began long before it does not survive it', async () => {
    const { manager, clock } = revocable()
    const cookie = await visitWith(manager, '', async (session) => {
      session.signIn('u1')
      clock.advance(10)
      await manager.users.revokeAll('u1')
    })
    clock.advance(BOUND)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test('a clock that is set back after it keeps nobody from signing in', async () => {
    const { manager, clock, signIn } = revocable()
    await manager.users.revokeAll('u2')
    clock.advance(-3600)
    expect(await whoseIs(manager, await signIn())).toBe('u1')
  })

  test.each(['', undefined, 7])('refuses the user id %j', async (userId) => {
    const { manager, marks } = revocable()
    await expect(manager.users.revokeAll(userId as string)).rejects.toThrow(TypeError)
    expect(marks.calls()).toEqual([])
  })
})

describe('users.revoke', () => {
  test('does nothing to the session of another user', async () => {
    const { manager, clock, signIn } = revocable()
    const cookie = await signIn()
    await manager.users.revoke(await idOf(manager, cookie), 'u2')
    clock.advance(BOUND)
    expect(await whoseIs(manager, cookie)).toBe('u1')
  })

  test.each(['', 'x', '../../u1', 'A'.repeat(23), undefined, null, 7])(
    'answers %j with false',
    async (id) => {
      const { manager, marks } = revocable()
      expect(await manager.users.revoke(id as string, 'u1')).toBe(false)
      expect(marks.calls()).toEqual([])
    },
  )
})

test('users.list says that with revocations nothing knows the sessions', async () => {
  await expect(revocable().manager.users.list('u1')).rejects.toThrow(
    /users\.list\(\) needs sessions in a store/,
  )
})

describe('revocation marks only grow', () => {
  test('a later, lower one changes nothing', async () => {
    const { manager, clock, marks, signIn } = revocable()
    const own = await manager.open(requestWith(await signIn()))
    clock.advance(10)
    const cookie = await signIn()
    await manager.users.revokeAll('u1')
    const before = await marks.dump()
    await manager.users.revokeAll('u1', { except: own })
    expect(await marks.dump()).toEqual(before)
    clock.advance(BOUND)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test('a sign-out is not undone by a re-authentication', async () => {
    const { manager, clock, signIn } = revocable()
    const cookie = await signIn()
    clock.advance(10)
    await visitWith(manager, cookie, (session) => session.signOut())
    const other = await visitWith(manager, cookie, (session) => session.reauthenticate())
    clock.advance(BOUND)
    expect(await whose(manager, cookie, other)).toEqual([undefined, undefined])
  })

  test.each([true, false])(
    'of two raised at the same time the higher stays; higher first: %s',
    async (first) => {
      const clock = fakeClock()
      const memory = memoryStore({ clock })
      const asked: (() => void)[] = []
      // Both have seen that nothing is there before either writes.
      const gated = {
        ...memory,
        async get(key: string) {
          const found = await memory.get(key)
          if (asked.length < 2) {
            await new Promise<void>((resolve) => {
              asked.push(resolve)
              if (asked.length === 2) for (const go of first ? asked : asked.toReversed()) go()
            })
          }
          return found
        },
      }
      const place = revocable({ clock, revocations: gated })
      const twin = createSessionManager(place.options)
      const session = await place.manager.open(requestWith(await place.signIn()))
      clock.advance(5)
      const victim = await place.signIn()
      await Promise.all([
        place.manager.users.revokeAll('u1'),
        twin.users.revokeAll('u1', { except: session as never }),
      ])
      clock.advance(BOUND)
      expect(await whoseIs(place.manager, victim)).toBeUndefined()
    },
  )

  test('what others keep from being written is an error, never silence', async () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const { manager, signIn } = revocable({
      clock,
      revocations: { ...memory, create: async () => null },
    })
    const cookie = await signIn()
    await expect(manager.users.revokeAll('u1')).rejects.toMatchObject({ code: 'ERR_SESSION_CONFLICT' })
    const session = await manager.open(requestWith(cookie))
    session.signOut()
    await expect(manager.commit(session)).rejects.toMatchObject({ code: 'ERR_SESSION_CONFLICT' })
  })
})

describe('a check', () => {
  test('is one batch read, of signed-in users, and none before it is due', async () => {
    const { manager, clock, marks, signIn } = revocable()
    const cookie = await signIn()
    const anonymous = await visitWith(manager, '', (session) => {
      session.data.n = 1
    })
    expect(marks.calls()).toEqual([])
    clock.advance(BOUND - 1)
    await whose(manager, cookie, anonymous, '')
    expect(marks.calls()).toEqual([])
    clock.advance(1)
    await whose(manager, anonymous, '', 'garbage')
    expect(marks.calls()).toEqual([])
    expect(await whoseIs(manager, cookie)).toBe('u1')
    expect(marks.calls()).toEqual(['getMany'])
  })

  test('seals the cookie again, so that the next one is due that much later', async () => {
    // Activity is recorded every hour, and does not seal it in between.
    const { manager, clock, marks, signIn } = revocable({ idleTimeout: 36_000 })
    let cookie = await signIn()
    for (let round = 0; round < 3; round++) {
      clock.advance(BOUND)
      const checked = await visitWith(manager, cookie, () => {})
      expect(checked).not.toBe(cookie)
      expect(marks.calls()).toEqual(['getMany'])
      clock.advance(BOUND - 1)
      expect(await visitWith(manager, checked, () => {})).toBe(checked)
      expect(marks.calls()).toEqual([])
      cookie = checked
    }
  })

  test('is not put off by data, regenerate or a response that failed', async () => {
    const { manager, clock, marks, signIn } = revocable()
    let cookie = await signIn()
    clock.advance(BOUND - 1)
    cookie = await visitWith(manager, cookie, (session) => {
      session.data.n = 1
    })
    cookie = await visitWith(manager, cookie, (session) => session.regenerate())
    clock.advance(1)
    const session = await manager.open(requestWith(cookie))
    const failed = await manager.respond(session, new Response('no', { status: 500 }))
    expect(failed.headers.getSetCookie()).toEqual([])
    marks.calls()
    await whoseIs(manager, cookie)
    expect(marks.calls()).toEqual(['getMany'])
  })

  test('in the future counts as due', async () => {
    const { manager, clock, marks, signIn } = revocable()
    clock.advance(30)
    const cookie = await signIn()
    clock.advance(-1)
    expect(await whoseIs(manager, cookie)).toBe('u1')
    expect(marks.calls()).toEqual(['getMany'])
    clock.advance(1)
    await whoseIs(manager, cookie)
    expect(marks.calls()).toEqual([])
  })

  test('is due for a cookie from before there were revocations', async () => {
    const { manager, clock, marks, options } = revocable()
    const plain = createSessionManager({ ...options, revocations: undefined })
    const cookie = await visitWith(plain, '', (session) => session.signIn('u1'))
    expect(await whoseIs(manager, cookie)).toBe('u1')
    expect(marks.calls()).toEqual(['getMany'])
    clock.advance(1)
    await manager.users.revokeAll('u1')
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test('reads key by key where the store has no batch', async () => {
    const clock = fakeClock()
    const { getMany: _, ...single } = memoryStore({ clock })
    const { manager, signIn } = revocable({ clock, revocations: single })
    const cookie = await signIn()
    await manager.users.revokeAll('u1')
    clock.advance(BOUND)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test('refuses for a mark that is no number', async () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const { manager, signIn } = revocable({
      clock,
      revocations: {
        ...memory,
        getMany: async (keys) => keys.map(() => ({ value: 'garbage', version: '1' })),
      },
    })
    const cookie = await signIn()
    clock.advance(BOUND)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test.each<[what: string, value: unknown]>([
    ['a text', 'garbage'],
    ['a number rather than its digits', 17],
    ['nothing', undefined],
  ])('is in no place of a mark that reads as %s: an outage, and what it ended stays so', async (_, value) => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    let isBroken = false
    const get = async (key: string) => {
      const found = await memory.get(key)
      return isBroken && found !== null ? { ...found, value: value as string } : found
    }
    const { manager, signIn } = revocable({ clock, revocations: { ...memory, get } })
    const cookie = await signIn()
    await visitWith(manager, cookie, (session) => session.signOut())
    await manager.users.revokeAll('u2')
    isBroken = true
    clock.advance(1)
    const outage = expect.objectContaining({ code: 'ERR_SESSION_STORE' })
    const later = visitWith(manager, cookie, (session) => session.reauthenticate())
    await expect(later).rejects.toEqual(outage)
    await expect(manager.users.revokeAll('u2')).rejects.toEqual(outage)
    clock.advance(BOUND)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })
})

describe('a check that fails', () => {
  function failing(given: Partial<SessionManagerOptions> = {}) {
    const clock = fakeClock()
    const trouble = { on: false }
    const memory = memoryStore({ clock })
    const getMany: typeof memory.getMany = async (keys) => {
      if (trouble.on) throw new Error('secret detail of the store')
      return memory.getMany?.(keys) ?? []
    }
    return { ...revocable({ ...given, clock, revocations: { ...memory, getMany } }), trouble }
  }

  test('row 84: is 503, opaque, and no cookie', async () => {
    const { manager, clock, signIn, trouble, events } = failing()
    const cookie = await signIn()
    trouble.on = true
    clock.advance(BOUND - 1)
    expect(await whoseIs(manager, cookie)).toBe('u1')
    clock.advance(1)
    const error: unknown = await manager.open(requestWith(cookie)).catch((reason) => reason)
    expect(error).toBeInstanceOf(SessionError)
    const response = (error as SessionError).getResponse()
    expect([response.status, await response.text()]).toEqual([503, 'Service Unavailable'])
    expect([response.headers.get('Retry-After'), response.headers.getSetCookie()]).toEqual(['5', []])
    expect(events.at(-1)).toMatchObject({ type: 'store-error', operation: 'getMany' })
    expect(await whose(manager, '', 'garbage')).toEqual([undefined, undefined])
    trouble.on = false
    expect(await whoseIs(manager, cookie)).toBe('u1')
  })

  test('with onStoreError anonymous leaves a visitor who can change nothing', async () => {
    const { manager, clock, signIn, trouble } = failing({ onStoreError: 'anonymous' })
    const cookie = await signIn()
    trouble.on = true
    clock.advance(BOUND)
    const session = await manager.open(requestWith(cookie))
    expect([session.userId, session.isNew, session.data]).toEqual([undefined, true, {}])
    const changes = [
      () => session.signIn('u2'),
      () => session.signOut(),
      () => session.regenerate(),
      () => session.flash('a', 1),
      () => session.update(() => {}),
      () => {
        session.data.n = 1
      },
    ]
    for (const change of changes) {
      expect(change).toThrow(expect.objectContaining({ code: 'ERR_SESSION_STORE' }))
    }
    await expect(session.requireAuthoritative()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    expect(await manager.commit(session)).toEqual([])
  })
})

describe('a mark', () => {
  test.each([
    ['a strong store', {}, 0, 86_400],
    ['a long remember', { remember: { idleTimeout: 86_400, absoluteTimeout: 2_592_000 } }, 0, 2_592_000],
    ['a lagging store', {}, 45, 86_400],
  ])('lives longer than anything that it refuses: %s', async (_, given, staleFor, longest) => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const revocations = staleFor > 0 ? laggingStore(memory, { clock, staleFor }) : memory
    const { manager, marks, signIn } = revocable({ ...given, clock, revocations, revocationMaxAge: 30 })
    const cookie = await signIn()
    await manager.users.revokeAll('u1')
    await visitWith(manager, cookie, (session) => session.signOut())
    const lives = [...marks.places.values()].map(({ expiresAt }) => (expiresAt - clock()) / 1000)
    expect(lives).toEqual([longest + 30 + staleFor + 60, longest + 30 + staleFor + 60])
  })

  test('holds to the last second of a remembered session', async () => {
    const remember = { idleTimeout: 2_592_000, absoluteTimeout: 2_592_000 }
    const { manager, clock } = revocable({ remember })
    const cookie = await visitWith(manager, '', (session) => session.signIn('u1', { remember: true }))
    const stranger = await visitWith(manager, '', (session) => session.signIn('u2', { remember: true }))
    await manager.users.revokeAll('u1')
    clock.advance(2_592_000 - 1)
    expect(await whose(manager, cookie, stranger)).toEqual([undefined, 'u2'])
  })

  test('is found and grows after the secrets have rotated', async () => {
    const [old, fresh] = [generateSecret(), generateSecret()]
    const { clock, options, manager, signIn } = revocable({ secret: [old, fresh] })
    const cookies = [await signIn(), await signIn(), await signIn('u2')] as const
    clock.advance(1)
    await visitWith(manager, cookies[0], (session) => session.signOut())
    await manager.users.revokeAll('u2')
    const rotated = createSessionManager({ ...options, secret: [fresh, old] })
    clock.advance(BOUND)
    expect(await whose(rotated, ...cookies)).toEqual([undefined, 'u1', undefined])
    await rotated.users.revokeAll('u1')
    clock.advance(BOUND)
    expect(await whose(manager, ...cookies)).toEqual([undefined, undefined, undefined])
  })

  test('shows nobody: the store has no user id, no session id and no cookie', async () => {
    const { manager, clock, marks, signIn } = revocable()
    const userId = 'ada.lovelace@example.test'
    const cookie = await signIn(userId)
    const id = await idOf(manager, cookie)
    clock.advance(1)
    await manager.users.revokeAll(userId)
    const other = await visitWith(manager, cookie, (session) => session.reauthenticate())
    await visitWith(manager, other, (session) => session.signOut())
    await manager.users.revoke(id, userId)
    const dump = JSON.stringify([...(await marks.dump())])
    const told = [userId, 'ada', btoa(userId), id, id.slice(0, 10), cookieValue(cookie), cookieValue(other)]
    for (const secret of told) expect(dump).not.toContain(secret)
    for (const { tags = [] } of marks.places.values()) expect(tags).toEqual([])
    for (const [key, { value }] of await marks.dump()) {
      expect([key, value]).toEqual([expect.stringMatching(/^[\w-]{22}$/), expect.stringMatching(/^\d+$/)])
      for (const form of [key, value])
        expect(await whoseIs(manager, `__Host-session=${form}`)).toBeUndefined()
    }
  })
})

test('two managers that share one store of marks: with one secret they revoke for each other', async () => {
  const { manager, clock, options, signIn } = revocable()
  const twin = createSessionManager(options)
  const cookie = await signIn()
  clock.advance(1)
  await twin.users.revokeAll('u1')
  clock.advance(BOUND)
  expect(await whose(manager, cookie)).toEqual([undefined])
})

test('two managers that share one store of marks: with cookies of their own they do not revoke for each other', async () => {
  const { manager, clock, options, signIn } = revocable()
  const admin = createSessionManager({ ...options, cookie: { name: '__Host-admin' } })
  const cookie = await signIn()
  clock.advance(1)
  await admin.users.revokeAll('u1')
  clock.advance(BOUND)
  expect(await whoseIs(manager, cookie)).toBe('u1')
})

test('two managers that share one store of marks: with secrets of their own they know nothing of each other', async () => {
  const place = revocable()
  const stranger = createSessionManager({ ...place.options, secret: generateSecret() })
  const cookie = await place.signIn()
  place.clock.advance(1)
  await stranger.users.revokeAll('u1')
  place.clock.advance(BOUND)
  expect(await whoseIs(place.manager, cookie)).toBe('u1')
})

test('row 16: without revocations a sealed cookie stays good after a sign-out, and revoking says what it needs', async () => {
  const { manager, clock } = application()
  const cookie = await visitWith(manager, '', (session) => session.signIn('u1'))
  await visitWith(manager, cookie, (session) => session.signOut())
  clock.advance(BOUND)
  expect(await whoseIs(manager, cookie)).toBe('u1')
  await expect(manager.users.revoke('x', 'u1')).rejects.toThrow(/users\.revoke\(\) needs .*revocations/)
  await expect(manager.users.revokeAll('u1')).rejects.toThrow(/users\.revokeAll\(\) needs .*revocations/)
})

test('a sign-out whose mark cannot be written is 503, and no cookie is cleared', async () => {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  const create = async () => {
    throw new Error('down')
  }
  const { manager, signIn, marks } = revocable({ clock, revocations: { ...memory, create } })
  const cookie = await signIn()
  const request = requestWith(cookie)
  const answer = manager.handle(request, (session) => {
    session.signOut()
    return new Response('bye')
  })
  await expect(answer).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
  expect(marks.calls()).toEqual(['get', 'create'])
})

test('1,000 requests of one user in 30 minutes with a revocationMaxAge of 30: at most 60 checks, no write', async () => {
  const { manager, clock, marks, signIn } = revocable({ revocationMaxAge: 30 })
  let cookie = await signIn()
  for (let i = 0; i < 1000; i++) {
    clock.advance(1.8)
    cookie = await visitWith(manager, cookie, (session) => session.userId)
  }
  const calls = marks.calls()
  expect(new Set(calls)).toEqual(new Set(['getMany']))
  expect(calls.length).toBeLessThanOrEqual(60)
  expect(calls.length).toBeGreaterThan(50)
  expect(await whoseIs(manager, cookie)).toBe('u1')
})
