import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { aal2, generateSecret, type SessionManagerOptions, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock, laggingStore } from 'wafer-session/testing'
import { ask, setBy, tokenOf } from '../support/bearer.ts'
import { type AnyData, namesSet, site } from '../support/site.ts'
import {
  base64url,
  decodeFields,
  encodeFields,
  fromBase64url,
  fromHex,
  hex,
  kidOf,
  openValue,
  sealBytes,
} from '../support/wafer1.ts'
import { decodeStored, encodeStored, partsOf, type Stored } from '../support/wafer1-store.ts'
import { type StoreSite, storeSite } from '../support/watched-store.ts'

const START = Date.UTC(2026, 0, 1)
const NAME = '__Host-session'
const utf8 = (text: string) => Uint8Array.from(new TextEncoder().encode(text))
const keyOf = (cookie: string) => base64url(fromHex(partsOf(fromBase64url(cookie)).handle))
const valueIn = ({ jar }: { jar: StoreSite<AnyData>['jar'] }) => jar.get(NAME) ?? ''

type Options = Omit<Partial<SessionManagerOptions<AnyData>>, 'store'>

/** Sessions that are not renewed within a test about something else. */
const plain = (options: Options = {}, change?: (store: SessionStore) => Partial<SessionStore>) =>
  storeSite({ renewalTimeout: 0, ...options }, change)

describe('a session is created late', () => {
  test('row 60: an untouched visit costs no store call and no cookie, and so do reads of everything', async () => {
    const { respond, store, events } = plain()
    for (const page of [
      () => {},
      (session: Parameters<Parameters<typeof respond>[0]>[0]) => [
        JSON.stringify(session),
        session.data.a,
        session.flash('a'),
        session.id,
        session.isFresh(10),
      ],
    ]) {
      const response = await respond(page)
      expect([...response.headers]).toEqual([...new Response('ok').headers])
    }
    expect(store.calls()).toEqual([])
    expect(events).toEqual([])
  })

  test.each<[string, Parameters<StoreSite<AnyData>['respond']>[0]]>([
    ['regenerate() of nothing', (session) => session.regenerate()],
    ['signOut() of nobody', (session) => session.signOut()],
    ['commit() of nothing', (session) => session.commit()],
    [
      'data set and deleted again',
      ({ data }) => {
        data.a = 1
        delete data.a
      },
    ],
    ['update() that changes nothing', (session) => session.update(() => {})],
    ['requireAuthoritative()', (session) => session.requireAuthoritative()],
  ])('row 60: %s costs no store call', async (_, page) => {
    const { respond, store } = plain()
    expect((await respond(page)).headers.getSetCookie()).toEqual([])
    expect(store.calls()).toEqual([])
  })

  test('the first data makes one create, one cookie and one event; isNew until then', async () => {
    const { visit, respond, store, events } = plain()
    const response = await respond((session) => {
      session.data.a = 1
      expect(session.isNew).toBe(true)
    })
    expect(namesSet(response)).toEqual([NAME])
    expect(store.calls()).toEqual(['create'])
    expect(events).toMatchObject([{ type: 'create', userId: undefined }])
    await visit((session) => {
      expect([session.isNew, session.data]).toEqual([false, { a: 1 }])
      expect(events[0]).toMatchObject({ sessionId: session.id })
    })
  })

  test('reading a session does not write it, whatever is read; writing what is there does not either', async () => {
    const { visit, store } = plain()
    await visit((session) => {
      session.data.cart = ['a']
    })
    store.calls()
    await visit((session) => [session.data.cart, session.toJSON(), session.flash('x')])
    await visit(({ data }) => {
      data.cart = ['a']
    })
    expect(store.calls()).toEqual(['get', 'get'])
  })

  test('row 5: an id that this server did not issue is never adopted', async () => {
    const { manager, store } = plain()
    const foreign = plain()
    await foreign.visit((session) => session.signIn('u1'))
    const id = keyOf(valueIn(foreign))
    for (const value of [valueIn(foreign), id, 'A'.repeat(92), '0xhax']) {
      const { cookie } = await ask(manager, value, ({ data }) => {
        data.a = 1
      })
      expect([id, keyOf('A'.repeat(92))]).not.toContain(keyOf(cookie as string))
      expect(
        (await ask(manager, cookie as string, ({ data }) => expect(data).toEqual({ a: 1 }))).cookie,
      ).toBeNull()
    }
    expect([...(await store.dump()).keys()]).not.toContain(id)
  })

  test('rows 5, 6: an id that this server issued and no longer has creates nothing, and is not used again', async () => {
    const { manager, store, visit, jar } = plain()
    await visit((session) => session.signIn('u1'))
    const value = jar.get(NAME) as string
    await store.delete(keyOf(value))
    store.calls()
    expect((await ask(manager, value)).cookie).toBeNull()
    expect(store.calls()).toEqual(['get'])
    const { cookie } = await ask(manager, value, (session) => session.signIn('u2'))
    expect(store.calls()).toEqual(['get', 'create'])
    expect(keyOf(cookie as string)).not.toBe(keyOf(value))
    expect(tokenOf(cookie)).not.toBe(tokenOf(value))
    expect((await store.dump()).has(keyOf(value))).toBe(false)
  })
})

