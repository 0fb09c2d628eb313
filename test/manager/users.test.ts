import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type Session,
  type SessionManager,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { cookieJar, fakeClock, laggingStore } from 'wafer-session/testing'
import { breakable } from '../support/broken-stores.ts'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'

/** One more browser, in which somebody signs in; its cookie header. */
async function browser(
  manager: SessionManager<AnyData>,
  userId: string,
  init: RequestInit = {},
  location?: string,
): Promise<string> {
  const jar = cookieJar()
  const fetch = (request: Request) =>
    manager.handle(
      request,
      (session) => {
        session.signIn(userId)
        return new Response()
      },
      { location },
    )
  await jar.request({ fetch }, '/', init)
  return jar.header()
}

async function whose(manager: SessionManager<AnyData>, header: string): Promise<string | undefined> {
  return (await manager.open(requestWith(header))).userId
}

function idOf(manager: SessionManager<AnyData>, header: string): Promise<string> {
  return manager.open(requestWith(header)).then(({ id }) => id)
}

/** Changes the session of a browser; its cookie header afterwards. */
async function change(
  manager: SessionManager<AnyData>,
  header: string,
  act: (session: Session<AnyData>) => void,
): Promise<string> {
  const jar = cookieJar()
  const session = await manager.open(requestWith(header))
  act(session)
  jar.store(await manager.respond(session, new Response()))
  return jar.header() || header
}

describe('users.list', () => {
  test('row 24: shows id, times, device and place, newest first', async () => {
    const { manager, clock } = storeSite<AnyData>()
    const first = await browser(manager, 'u1', { headers: { 'User-Agent': FIREFOX } }, 'Lisbon, PT')
    clock.advance(100)
    const second = await browser(manager, 'u1')
    await browser(manager, 'u2')
    clock.advance(200)
    await change(manager, first, () => {}) // Activity is recorded.
    const at = (seconds: number) => clock() + seconds * 1000
    expect(await manager.users.list('u1')).toEqual([
      {
        id: await idOf(manager, second),
        createdAt: at(-200),
        lastSeenAt: at(-200),
        device: undefined,
        location: undefined,
      },
      {
        id: await idOf(manager, first),
        createdAt: at(-300),
        lastSeenAt: at(0),
        device: 'Firefox on Linux',
        location: 'Lisbon, PT',
      },
    ])
  })

  test('of sessions created in one second the one seen last comes first', async () => {
    const { manager, clock } = storeSite<AnyData>()
    const headers = [await browser(manager, 'u1'), await browser(manager, 'u1')]
    clock.advance(200)
    for (const header of headers) {
      await change(manager, header, () => {})
      expect((await manager.users.list('u1'))[0]?.id).toBe(await idOf(manager, header))
      clock.advance(200)
    }
  })

  test('rows 24 and 95: nothing in it, nor in an event, opens a session', async () => {
    const { manager, events } = storeSite<AnyData>()
    const headers = [await browser(manager, 'u1'), await browser(manager, 'u1')]
    const listed = await manager.users.list('u1')
    await manager.users.revokeAll('u1', { except: listed[0]?.id })
    const said = JSON.stringify([listed, events])
    for (const header of headers) {
      const value = header.slice(header.indexOf('=') + 1)
      // After the version, the key and the handle: the token and its tag.
      for (let i = 28; i + 12 <= value.length; i += 4) expect(said).not.toContain(value.slice(i, i + 12))
    }
    for (const { id } of listed) {
      expect(await whose(manager, `__Host-session=${id}`)).toBeUndefined()
    }
  })

  test('nobody is listed twice, and nobody who is gone', async () => {
    const { manager, clock } = storeSite<AnyData>()
    expect(await manager.users.list('u1')).toEqual([])
    const header = await browser(manager, 'u1')
    const moved = await change(manager, header, (session) => session.regenerate())
    expect((await manager.users.list('u1')).map(({ id }) => id)).toEqual([await idOf(manager, moved)])
    await change(manager, moved, (session) => session.signOut())
    expect(await manager.users.list('u1')).toEqual([])
    await browser(manager, 'u1')
    clock.advance(1800)
    expect(await manager.users.list('u1')).toEqual([])
  })

  test('an anonymous session, and one that was handed to another user, are not of the list', async () => {
    const { manager, visit, jar } = storeSite<AnyData>()
    await visit((session) => {
      session.data.cart = ['tea']
    })
    await visit((session) => session.signIn('u1'))
    await visit((session) => session.signIn('u2'))
    expect(await manager.users.list('u1')).toEqual([])
    expect((await manager.users.list('u2')).map(({ id }) => id)).toEqual([await idOf(manager, jar.header())])
  })
})