describe('timeouts', () => {
  test('rows 31, 35: idle to the second: alive a millisecond before it, expired at it', async () => {
    const { visit, clock } = plain({ idleTimeout: 1800 })
    await visit((session) => session.signIn('u1'))
    clock.set(START + 1800_000 - 1)
    expect(await visit((session) => session.userId)).toBe('u1') // And so it counts from here on.
    clock.set(START + 1799_000 + 1800_000 - 1)
    expect(await visit((session) => session.userId)).toBe('u1')
    clock.advance(1800)
    expect(await visit((session) => session.userId)).toBeUndefined()
  })

  test('row 32: the absolute timeout holds regardless of activity', async () => {
    const { visit, clock } = plain({ idleTimeout: 1800, absoluteTimeout: 7200 })
    await visit((session) => session.signIn('u1'))
    for (let minute = 1; minute < 120; minute++) {
      clock.advance(60)
      expect(
        await visit(({ data, userId }) => {
          data.minute = minute
          return userId
        }),
      ).toBe('u1')
    }
    clock.advance(60)
    expect(await visit((session) => session.userId)).toBeUndefined()
  })

  test('row 32: the absolute timeout of an anonymous session counts from its creation', async () => {
    const { visit, clock } = plain({ absoluteTimeout: 3600 })
    const count = ({ data }: { data: AnyData }) => {
      data.n = (data.n ?? 0) + 1
      return data.n
    }
    for (const n of [1, 2, 3, 4]) {
      expect(await visit(count)).toBe(n)
      clock.advance(899)
    }
    clock.advance(4)
    expect(await visit(count)).toBe(1)
  })

  test('rows 33, 39: the idle deadline never passes the absolute one, nor does the expiry that the store is given', async () => {
    const { visit, clock, store } = plain({ idleTimeout: 3600, absoluteTimeout: 5400 })
    await visit((session) => session.signIn('u1'))
    const expiry = () => [...store.places.values()].at(-1)?.expiresAt
    expect(expiry()).toBe(START + 3600_000)
    clock.set(START + 3599_000)
    expect(await visit((session) => session.expiresAt)).toBe(START + 5400_000)
    expect(expiry()).toBe(START + 5400_000)
    clock.set(START + 5400_000 - 1)
    expect(await visit((session) => session.userId)).toBe('u1')
    clock.set(START + 5400_000)
    expect(await visit((session) => session.userId)).toBeUndefined()
  })

  test('row 34: without any option there is a definite overall timeout of a day', async () => {
    const { visit, clock } = storeSite()
    await visit((session) => session.signIn('u1'))
    for (let i = 1; i < 96; i++) {
      clock.advance(900)
      await visit(() => {})
    }
    clock.set(START + 86_400_000 - 1)
    expect(await visit((session) => session.userId)).toBe('u1')
    clock.set(START + 86_400_000)
    expect(await visit((session) => session.userId)).toBeUndefined()
  })

  test('row 34: a preset sets both timeouts', async () => {
    const { visit, store } = plain({ ...aal2 })
    await visit((session) => session.signIn('u1'))
    expect([...store.places.values()][0]?.expiresAt).toBe(START + aal2.idleTimeout * 1000)
  })

  test('row 36: the server decides, whatever the browser still sends', async () => {
    const { visit, jar, clock } = plain({ remember: { idleTimeout: 3600, absoluteTimeout: 3600 } })
    await visit((session) => session.signIn('u1', { remember: true }))
    const value = jar.get(NAME) ?? ''
    clock.advance(3600)
    expect(jar.header()).toBe('')
    jar.set(NAME, value)
    expect(await visit((session) => session.userId)).toBeUndefined()
  })

  test.each<[string, Options, number, string]>([
    ['the idle', { idleTimeout: 600 }, 600, 'idle-timeout'],
    ['the absolute', { absoluteTimeout: 600 }, 600, 'absolute-timeout'],
  ])(
    'row 37: %s deadline of a stricter deployment holds at once; a laxer one revives nothing',
    async (_, strict, at, reason) => {
      const secret = generateSecret()
      const clock = fakeClock()
      const store = keepingStore(clock)
      const [lax, tight] = [
        site({ secret, store, renewalTimeout: 0 }, clock),
        site({ secret, store, renewalTimeout: 0, ...strict }, clock),
      ]
      for (const first of [lax, tight]) {
        const { cookie } = await ask(first.manager, '', (session) => session.signIn('u1'))
        clock.advance(at - 1)
        const kept = await Promise.all(
          [lax, tight].map(({ manager }) => manager.open(requestOf(cookie as string))),
        )
        expect(kept.map(({ userId }) => userId)).toEqual(['u1', 'u1'])
        clock.advance(1)
        if (first === tight) expect((await ask(lax.manager, cookie as string)).userId).toBeUndefined()
        else expect((await ask(tight.manager, cookie as string)).userId).toBeUndefined()
        expect((first === tight ? lax : tight).events.at(-1)).toMatchObject({ type: 'reject', reason })
      }
    },
  )

  test('row 38: the cookie of before carries no time of its own: what was revived or ended is so for every copy', async () => {
    const { visit, jar, clock, manager } = plain({ idleTimeout: 1800 })
    await visit((session) => session.signIn('u1'))
    const value = jar.get(NAME) as string
    clock.advance(1700)
    await visit(() => {})
    expect(jar.get(NAME)).toBe(value)
    clock.advance(1700)
    expect((await ask(manager, value)).userId).toBe('u1')
    clock.advance(1800)
    expect((await ask(manager, value)).userId).toBeUndefined()
  })

  test.each(['idle-timeout', 'absolute-timeout'])(
    'row 39: a record past its %s that a store still returns is refused, and that version deleted',
    async (reason) => {
      const clock = fakeClock()
      const store = keepingStore(clock)
      const options = reason === 'idle-timeout' ? { idleTimeout: 60 } : { absoluteTimeout: 60 }
      const { manager, events } = site({ store, renewalTimeout: 0, ...options }, clock)
      const { cookie } = await ask(manager, '', (session) => session.signIn('u1'))
      clock.advance(60)
      expect(await store.get(keyOf(cookie as string))).not.toBeNull()
      expect(await ask(manager, cookie as string)).toMatchObject({ userId: undefined, cookie: null })
      expect(events.at(-1)).toMatchObject({
        type: 'reject',
        reason,
        userId: 'u1',
        sessionId: keyOf(cookie as string),
      })
      expect(await store.get(keyOf(cookie as string))).toBeNull()
    },
  )

  test('row 39: what looks expired is deleted only where it is the version that was read', async () => {
    const clock = fakeClock()
    const store = keepingStore(clock)
    let meanwhile: (() => Promise<unknown>) | undefined
    const slow: SessionStore = {
      ...store,
      async delete(key, options) {
        await meanwhile?.()
        await store.delete(key, options)
      },
    }
    const { manager } = site({ store: slow, idleTimeout: 60, renewalTimeout: 0 }, clock)
    const { cookie } = await ask(manager, '', (session) => session.signIn('u1'))
    const key = keyOf(cookie as string)
    clock.advance(60)
    meanwhile = async () => {
      const there = await store.get(key)
      if (there) await store.update(key, there.value, { expiresAt: clock() + 1000, version: there.version })
    }
    await ask(manager, cookie as string)
    expect(await store.get(key)).not.toBeNull()
  })

  test('row 39: on a stale store what looks expired is left: the fresh one may be alive', async () => {
    const clock = fakeClock()
    const behind = keepingStore(clock)
    const { manager } = site({ store: laggingStore(behind, { staleFor: 60, clock }), idleTimeout: 60 }, clock)
    const { cookie } = await ask(manager, '', (session) => session.signIn('u1'))
    clock.advance(60)
    expect((await ask(manager, cookie as string)).userId).toBeUndefined()
    expect(await behind.get(keyOf(cookie as string))).not.toBeNull()
  })

  test('row 39: a delete that fails is no reason to fail an anonymous request', async () => {
    const clock = fakeClock()
    const store: SessionStore = { ...keepingStore(clock), delete: () => Promise.reject(new Error('down')) }
    const { manager, events } = site({ store, idleTimeout: 60, renewalTimeout: 0 }, clock)
    const { cookie } = await ask(manager, '', (session) => session.signIn('u1'))
    clock.advance(60)
    expect((await ask(manager, cookie as string)).userId).toBeUndefined()
    expect(events.map(({ type }) => type)).toEqual(['create', 'reject', 'store-error'])
  })

  test.each([
    ['createdAt', 60, 'u1'],
    ['createdAt', 61, undefined],
    ['lastSeenAt', 61, undefined],
    ['authTime', 60, 'u1'],
    ['authTime', 61, undefined],
  ])('row 40: a record whose %s is %i s ahead opens as %s, and is kept', async (name, ahead, userId) => {
    const secret = generateSecret()
    const made = plain({ secret })
    const { clock, events } = made
    await made.visit((session) => session.signIn('u1'))
    const later = (clock() + ahead * 1000) / (name === 'authTime' ? 1 : 1000)
    await rewrite(made, secret, (fields) => ({ ...fields, [name]: later }))
    expect(await made.visit((session) => session.userId)).toBe(userId)
    expect(events.slice(1)).toEqual(
      userId === undefined ? [expect.objectContaining({ type: 'reject', reason: 'issued-in-future' })] : [],
    )
    expect((await made.store.dump()).size).toBe(1)
  })

  test('row 40: two servers whose clocks are 60 s apart serve one session', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const secret = generateSecret()
    const behind: FakeClock = Object.assign(() => clock() - 60_000, {
      advance: clock.advance,
      set: clock.set,
    })
    const [one, other] = [site({ secret, store }, clock), site({ secret, store }, behind)]
    const { cookie } = await ask(one.manager, '', (session) => session.signIn('u1'))
    const { userId } = await ask(other.manager, cookie as string, ({ data }) => {
      data.n = 1
    })
    expect(userId).toBe('u1')
    await ask(one.manager, cookie as string, (session) =>
      expect([session.data, session.lastSeenAt]).toEqual([{ n: 1 }, START]),
    )
  })

  test('row 41: an expired cookie is answered by no Set-Cookie, and a later write replaces it', async () => {
    const { visit, respond, jar, clock } = plain()
    await visit((session) => session.signIn('u1'))
    clock.advance(1800)
    expect((await respond((session) => session.data.a)).headers.getSetCookie()).toEqual([])
    await visit((session) => {
      session.data.a = 1
    })
    expect(await visit((session) => [session.userId, session.data])).toEqual([undefined, { a: 1 }])
    expect(jar.header().split('; ')).toHaveLength(1)
  })
})

describe('activity', () => {
  test('is recorded once more than a tenth of the idle time has passed, by one write and no cookie', async () => {
    const { visit, respond, clock, store } = plain({ idleTimeout: 1800 })
    await visit((session) => session.signIn('u1'))
    store.calls()
    for (const [advance, calls] of [
      [180, ['get']],
      [0.9, ['get']],
      [0.1, ['get', 'update']],
      [180, ['get']],
      [1, ['get', 'update']],
    ] as const) {
      clock.advance(advance)
      expect((await respond(() => 'ok')).headers.getSetCookie()).toEqual([])
      expect(store.calls()).toEqual(calls)
    }
  })

  test('the handler sees the time that will be recorded, and the next one that it was', async () => {
    const { visit, clock } = plain({ idleTimeout: 1800 })
    await visit((session) => session.signIn('u1'))
    clock.advance(181)
    for (let i = 0; i < 2; i++) {
      expect(await visit((session) => [session.lastSeenAt, session.expiresAt])).toEqual([
        START + 181_000,
        START + 1981_000,
      ])
    }
  })

  test.each([500, 503])('is recorded by a %i of a handler, too: no changes, no cookie', async (status) => {
    const { respond, visit, clock, events } = plain({ idleTimeout: 1800 })
    await visit((session) => session.signIn('u1'))
    clock.advance(1000)
    const response = await respond((session) => {
      session.data.n = 1
      return new Response('', { status })
    })
    expect(response.headers.getSetCookie()).toEqual([])
    expect(events.at(-1)).toMatchObject({ type: 'discard', reason: 'failed-response' })
    expect(await visit((session) => session.data)).toEqual({})
  })

  test('row 29: moves the idle timer only; a new id moves neither; re-authentication moves both', async () => {
    const { visit, clock } = plain({ idleTimeout: 1800, absoluteTimeout: 3600 })
    await visit((session) => session.signIn('u1'))
    clock.advance(1000)
    expect(await visit((session) => session.expiresAt)).toBe(START + 2800_000)
    clock.advance(100)
    await visit((session) => session.regenerate())
    expect(await visit((session) => session.expiresAt)).toBe(START + 2800_000)
    clock.advance(1000)
    await visit(() => {})
    expect(await visit((session) => session.expiresAt)).toBe(START + 3600_000)
    await visit((session) => session.reauthenticate())
    expect(await visit((session) => [session.expiresAt, session.authTime])).toEqual([
      START + 2100_000 + 1800_000,
      START + 2100_000,
    ])
    for (const at of [3800, 5500, 5699]) {
      clock.set(START + at * 1000)
      expect(await visit((session) => session.userId)).toBe('u1')
    }
    clock.set(START + 5700_000)
    expect(await visit((session) => session.userId)).toBeUndefined()
  })

  test('a clock that jumps back does not turn lastSeenAt back', async () => {
    const { visit, clock } = plain()
    await visit((session) => session.signIn('u1'))
    clock.advance(-30)
    await visit((session) => {
      session.data.n = 1
    })
    expect(await visit((session) => session.lastSeenAt)).toBe(START)
  })

  test('1,000 requests of one user in 30 minutes: at most 1,000 reads and 16 writes', async () => {
    const { visit, clock, store } = storeSite()
    await visit((session) => session.signIn('u1'))
    store.calls()
    for (let i = 0; i < 1000; i++) {
      clock.advance(1.8)
      expect(await visit((session) => session.userId)).toBe('u1')
    }
    const calls = store.calls()
    expect(calls.filter((name) => name === 'get')).toHaveLength(1000)
    expect(calls.length - 1000).toBeLessThanOrEqual(16)
  })
})