describe('users.revoke', () => {
  test('row 24: ends one session of a user, and says so', async () => {
    const { manager, events } = storeSite<AnyData>()
    const [one, other] = [await browser(manager, 'u1'), await browser(manager, 'u1')]
    const id = await idOf(manager, one)
    events.length = 0
    expect(await manager.users.revoke(id, 'u1')).toBe(true)
    expect(events).toEqual([
      expect.objectContaining({ type: 'end', reason: 'revoked', sessionId: id, userId: 'u1' }),
    ])
    expect([await whose(manager, one), await whose(manager, other)]).toEqual([undefined, 'u1'])
    expect(await manager.users.revoke(id, 'u1')).toBe(false)
  })

  test("another user's session id does nothing, and tells nothing but false", async () => {
    const { manager, events, store } = storeSite<AnyData>()
    const header = await browser(manager, 'victim')
    const id = await idOf(manager, header)
    events.length = 0
    store.calls()
    expect(await manager.users.revoke(id, 'attacker')).toBe(false)
    expect([store.calls(), events]).toEqual([['get'], []])
    expect(await whose(manager, header)).toBe('victim')
  })

  test("an anonymous visitor's session id does nothing", async () => {
    const { manager, visit, jar } = storeSite<AnyData>()
    await visit(({ data }) => Object.assign(data, { n: 1 }))
    const id = await idOf(manager, jar.header())
    expect(await manager.users.revoke(id, 'u1')).toBe(false)
    expect((await manager.open(requestWith(jar.header()))).isNew).toBe(false)
  })

  test.each<[what: string, id: unknown]>([
    ['empty', ''],
    ['a path', '../../etc/passwd'],
    ['a name of the prototype', '__proto__'],
    ['too short', 'AAAAAAAAAAAAAAAAAAAAA'],
    ['too long', 'AAAAAAAAAAAAAAAAAAAAAAAA'],
    ['not canonical', 'AAAAAAAAAAAAAAAAAAAAAB'],
    ['64 kB', 'A'.repeat(65_536)],
    ['undefined', undefined],
    ['null', null],
    ['a number', 7],
    ['a list of one', ['AAAAAAAAAAAAAAAAAAAAAA']],
    ['an object', { id: 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ])('an id that is %s is false, and the store is not asked', async (_, id) => {
    const { manager, store } = storeSite<AnyData>()
    expect(await manager.users.revoke(id as string, 'u1')).toBe(false)
    expect(store.calls()).toEqual([])
  })

  test('an id that nobody has is false', async () => {
    const { manager } = storeSite<AnyData>()
    expect(await manager.users.revoke('AAAAAAAAAAAAAAAAAAAAAA', 'u1')).toBe(false)
  })

  test('an id that has moved on since the list ends what the session has become', async () => {
    const { manager } = storeSite<AnyData>()
    const old = await browser(manager, 'u1')
    const [shown] = await manager.users.list('u1')
    let header = old
    for (const move of ['regenerate', 'reauthenticate', 'regenerate'] as const) {
      header = await change(manager, header, (session) => session[move]())
    }
    expect(await manager.users.revoke(shown?.id ?? '', 'u1')).toBe(true)
    expect(await whose(manager, header)).toBeUndefined()
    expect(await manager.users.list('u1')).toEqual([])
  })

  test('an id whose session was handed to another user ends nothing', async () => {
    const { manager } = storeSite<AnyData>()
    const old = await browser(manager, 'u1')
    const id = await idOf(manager, old)
    const now = await change(manager, old, (session) => session.signIn('u2'))
    expect(await manager.users.revoke(id, 'u1')).toBe(false)
    expect(await manager.users.revoke(id, 'u2')).toBe(false)
    expect(await whose(manager, now)).toBe('u2')
  })

  test('works without an index', async () => {
    const { manager, visit, jar } = storeSite<AnyData>({}, withoutIndex)
    await visit((session) => session.signIn('u1'))
    expect(await manager.users.revoke(await idOf(manager, jar.header()), 'u1')).toBe(true)
    expect(await whose(manager, jar.header())).toBeUndefined()
  })
})

test.each([0, 1])('users.revoke ends a session also by an id that it did not get: %i', async (at) => {
  const fault = breakable({ deletes: false })
  const { manager } = storeSite<AnyData>({}, fault.change)
  const header = await browser(manager, 'u1')
  fault.isBroken = true
  await expect(change(manager, header, (session) => session.regenerate())).rejects.toThrow('store')
  fault.isBroken = false
  const listed = await manager.users.list('u1')
  expect(listed).toHaveLength(2)
  expect(await manager.users.revoke(listed[at]?.id ?? '', 'u1')).toBe(true)
  expect(await whose(manager, header)).toBeUndefined()
  expect(await manager.users.list('u1')).toEqual([])
})

describe('users.revokeAll', () => {
  test('row 22: ends every session of a user, and of nobody else', async () => {
    const { manager, events, store } = storeSite<AnyData>()
    const headers = [await browser(manager, 'u1'), await browser(manager, 'u1'), await browser(manager, 'u1')]
    const other = await browser(manager, 'u2')
    events.length = 0
    expect(await manager.users.revokeAll('u1')).toBe(3)
    expect(events.map((event) => event.type === 'end' && event.reason)).toEqual(Array(3).fill('revoked'))
    for (const header of headers) expect(await whose(manager, header)).toBeUndefined()
    expect(await whose(manager, other)).toBe('u2')
    expect((await store.dump()).size).toBe(1)
    expect(await manager.users.revokeAll('u1')).toBe(0)
  })

  test('row 22: of one cookie leaves the sessions of another cookie in the same store alone', async () => {
    const clock = fakeClock()
    const shared = { store: memoryStore({ clock }), clock, secret: generateSecret() }
    const [one, other] = ['__Host-one', '__Host-other'].map((name) => {
      return createSessionManager<AnyData>({ ...shared, cookie: { name } })
    }) as [SessionManager<AnyData>, SessionManager<AnyData>]
    const [mine, theirs] = [await browser(one, 'u1'), await browser(other, 'u1')]
    expect(await one.users.revokeAll('u1')).toBe(1)
    expect(await one.users.list('u1')).toEqual([])
    expect([await whose(one, mine), await whose(other, theirs)]).toEqual([undefined, 'u1'])
  })

  test('row 23: except the session that asks: it lives on, the others are counted', async () => {
    const { manager } = storeSite<AnyData>()
    const own = await browser(manager, 'u1')
    const others = [await browser(manager, 'u1'), await browser(manager, 'u1')]
    const session = await manager.open(requestWith(own))
    expect(await manager.users.revokeAll('u1', { except: session })).toBe(2)
    expect(await manager.commit(session)).toEqual([])
    expect(await whose(manager, own)).toBe('u1')
    for (const header of others) expect(await whose(manager, header)).toBeUndefined()
  })

  test.each(['regenerate', 'reauthenticate'] as const)(
    'row 23: except a session by the id from before %s, and by the one that it will have',
    async (move) => {
      const { manager } = storeSite<AnyData>()
      const own = await browser(manager, 'u1')
      await browser(manager, 'u1')
      const before = await idOf(manager, own)
      const session = await manager.open(requestWith(own))
      session[move]()
      expect(await manager.users.revokeAll('u1', { except: session })).toBe(1)
      const jar = cookieJar()
      jar.store(await manager.respond(session, new Response()))
      await browser(manager, 'u1')
      expect(await manager.users.revokeAll('u1', { except: before })).toBe(1)
      expect(await whose(manager, jar.header())).toBe('u1')
    },
  )

  test('except a session that is just being signed in: the one it replaces goes too', async () => {
    const { manager } = storeSite<AnyData>()
    const [own, other] = [await browser(manager, 'u1'), await browser(manager, 'u1')]
    const now = await change(manager, own, (session) => session.signIn('u1'))
    const session = await manager.open(requestWith(now))
    session.signIn('u1')
    expect(await manager.users.revokeAll('u1', { except: session })).toBe(2)
    const jar = cookieJar()
    jar.store(await manager.respond(session, new Response()))
    expect([
      await whose(manager, jar.header()),
      await whose(manager, other),
      await whose(manager, now),
    ]).toEqual(['u1', undefined, undefined])
    expect(await manager.users.list('u1')).toHaveLength(1)
  })

  test("except another user's session, or one that is gone: all are ended", async () => {
    const { manager } = storeSite<AnyData>()
    const stranger = await manager.open(requestWith(await browser(manager, 'u2')))
    for (const except of [stranger, stranger.id, 'AAAAAAAAAAAAAAAAAAAAAA']) {
      await browser(manager, 'u1')
      expect(await manager.users.revokeAll('u1', { except })).toBe(1)
    }
    expect(await manager.users.list('u2')).toHaveLength(1)
  })

  test.each<[what: string, except: unknown]>([
    ['null', null],
    ['an empty text', ''],
    ['a text', 'me'],
    ['an object', {}],
    ['true', true],
  ])('except %s is a TypeError, and nobody is ended', async (_, except) => {
    const { manager } = storeSite<AnyData>()
    const header = await browser(manager, 'u1')
    const revoking = manager.users.revokeAll('u1', { except: except as string })
    await expect(revoking).rejects.toThrow(new TypeError('except must be a session, or its id.'))
    expect(await whose(manager, header)).toBe('u1')
  })

  test('row 22: who signs in while it is at work is ended too, until a list shows nobody else', async () => {
    const late: string[] = []
    const { manager } = storeSite<AnyData>({}, (store) => ({
      async list(tag) {
        const keys = (await store.list?.(tag)) ?? []
        if (keys.length > 0 && late.length < 2) late.push(await browser(manager, 'u1'))
        return keys
      },
    }))
    await browser(manager, 'u1')
    expect(await manager.users.revokeAll('u1')).toBe(3)
    for (const header of late) expect(await whose(manager, header)).toBeUndefined()
  })

  test('whoever signs in afterwards is in', async () => {
    const { manager } = storeSite<AnyData>()
    await browser(manager, 'u1')
    await manager.users.revokeAll('u1')
    expect(await whose(manager, await browser(manager, 'u1'))).toBe('u1')
  })
})

test.each<unknown>([undefined, null, '', 7, ['u1']])('users.* refuse the user id %j', async (userId) => {
  const { manager } = storeSite<AnyData>()
  const { users } = manager
  const sentence = new TypeError('The user id must be a non-empty string.')
  await expect(users.list(userId as string)).rejects.toThrow(sentence)
  await expect(users.revokeAll(userId as string)).rejects.toThrow(sentence)
  await expect(users.revoke('AAAAAAAAAAAAAAAAAAAAAA', userId as string)).rejects.toThrow(sentence)
})

function withoutIndex(store: SessionStore): Partial<SessionStore> {
  return { capabilities: { ...store.capabilities, index: false }, list: undefined as never }
}

test('users.list and users.revokeAll say that a store without an index knows nobody', async () => {
  const { manager, visit } = storeSite<AnyData>({}, withoutIndex)
  await visit((session) => session.signIn('u1'))
  const sentence = /^This store has no index, so nothing knows the sessions of a user\./
  await expect(manager.users.list('u1')).rejects.toThrow(TypeError)
  await expect(manager.users.list('u1')).rejects.toThrow(sentence)
  await expect(manager.users.revokeAll('u1')).rejects.toThrow(sentence)
})

describe('after a rotation of secrets', () => {
  const [old, now] = [generateSecret(), generateSecret()]
  const clock = fakeClock()

  /** A session from before, one from after, and one from before that was written since. */
  async function rotated(store: SessionStore) {
    const managerOf = (secret: SessionManagerOptions['secret']) =>
      site<AnyData>({ secret, store }, clock).manager
    const before = managerOf([old, now])
    const after = managerOf([now, old])
    const headers = [await browser(before, 'u1'), await browser(after, 'u1')]
    headers.push(
      await change(after, await browser(before, 'u1'), ({ data }) => {
        data.n = 1
      }),
    )
    return { before, after, headers }
  }

  test('row 22: users.list and users.revokeAll miss nothing, in deployments of either order', async () => {
    for (const side of ['before', 'after'] as const) {
      const { headers, ...managers } = await rotated(memoryStore({ clock }))
      const manager = managers[side]
      const ids = await Promise.all(headers.map((header) => idOf(manager, header)))
      const listed = (await manager.users.list('u1')).map(({ id }) => id)
      expect(listed.sort()).toEqual(ids.sort())
      expect(await manager.users.revokeAll('u1')).toBe(3)
      for (const header of headers) expect(await whose(manager, header)).toBeUndefined()
    }
  })

  test('row 23: except holds under either secret', async () => {
    const { before, headers } = await rotated(memoryStore({ clock }))
    const session = await before.open(requestWith(headers[1] ?? ''))
    expect(await before.users.revokeAll('u1', { except: session })).toBe(2)
    expect(await whose(before, headers[1] ?? '')).toBe('u1')
  })
})

describe('with an index that lags', () => {
  const lagging = () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const place = () => laggingStore(memory, { staleFor: 60, clock })
    const secret = generateSecret()
    const managerOf = (store: SessionStore) => site<AnyData>({ secret, store }, clock).manager
    return { clock, here: managerOf(place()), there: managerOf(place()), origin: managerOf(memory) }
  }

  test('users.revokeAll ends what it sees, each once, though the list shows it again', async () => {
    const { here, origin } = lagging()
    const headers = [await browser(here, 'u1'), await browser(here, 'u1')]
    expect(await here.users.list('u1')).toHaveLength(2)
    expect(await here.users.revokeAll('u1')).toBe(2)
    for (const header of headers) expect(await whose(origin, header)).toBeUndefined()
  })

  test('a session that has moved on elsewhere is ended where it is now', async () => {
    const { here, there, origin } = lagging()
    const header = await browser(here, 'u1')
    expect(await here.users.list('u1')).toHaveLength(1)
    const moved = await change(there, header, (session) => session.regenerate())
    expect(await here.users.revokeAll('u1')).toBe(1)
    expect(await whose(origin, moved)).toBeUndefined()
  })

  test('a session that it does not show yet is missed for as long as the store says', async () => {
    const { clock, here, there, origin } = lagging()
    expect(await here.users.list('u1')).toEqual([])
    const header = await browser(there, 'u1')
    expect(await here.users.revokeAll('u1')).toBe(0)
    expect(await whose(origin, header)).toBe('u1')
    clock.advance(60)
    expect(await here.users.revokeAll('u1')).toBe(1)
    expect(await whose(origin, header)).toBeUndefined()
  })
})