describe('the cookie', () => {
  test('row 55: ends with the browser, unless the user asked to be remembered', async () => {
    const { respond, jar } = plain()
    const [line] = (await respond((session) => session.signIn('u1'))).headers.getSetCookie()
    expect(line).toMatch(/^__Host-session=[\w-]{92}; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    jar.restart()
    expect(jar.header()).toBe('')
  })

  test('rows 41, 56: with remember Max-Age is the absolute life left, at sign-in and at every new id', async () => {
    const { respond, visit, clock, jar } = plain({
      remember: { idleTimeout: 86_400, absoluteTimeout: 604_800 },
    })
    const maxAge = (response: Response) => response.headers.getSetCookie()[0]?.match(/; Max-Age=(\d+)/)?.[1]
    expect(maxAge(await respond((session) => session.signIn('u1', { remember: true })))).toBe('604800')
    jar.restart()
    clock.advance(50_000.4)
    expect(maxAge(await respond((session) => session.regenerate()))).toBe('554800')
    expect(maxAge(await respond((session) => session.reauthenticate()))).toBe('604800')
    expect(await visit((session) => session.userId)).toBe('u1')
  })

  test('remember holds its own timeouts, and only for sessions that asked for it', async () => {
    for (const [remember, userId] of [
      [true, 'u1'],
      [false, undefined],
    ] as const) {
      const { visit, clock } = plain({ remember: { idleTimeout: 7200, absoluteTimeout: 604_800 } })
      await visit((session) => session.signIn('u1', { remember }))
      clock.advance(3600)
      expect(await visit((session) => session.userId)).toBe(userId)
    }
  })

  test.each<[string, Parameters<StoreSite<AnyData>['respond']>[0]]>([
    [
      'data, commit, data',
      async (session) => {
        session.data.a = 1
        await session.commit()
        session.data.b = 2
      },
    ],
    [
      'data, sign-in, regenerate, commit, regenerate',
      async (session) => {
        session.data.a = 1
        session.signIn('u2')
        session.regenerate()
        await session.commit()
        session.regenerate()
      },
    ],
    [
      'sign-in, commit, sign-in',
      async (session) => {
        session.signIn('u2')
        await session.commit()
        session.signIn('u3')
      },
    ],
    [
      'sign-in, commit, sign-out',
      async (session) => {
        session.signIn('u2')
        await session.commit()
        session.signOut()
      },
    ],
    [
      'commits in parallel',
      async (session) => {
        session.data.a = 1
        await Promise.all([session.commit(), session.commit(), session.commit()])
      },
    ],
    [
      'a commit that is not awaited',
      (session) => {
        session.data.a = 1
        void session.commit()
        session.data.b = 2
      },
    ],
  ])('row 52: at most one line, from nobody and from somebody: %s', async (_, page) => {
    for (const before of [false, true]) {
      const { respond, visit, clock } = plain()
      if (before) await visit((session) => session.signIn('u1'))
      clock.advance(600)
      expect(namesSet(await respond(page)).length).toBeLessThanOrEqual(1)
    }
  })

  test('row 62: a hundred of them are not looked at; of four bad ones each costs one HMAC at most', async () => {
    const { manager, store, events, visit, jar } = plain()
    await visit((session) => session.signIn('u1'))
    const value = jar.get(NAME) as string
    store.calls()
    events.length = 0
    const many = (values: readonly string[]) => ask(manager, values.join(`; ${NAME}=`))
    expect((await many(Array(100).fill(value))).userId).toBeUndefined()
    expect(store.calls()).toEqual([])
    expect(events).toMatchObject([{ type: 'reject', reason: 'too-many' }])
  })

  test('row 62: an authentic one opens among three bad ones, wherever it stands', async () => {
    const { manager, visit, jar, store } = plain()
    await visit((session) => session.signIn('u1'))
    const value = jar.get(NAME) as string
    const dead = (await ask(manager, '', (session) => session.signIn('u2'))).cookie as string
    await store.delete(keyOf(dead))
    for (const place of [0, 1, 2, 3]) {
      const values = ['AAAA', 'A'.repeat(92), dead].toSpliced(place, 0, value)
      expect((await ask(manager, values.join(`; ${NAME}=`))).userId).toBe('u1')
    }
  })

  test('row 62: two live ones of different sessions are ambiguous, in either order, and both go on', async () => {
    const { manager, events } = plain()
    const [a, b] = [
      await ask(manager, '', (session) => session.signIn('u1')),
      await ask(manager, '', (session) => session.signIn('u2')),
    ]
    for (const pair of [
      [a.cookie, b.cookie],
      [b.cookie, a.cookie],
    ]) {
      expect(await ask(manager, pair.join(`; ${NAME}=`))).toMatchObject({ userId: undefined, cookie: null })
      expect(events.at(-1)).toMatchObject({ type: 'reject', reason: 'ambiguous' })
    }
    expect((await ask(manager, a.cookie as string)).userId).toBe('u1')
    expect((await ask(manager, b.cookie as string)).userId).toBe('u2')
  })
})

describe('session.commit()', () => {
  test('writes now, and the session stays open for more', async () => {
    const { visit, respond, store } = plain()
    const response = await respond(async (session) => {
      session.data.a = 1
      await session.commit()
      expect(store.calls()).toEqual(['create'])
      session.data.b = 2
      await session.commit()
      expect(store.calls()).toEqual(['update'])
      await session.commit()
      session.data.b = 2
    })
    expect(store.calls()).toEqual([])
    expect(namesSet(response)).toEqual([NAME])
    expect(await visit((session) => session.data)).toEqual({ a: 1, b: 2 })
  })

  test('before a stream: the cookie is in the headers, and what the stream changes throws', async () => {
    const { respond, visit } = plain()
    let late: unknown
    const response = await respond(async (session) => {
      session.signIn('u1')
      await session.commit()
      const body = new ReadableStream(
        {
          pull(controller) {
            try {
              session.data.late = true
            } catch (error) {
              late = error
            }
            controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body)
    })
    expect(namesSet(response)).toEqual([NAME])
    await response.text()
    expect(late).toMatchObject({ code: 'ERR_SESSION_COMMITTED' })
    expect(await visit((session) => [session.userId, session.data])).toEqual(['u1', {}])
  })

  test('what it wrote stays written when the handler fails afterwards, and the cookie of it is sent', async () => {
    const { visit, respond } = plain()
    const response = await respond(async (session) => {
      session.data.a = 1
      await session.commit()
      session.data.b = 2
      return new Response('', { status: 503 })
    })
    expect(namesSet(response)).toEqual([NAME])
    expect(await visit((session) => session.data)).toEqual({ a: 1 })
  })

  test('of a sign-out ends the session in the store at once', async () => {
    const { visit, jar, manager, store } = plain()
    await visit((session) => session.signIn('u1'))
    const value = jar.get(NAME) as string
    await visit(async (session) => {
      session.signOut()
      await session.commit()
      expect((await ask(manager, value)).userId).toBeUndefined()
      expect(await store.dump()).toEqual(new Map())
    })
    expect(jar.header()).toBe('')
  })
})

describe('row 15: sign-out ends the session in the store', () => {
  test('the cookie of before is nobody’s, and neither record nor entry in the index is left', async () => {
    const { visit, jar, manager, store, events } = plain()
    await visit((session) => session.signIn('u1'))
    const value = jar.get(NAME) as string
    await visit((session) => session.signOut())
    jar.set(NAME, value)
    expect(await visit((session) => session.userId)).toBeUndefined()
    expect(await store.dump()).toEqual(new Map())
    expect(await manager.users.list('u1')).toEqual([])
    expect(events.map(({ type }) => type)).toEqual(['create', 'end', 'reject'])
  })

  test.each([200, 500])('whatever the status: %i', async (status) => {
    const { visit, respond, jar, manager } = plain()
    await visit((session) => session.signIn('u1'))
    const value = jar.get(NAME) as string
    await respond((session) => {
      session.signOut()
      return new Response('', { status })
    })
    expect(jar.header()).toBe('')
    expect((await ask(manager, value)).userId).toBeUndefined()
  })

  test('also of a session that is offered its next token, and of the one that confirms it', async () => {
    for (const confirm of [false, true]) {
      const { visit, jar, manager, clock, store } = storeSite()
      await visit((session) => session.signIn('u1'))
      const first = jar.get(NAME) as string
      clock.advance(900)
      const next = (await ask(manager, first)).cookie as string
      const { cookie } = await ask(manager, confirm ? next : first, (session) => session.signOut())
      expect(cookie).toBe('')
      for (const value of [first, next]) expect((await ask(manager, value)).userId).toBeUndefined()
      expect(await store.dump()).toEqual(new Map())
    }
  })
})

describe('row 88: what a store has and nobody can read', () => {
  test.each(['', 'garbage', '{"user":"root"}', 'AQ', 'A'.repeat(400), '\u0000\ud800'])(
    'the garbage %j is anonymous, with one event, and that version is removed',
    async (garbage) => {
      const made = plain()
      await made.visit((session) => session.signIn('u1'))
      const key = keyOf(valueIn(made))
      await replaceValue(made, key, garbage)
      expect(await made.visit((session) => session.userId)).toBeUndefined()
      expect(made.events.slice(1)).toMatchObject([{ type: 'reject', reason: 'undecodable', sessionId: key }])
      expect((await made.store.dump()).has(key)).toBe(false)
    },
  )

  test('under an unknown kid: 503 with Retry-After, an event, and the record is kept', async () => {
    const [older, newer] = [generateSecret(), generateSecret()]
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const first = site({ secret: [older, newer], store }, clock)
    const { cookie } = await ask(first.manager, '', (session) => session.signIn('u1'))
    const ahead = site({ secret: [newer, older], store }, clock)
    await ask(ahead.manager, cookie as string, ({ data }) => {
      data.n = 1
    })

    // A deployment that does not have the new secret yet; the browser's cookie is still the old one.
    const behind = site({ secret: older, store }, clock)
    const opening = ask(behind.manager, cookie as string)
    await expect(opening).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    const error = await opening.catch((caught) => caught)
    expect(error.getResponse().headers.get('Retry-After')).not.toBeNull()
    expect(behind.events).toMatchObject([{ type: 'store-error', operation: 'open' }])
    expect((await ask(ahead.manager, cookie as string)).userId).toBe('u1')
  })

  test('on a store that cannot compare, or is stale, garbage is left where it is', async () => {
    for (const capabilities of [{ atomicUpdate: false }, { consistency: { staleFor: 60 } }]) {
      const made = storeSite({}, (store) => ({ capabilities: { ...store.capabilities, ...capabilities } }))
      await made.visit((session) => session.signIn('u1'))
      const key = keyOf(valueIn(made))
      await replaceValue(made, key, 'garbage')
      expect(await made.visit((session) => session.userId)).toBeUndefined()
      expect((await made.store.dump()).get(key)?.value).toBe('garbage')
    }
  })

  test('a sign-in over garbage begins anew', async () => {
    const made = plain()
    await made.visit((session) => session.signIn('u1'))
    await replaceValue(made, keyOf(valueIn(made)), 'garbage')
    await made.visit((session) => session.signIn('u1'))
    expect(await made.visit((session) => session.userId)).toBe('u1')
  })
})

describe('row 73: the secret is rotated', () => {
  /** A site whose deployments share store and clock. */
  async function deployments(options: Options = {}) {
    const [a, b] = [generateSecret(), generateSecret()]
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const deploy = (...secret: string[]) => site<AnyData>({ ...options, secret, store }, clock)
    const { cookie } = await ask(deploy(a).manager, '', (session) => session.signIn('u1'))
    return { a, b, clock, store, deploy, value: cookie as string, key: keyOf(cookie as string) }
  }

  const kidIn = (value: string) => partsOf(fromBase64url(value)).kid

  /** The kids of the cookie's tag, of the record's seal and of the hash in it. */
  async function kidsOf({ store, a, b, key }: Awaited<ReturnType<typeof deployments>>, cookie: string) {
    const { value = '' } = (await store.get(key)) ?? {}
    const kids = new Map(
      await Promise.all([a, b].map(async (secret) => [hex(await kidOf(utf8(secret))), secret] as const)),
    )
    const secret = utf8(kids.get(hex(fromBase64url(value).slice(1, 5))) as string)
    const { kid, record } = await openValue(value, {
      secret,
      cookieName: NAME,
      purpose: 'record',
      storeKey: key,
    })
    const stored = decodeStored(record) as Stored
    return [kidIn(cookie), kid, stored.kid].map((one) => (kids.get(one) === a ? 'a' : 'b')).join('')
  }

  test('the next response re-issues the cookie under the first without a write; the next write moves seal and hash', async () => {
    const made = await deployments()
    const { deploy, a, b, value } = made
    expect(await kidsOf(made, value)).toBe('aaa')
    const before = await made.store.get(made.key)
    const { userId, cookie } = await ask(deploy(b, a).manager, value)
    expect(userId).toBe('u1')
    expect(tokenOf(cookie)).toBe(tokenOf(value))
    expect(await made.store.get(made.key)).toEqual(before)
    expect(await kidsOf(made, cookie as string)).toBe('baa')
    expect((await ask(deploy(b, a).manager, cookie as string)).cookie).toBeNull()
    await ask(deploy(b, a).manager, cookie as string, ({ data }) => {
      data.n = 1
    })
    expect(await kidsOf(made, cookie as string)).toBe('bbb')
    expect((await ask(deploy(b).manager, cookie as string)).userId).toBe('u1')
  })

  test('the old cookie works as long as its secret is in the list, whatever was written since', async () => {
    const { deploy, a, b, value } = await deployments()
    const write = ({ data }: { data: AnyData }) => {
      data.n = (data.n ?? 0) + 1
    }
    for (let i = 0; i < 3; i++) expect((await ask(deploy(b, a).manager, value, write)).userId).toBe('u1')
    await ask(deploy(b, a).manager, value, ({ data }) => expect(data).toEqual({ n: 3 }))
    expect((await ask(deploy(b).manager, value)).userId).toBeUndefined()
  })

  test('two deployments in opposite order serve one browser, turn by turn', async () => {
    const { deploy, a, b, value, clock } = await deployments()
    const both = [deploy(a, b), deploy(b, a)]
    let cookie = value
    for (let i = 0; i < 12; i++) {
      clock.advance(97)
      const answer = await ask(both[i % 2]?.manager as (typeof both)[0]['manager'], cookie, ({ data }) => {
        if (i % 3) data.n = i
      })
      expect(answer.userId).toBe('u1')
      cookie = answer.cookie ?? cookie
    }
    expect(both.flatMap(({ events }) => events).filter(({ type }) => type === 'reject')).toEqual([])
  })

  test('users.list finds what was listed under any secret of the list, each once, before and after a write', async () => {
    const { deploy, a, b, value, key } = await deployments()
    const now = deploy(b, a)
    const other = await ask(now.manager, '', (session) => session.signIn('u1'))
    const ids = async () => (await now.manager.users.list('u1')).map(({ id }) => id).toSorted()
    const expected = [key, keyOf(other.cookie as string)].toSorted()
    expect(await ids()).toEqual(expected)
    const { cookie } = await ask(now.manager, value, ({ data }) => {
      data.n = 1
    })
    expect(await ids()).toEqual(expected)
    expect(await now.manager.users.revokeAll('u1')).toBe(2)
    for (const dead of [value, cookie, other.cookie]) {
      expect((await ask(now.manager, dead as string)).userId).toBeUndefined()
    }
  })

  test('a regenerated session is still found after the rotation, and by the older deployment', async () => {
    const { deploy, a, b, value } = await deployments()
    const moved = (await ask(deploy(b, a).manager, value, (session) => session.regenerate())).cookie as string
    for (const secret of [
      [b, a],
      [a, b],
    ]) {
      expect((await deploy(...secret).manager.users.list('u1')).map(({ id }) => id)).toEqual([keyOf(moved)])
    }
  })

  test('the old secret dropped: its cookies are refused without a store call; others go on', async () => {
    const { deploy, a, b, value } = await deployments()
    const other = (await ask(deploy(b, a).manager, '', (session) => session.signIn('u2'))).cookie as string
    const now = deploy(b)
    expect(await ask(now.manager, value)).toMatchObject({ userId: undefined, cookie: null })
    expect(now.events).toMatchObject([{ type: 'reject', reason: 'unknown-key' }])
    expect((await ask(now.manager, other)).userId).toBe('u2')
  })

  test('a remembered cookie keeps its Max-Age when it gets its new tag', async () => {
    const { deploy, a, b, clock } = await deployments()
    const { cookie } = await ask(deploy(a).manager, '', (session) => session.signIn('u1', { remember: true }))
    clock.advance(100)
    const { response } = await ask(deploy(b, a).manager, cookie as string)
    expect(setBy(response)).not.toBeNull()
    expect(response.headers.getSetCookie()[0]).toContain('; Max-Age=86300')
  })

  test('an anonymous session gets its new tag, too', async () => {
    const { deploy, a, b } = await deployments()
    const { cookie } = await ask(deploy(a).manager, '', ({ data }) => {
      data.n = 1
    })
    const again = (await ask(deploy(b, a).manager, cookie as string)).cookie
    expect([tokenOf(again), kidIn(again as string) === kidIn(cookie as string)]).toEqual([
      tokenOf(cookie),
      false,
    ])
  })
})

describe('data', () => {
  test('of every kind of JSON comes back as it was, without a limit of 4096 bytes', async () => {
    const { visit } = plain()
    const data = {
      s: 'x'.repeat(100_000),
      n: -0.5e-7,
      list: [[], {}, null, true],
      'e\u0301': '\u2028\ud834\udd1e',
    }
    await visit((session) => Object.assign(session.data, data))
    expect(await visit((session) => session.data)).toEqual(data)
  })

  test('a flash is for the next request that reads it, and gone then', async () => {
    const { visit, store } = plain()
    await visit((session) => {
      session.flash('notice', 'Saved.')
      expect(session.flash('notice')).toBeUndefined()
    })
    await visit(() => {})
    store.calls()
    expect(await visit((session) => session.flash('notice'))).toBe('Saved.')
    expect(store.calls()).toEqual(['get', 'update'])
    expect(await visit((session) => session.flash('notice'))).toBeUndefined()
  })

  const schema = v.object({ theme: v.optional(v.picklist(['light', 'dark'])), n: v.optional(v.number(), 0) })

  test('with a schema starts with its defaults, which create nothing, and is refused when it does not fit', async () => {
    const { visit, store } = storeSite({ schema })
    expect(await visit((session) => session.data)).toEqual({ n: 0 })
    expect(store.calls()).toEqual([])
    await expect(
      visit(({ data }) => {
        data.n = 'no' as never
      }),
    ).rejects.toThrow(TypeError)
    expect(store.calls()).toEqual([])
    await visit(({ data }) => {
      data.theme = 'dark'
    })
    expect(await visit((session) => session.data)).toEqual({ n: 0, theme: 'dark' })
  })

  test('that no longer fits goes through migrate, and is written once; without it, it is emptied and kept', async () => {
    const secret = generateSecret()
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const old = site<AnyData>({ secret, store }, clock)
    const { cookie } = await ask(old.manager, '', (session) => {
      session.signIn('u1')
      session.data.n = '7'
    })
    const strict = site({ secret, store, schema }, clock)
    const read = async (manager: typeof strict.manager) => {
      const session = await manager.open(requestOf(cookie as string))
      const { userId, data } = session
      await manager.commit(session)
      return [userId, data]
    }
    expect(await read(strict.manager)).toEqual(['u1', { n: 0 }])
    expect(strict.events.map(({ type }) => type)).toEqual(['empty'])
    const migrate = (data: unknown) => ({ ...(data as object), n: Number((data as AnyData).n) })
    const mending = site({ secret, store, schema, migrate }, clock)
    expect(await read(mending.manager)).toEqual(['u1', { n: 7 }])
    expect(await read(mending.manager)).toEqual(['u1', { n: 7 }])
    expect(mending.events.map(({ type }) => type)).toEqual(['migrate'])
    expect(await read(strict.manager)).toEqual(['u1', { n: 7 }])
  })
})

/** A store that returns what has expired, until it is deleted. */
function keepingStore(clock: () => number): SessionStore {
  const store = memoryStore({ clock })
  const forever = { expiresAt: clock() + 10 ** 12 }
  return {
    ...store,
    create: (key, value, options) => store.create(key, value, { ...options, ...forever }),
    update: (key, value, options) => store.update(key, value, { ...options, ...forever }),
  }
}

function requestOf(cookie: string): Request {
  return new Request('https://example.test/', { headers: { Cookie: `${NAME}=${cookie}` } })
}

async function replaceValue({ store, clock }: StoreSite<AnyData>, key: string, value: string): Promise<void> {
  const { version = '' } = (await store.get(key)) ?? {}
  const written = await store.update(key, value, { expiresAt: clock() + 10 ** 6, version })
  if (written === null) throw new Error('There is no such record.')
}

/** Changes the one record of a site by the second implementation. */
async function rewrite(
  made: StoreSite<AnyData>,
  secret: string,
  change: (fields: Parameters<typeof encodeFields>[0]) => Parameters<typeof encodeFields>[0],
): Promise<void> {
  const storeKey = keyOf(valueIn(made))
  const place = { secret: utf8(secret), cookieName: NAME, purpose: 'record', storeKey }
  const { value } = (await made.store.dump()).get(storeKey) ?? { value: '' }
  const { record, hour } = await openValue(value, place)
  const stored = decodeStored(record) as Stored
  const fields = change(decodeFields(fromHex(stored.record)))
  const content = encodeStored({ ...stored, record: hex(encodeFields(fields)) })
  await replaceValue(made, storeKey, await sealBytes(content, { ...place, hour }))
}
