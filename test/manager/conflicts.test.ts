import { describe, expect, test } from 'vitest'
import { generateSecret, type Session, type SessionManagerOptions, type SessionStore } from 'wafer-session'
import * as z from 'zod'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

const secret = generateSecret()
const ended = expect.objectContaining({ code: 'ERR_SESSION_ENDED', status: 409 })
const conflict = expect.objectContaining({ name: 'SessionError', code: 'ERR_SESSION_CONFLICT', status: 409 })

/** A visitor with this data, whose browser sends several requests at a time. */
async function shared(
  data: AnyData = {},
  options: Partial<SessionManagerOptions<AnyData>> = {},
  change?: (store: SessionStore) => Partial<SessionStore>,
) {
  const place = storeSite<AnyData>(options, change)
  const { manager, jar, visit } = place
  await visit((session) => {
    session.signIn('u1')
    Object.assign(session.data, data)
  })
  const open = () => manager.open(requestWith(jar.header()))
  /** What another request does from its beginning to its end. */
  const meanwhile = async (act: (session: Session<AnyData>) => unknown) => {
    const session = await open()
    await act(session)
    return manager.commit(session)
  }
  const stored = async () => (await open()).data
  return { ...place, open, meanwhile, stored }
}

const increment = (data: AnyData) => {
  data.n = (data.n ?? 0) + 1
}

/** Lets the next `count` updates lose, as if another request had written first. */
function losing() {
  const lost = { count: 0 }
  const change = (store: SessionStore): Partial<SessionStore> => ({
    update: (key, value, options) =>
      lost.count-- > 0 ? Promise.resolve(null) : store.update(key, value, options),
  })
  return { lost, change }
}

/** A door that holds the next call of `update` until it is opened. */
function heldUpdate() {
  let hold = false
  let arrive = () => {}
  let open = () => {}
  const change = (store: SessionStore): Partial<SessionStore> => ({
    async update(key, value, options) {
      if (hold) {
        hold = false
        await new Promise<void>((go) => {
          open = go
          arrive()
        })
      }
      return store.update(key, value, options)
    },
  })
  return {
    change,
    /** Settles when an update waits. */
    next: () =>
      new Promise<void>((resolve) => {
        hold = true
        arrive = resolve
      }),
    open: () => open(),
  }
}

describe('row 90: two requests at the same time', () => {
  const set = (values: AnyData) => (data: AnyData) => void Object.assign(data, values)
  const drop = (key: string) => (data: AnyData) => void delete data[key]
  type Act = (data: AnyData) => void
  const cases: [what: string, before: AnyData, first: Act, second: Act, after: AnyData][] = [
    ['different keys both survive', { kept: 1 }, set({ a: 1 }), set({ b: 2 }), { kept: 1, a: 1, b: 2 }],
    [
      'of one key the last wins, of others nothing is lost',
      { n: 0 },
      set({ n: 1, a: 1 }),
      set({ n: 2 }),
      { n: 2, a: 1 },
    ],
    ['a deleted key stays deleted', { n: 1 }, drop('n'), set({ b: 1 }), { b: 1 }],
    ['a key is deleted on top of a change elsewhere', { n: 1 }, set({ a: 1 }), drop('n'), { a: 1 }],
    ['a deletion wins over an earlier change of the key', { n: 1 }, set({ n: 2 }), drop('n'), {}],
    ['a change wins over an earlier deletion of the key', { n: 1 }, drop('n'), set({ n: 2 }), { n: 2 }],
    ['both delete one key', { n: 1, m: 1 }, drop('n'), drop('n'), { m: 1 }],
    ['a key set to undefined is a deleted one', { n: 1 }, set({ m: 2 }), set({ n: undefined }), { m: 2 }],
    [
      'nested changes below different keys both survive',
      { a: { x: [1] }, b: { y: 1 } },
      ({ a }) => void a.x.push(2),
      ({ b }) => void Object.assign(b, { y: 2 }),
      { a: { x: [1, 2] }, b: { y: 2 } },
    ],
    [
      'of nested changes below one key the last wins, whole',
      { a: { x: 1, y: 1 } },
      ({ a }) => void Object.assign(a, { x: 2 }),
      ({ a }) => void Object.assign(a, { y: 2 }),
      { a: { x: 1, y: 2 } },
    ],
    [
      'a key that was set and set back is left to the other',
      { n: 1 },
      set({ n: 2 }),
      (data) => [{ n: 5, m: 1 }, { n: 1 }].forEach((values) => void Object.assign(data, values)),
      { n: 2, m: 1 },
    ],
  ]

  test.each(cases)('%s', async (_, before, act, actToo, after) => {
    const { manager, open, stored } = await shared(before)
    const [first, second] = [await open(), await open()]
    act(first.data)
    actToo(second.data)
    await manager.commit(first)
    await manager.commit(second)
    expect(await stored()).toEqual(after)
  })

  test('an anonymous visitor is no exception', async () => {
    const { manager, jar, visit } = storeSite<AnyData>()
    await visit((session) => {
      session.data.n = 1
    })
    const [first, second] = await Promise.all([1, 2].map(() => manager.open(requestWith(jar.header()))))
    Object.assign(first?.data ?? {}, { a: 1 })
    Object.assign(second?.data ?? {}, { b: 2 })
    await Promise.all([manager.commit(first as Session<AnyData>), manager.commit(second as Session<AnyData>)])
    expect(await visit((session) => session.data)).toEqual({ n: 1, a: 1, b: 2 })
  })

  test('a conflict costs one read and one write more', async () => {
    const { manager, store, open, meanwhile } = await shared()
    const session = await open()
    session.data.a = 1
    await meanwhile(({ data }) => Object.assign(data, { b: 1 }))
    store.calls()
    await manager.commit(session)
    expect(store.calls()).toEqual(['update', 'get', 'update'])
  })

  test('a save on top of a renewal keeps both', async () => {
    const { manager, clock, jar, open, respond, stored } = await shared()
    clock.advance(901)
    const late = await open()
    await respond(() => 'the offer')
    const current = jar.get('__Host-session')
    await respond(() => 'the confirmation')
    late.data.n = 1
    expect(await manager.commit(late)).toEqual([]) // Its token is the one before now: nothing to offer.
    expect(jar.get('__Host-session')).toBe(current)
    expect(await stored()).toEqual({ n: 1 })
  })
})

describe('row 90: update', () => {
  test('two increments count two', async () => {
    const { manager, open, stored } = await shared({ n: 5 })
    const [first, second] = [await open(), await open()]
    first.update(increment)
    second.update(increment)
    await manager.commit(first)
    await manager.commit(second)
    expect(await stored()).toEqual({ n: 7 })
  })

  test('its function runs once without a conflict, and once more for each', async () => {
    const { lost, change } = losing()
    const { manager, open } = await shared({}, {}, change)
    for (const [conflicts, runs] of [
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const) {
      let count = 0
      const session = await open()
      session.update((data) => {
        count++
        increment(data)
      })
      lost.count = conflicts
      await manager.commit(session)
      expect(count).toBe(runs)
    }
  })

  test('three tries, then ERR_SESSION_CONFLICT, and nothing is half written', async () => {
    const { lost, change } = losing()
    const { manager, store, open, stored } = await shared({ n: 1 }, {}, change)
    const session = await open()
    session.update(increment)
    session.data.m = 1
    session.flash('notice', 'Saved')
    lost.count = 3
    store.calls()
    await expect(manager.commit(session)).rejects.toEqual(conflict)
    expect(store.calls()).toEqual(['update', 'get', 'update', 'get', 'update'])
    expect(await stored()).toEqual({ n: 1 })
    expect((await open()).flash('notice')).toBeUndefined()
  })

  test('ten at a time, five times: as many are counted as were told so', async () => {
    const { manager, open, stored } = await shared({ n: 0 })
    let told = 0
    for (let round = 0; round < 5; round++) {
      const sessions = await Promise.all(Array.from({ length: 10 }, open))
      for (const session of sessions) session.update(increment)
      const results = await Promise.allSettled(sessions.map((session) => manager.commit(session)))
      const failed = results.filter((result) => result.status === 'rejected')
      for (const { reason } of failed) expect(reason).toEqual(conflict)
      expect(failed.length).toBeLessThan(10)
      told += 10 - failed.length
      expect(await stored()).toEqual({ n: told })
    }
  })

  test('a direct change, then update of the same key: both are done again, in their order', async () => {
    const { manager, open, meanwhile, stored } = await shared({ n: 1 })
    const session = await open()
    session.data.n = 10
    session.update(increment)
    await meanwhile(({ data }) => Object.assign(data, { n: 100 }))
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 11 })
  })

  test('update, then a direct change of the same key: the change stands', async () => {
    const { manager, open, meanwhile, stored } = await shared({ n: 1 })
    const session = await open()
    session.update(increment)
    session.data.n = 50
    await meanwhile(({ data }) => Object.assign(data, { n: 100, m: 1 }))
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 50, m: 1 })
  })

  test('a function that throws midway: what it changed so far is a direct change', async () => {
    const { manager, open, meanwhile, stored } = await shared({ n: 1, total: 0 })
    const session = await open()
    const broken = (data: AnyData) => {
      increment(data)
      throw new RangeError('out of stock')
    }
    expect(() => session.update(broken)).toThrow('out of stock')
    expect(session.data.n).toBe(2)
    await meanwhile(({ data }) => Object.assign(data, { n: 100, total: 3 }))
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 2, total: 3 })
  })

  test('a function that throws on the data of another request: its error arrives, and nothing is written', async () => {
    const { manager, open, meanwhile, stored } = await shared({ stock: 1 })
    const take = (data: AnyData) => {
      data.taken = true
      if (data.stock === 0) throw new RangeError('out of stock')
      data.stock--
    }
    const session = await open()
    session.update(take)
    session.data.order = 1
    await meanwhile((other) => other.update((data) => void data.stock--))
    await expect(manager.commit(session)).rejects.toThrow(new RangeError('out of stock'))
    expect(await stored()).toEqual({ stock: 0 })
  })

  test('with a new id: the increments of both are counted under it', async () => {
    const { manager, jar, open, meanwhile, stored } = await shared({ n: 0 })
    const session = await open()
    session.regenerate()
    session.update(increment)
    await meanwhile((other) => other.update(increment))
    jar.store(await manager.respond(session, new Response()))
    expect(await stored()).toEqual({ n: 2 })
    expect((await open()).id).toBe(session.id)
  })
})

describe('flash of two requests at the same time', () => {
  test('one is consumed, another one set: each has its way', async () => {
    const { manager, open, visit } = await shared()
    await visit((session) => session.flash('old', 'read me'))
    const [first, second] = [await open(), await open()]
    expect(first.flash('old')).toBe('read me')
    second.flash('new', 'and me')
    await manager.commit(first)
    await manager.commit(second)
    expect(await visit((session) => [session.flash('old'), session.flash('new')])).toEqual([
      undefined,
      'and me',
    ])
  })

  test('consumed by the one that writes last: gone', async () => {
    const { manager, open, meanwhile, visit } = await shared()
    await visit((session) => session.flash('old', 'read me'))
    const session = await open()
    expect(session.flash('old')).toBe('read me')
    await meanwhile((other) => other.flash('new', 'and me'))
    await manager.commit(session)
    expect(await visit((other) => [other.flash('old'), other.flash('new')])).toEqual([undefined, 'and me'])
  })

  test('consumed by both: both read it, the next one does not', async () => {
    const { manager, open, visit } = await shared()
    await visit((session) => session.flash('notice', 'Saved'))
    const sessions = [await open(), await open()]
    expect(sessions.map((session) => session.flash('notice'))).toEqual(['Saved', 'Saved'])
    for (const session of sessions) await manager.commit(session)
    expect(await visit((session) => session.flash('notice'))).toBeUndefined()
  })

  test('set anew by another request while it is consumed: the new one is kept', async () => {
    const { manager, open, meanwhile, visit } = await shared()
    await visit((session) => session.flash('notice', 'one'))
    const session = await open()
    expect(session.flash('notice')).toBe('one')
    await meanwhile((other) => other.flash('notice', 'two'))
    await manager.commit(session)
    expect(await visit((other) => other.flash('notice'))).toBe('two')
  })

  test('set, committed and consumed elsewhere: a later change of this request does not bring it back', async () => {
    const { manager, open, meanwhile, visit } = await shared()
    const session = await open()
    session.flash('notice', 'Saved')
    await session.commit()
    await meanwhile((other) => expect(other.flash('notice')).toBe('Saved'))
    session.data.n = 1
    await manager.commit(session)
    expect(await visit((other) => [other.flash('notice'), other.data])).toEqual([undefined, { n: 1 }])
  })
})

describe('session.commit() among other writers', () => {
  test('conflicts before and after it: nothing is lost, nothing is done twice', async () => {
    const { manager, open, meanwhile, stored } = await shared({ n: 0 })
    const session = await open()
    session.update(increment)
    session.data.a = 1
    await meanwhile((other) => other.update(increment))
    await session.commit()
    expect(session.data).toEqual({ n: 2, a: 1 })
    await meanwhile((other) => {
      other.update(increment)
      other.data.a = 2
    })
    session.update(increment)
    session.data.b = 1
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 4, a: 2, b: 1 })
  })

  test('the handler sees what the other request wrote, on the object that it has', async () => {
    const { open, meanwhile } = await shared({ theirs: 0, gone: 1, mine: [] })
    const session = await open()
    const { data } = session
    data.mine.push(1)
    await meanwhile(({ data: theirs }) => {
      theirs.theirs = 1
      delete theirs.gone
    })
    await session.commit()
    expect(session.data).toBe(data)
    expect(data).toEqual({ theirs: 1, mine: [1] })
  })

  test('what a handler holds of its data stays part of it', async () => {
    const { manager, open, meanwhile, stored } = await shared({ cart: [] })
    const session = await open()
    const { cart } = session.data
    cart.push('tea')
    await meanwhile(({ data }) => Object.assign(data, { n: 1 }))
    await session.commit()
    cart.push('milk')
    await manager.commit(session)
    expect(await stored()).toEqual({ cart: ['tea', 'milk'], n: 1 })
  })

  test('a failed one leaves everything due, and a second one works', async () => {
    const { lost, change } = losing()
    const { manager, open, stored } = await shared({ n: 0 }, {}, change)
    const session = await open()
    session.update(increment)
    lost.count = 3
    await expect(session.commit()).rejects.toEqual(conflict)
    session.data.m = 1
    await session.commit()
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 1, m: 1 })
  })

  test('of a session that was signed out meanwhile: ERR_SESSION_ENDED, and so at the end', async () => {
    const { manager, open, meanwhile, store } = await shared()
    const session = await open()
    session.data.n = 1
    await meanwhile((other) => other.signOut())
    await expect(session.commit()).rejects.toEqual(ended)
    await expect(manager.commit(session)).rejects.toEqual(ended)
    expect([...(await store.dump())]).toEqual([])
  })

  test('un-awaited, with changes while it runs: they are kept too, each once', async () => {
    const door = heldUpdate()
    const { manager, open, meanwhile, stored } = await shared({ n: 0 }, {}, door.change)
    const session = await open()
    session.update(increment)
    session.data.a = 1
    const waiting = door.next()
    const saving = session.commit()
    await waiting
    session.update(increment)
    session.data.b = 1
    door.open()
    await saving
    await meanwhile((other) => {
      other.update(increment)
      other.data.a = 2
    })
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 3, a: 2, b: 1 })
  })

  test('un-awaited and in conflict, with changes while it runs: they are kept too, each once', async () => {
    const door = heldUpdate()
    const { manager, open, meanwhile, stored } = await shared({ n: 0 }, {}, door.change)
    const session = await open()
    session.update(increment)
    const waiting = door.next()
    const saving = session.commit()
    await waiting
    session.update(increment)
    session.data.b = 1
    await meanwhile((other) => other.update(increment))
    door.open()
    await saving
    expect(session.data).toEqual({ n: 3, b: 1 })
    await meanwhile((other) => other.update(increment))
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 4, b: 1 })
  })

  test.each(['regenerate', 'reauthenticate'] as const)(
    'un-awaited and in conflict, with %s while it runs: the session moves, and the old id is over',
    async (move) => {
      const door = heldUpdate()
      const { manager, jar, open, meanwhile, stored, events } = await shared({}, {}, door.change)
      const old = jar.header()
      const session = await open()
      const before = session.id
      session.data.a = 1
      const waiting = door.next()
      const saving = session.commit()
      await waiting
      session[move]()
      await meanwhile(({ data }) => Object.assign(data, { b: 1 }))
      door.open()
      await saving
      jar.store(await manager.respond(session, new Response()))
      expect(await stored()).toEqual({ a: 1, b: 1 })
      const [now, replayed] = [await open(), await manager.open(requestWith(old))]
      expect([now.id, now.userId, replayed.isNew]).toEqual([session.id, 'u1', true])
      expect(now.id).not.toBe(before)
      expect(events).toContainEqual(expect.objectContaining({ type: move, previousId: before }))
    },
  )

  test('row 11: un-awaited and in conflict, with signIn while it runs: nothing of it is under the old token', async () => {
    const door = heldUpdate()
    const { manager, jar, visit } = storeSite<AnyData>({}, door.change)
    await visit((session) => {
      session.data.planted = true
      session.flash('planted', 'too')
    })
    const old = jar.header()
    const session = await manager.open(requestWith(old))
    session.data.a = 1
    const waiting = door.next()
    const saving = session.commit()
    await waiting
    session.signIn('u1')
    session.data.own = 1
    const other = await manager.open(requestWith(old))
    other.data.b = 1
    await manager.commit(other)
    door.open()
    await saving
    expect((await manager.open(requestWith(old))).userId).toBeUndefined()
    jar.store(await manager.respond(session, new Response()))
    expect((await manager.open(requestWith(old))).isNew).toBe(true)
    expect(await visit((now) => [now.userId, now.data, now.flash('planted')])).toEqual([
      'u1',
      { own: 1 },
      undefined,
    ])
  })
})

describe('the end of the request in a conflict', () => {
  test('what a handler kept of the data is frozen while it is merged, and shows its own changes', async () => {
    const door = heldUpdate()
    const { manager, open, meanwhile, stored } = await shared({ list: [] }, {}, door.change)
    const session = await open()
    const { data } = session
    data.list.push(1)
    const waiting = door.next()
    const committing = manager.commit(session)
    await waiting
    await meanwhile((other) => Object.assign(other.data, { other: 1 }))
    expect(() => data.list.push(2)).toThrow(TypeError)
    expect(() => session.update(increment)).toThrow(
      expect.objectContaining({ code: 'ERR_SESSION_COMMITTED' }),
    )
    door.open()
    await committing
    expect(data).toEqual({ list: [1] })
    expect(await stored()).toEqual({ list: [1], other: 1 })
  })

  test('a touch that lost is dropped: one write, no error, no cookie', async () => {
    const { manager, clock, store, open, meanwhile, stored } = await shared()
    clock.advance(200)
    const reader = await open()
    await meanwhile(({ data }) => Object.assign(data, { n: 1 }))
    store.calls()
    expect(await manager.commit(reader)).toEqual([])
    expect(store.calls()).toEqual(['update'])
    expect(await stored()).toEqual({ n: 1 })
  })

  test('a touch of a session that was signed out is dropped, and brings nothing back', async () => {
    const { manager, clock, store, open, meanwhile } = await shared()
    clock.advance(200)
    const reader = await open()
    await meanwhile((other) => other.signOut())
    expect(await manager.commit(reader)).toEqual([])
    expect([...(await store.dump())]).toEqual([])
  })

  test('a request that wanted what is there by now writes nothing more', async () => {
    const { manager, store, open, meanwhile } = await shared({ n: 1 })
    const session = await open()
    session.data.n = 2
    await meanwhile(({ data }) => Object.assign(data, { n: 2 }))
    store.calls()
    expect(await manager.commit(session)).toEqual([])
    expect(store.calls()).toEqual(['update', 'get'])
  })

  test('a session that expired meanwhile: ERR_SESSION_ENDED', async () => {
    const { manager, clock, open, meanwhile } = await shared()
    const session = await open()
    session.data.n = 1
    await meanwhile(({ data }) => Object.assign(data, { m: 1 }))
    clock.advance(1800)
    await expect(manager.commit(session)).rejects.toEqual(ended)
  })

  test('of two clocks the later activity counts', async () => {
    const { manager, clock, open } = await shared()
    const [early, late] = [await open(), await open()]
    early.data.a = 1
    late.data.b = 1
    clock.advance(30)
    const seen = clock()
    await manager.commit(late)
    clock.advance(-30)
    await manager.commit(early)
    expect((await open()).lastSeenAt).toBe(seen)
  })
})

describe('a schema in a conflict', () => {
  const schema = z.object({ n: z.number().default(0), m: z.number().optional(), tag: z.string().optional() })

  test('data merges as it does without one', async () => {
    const { manager, open, meanwhile, stored } = await shared({}, { schema })
    const session = await open()
    session.update(increment)
    await meanwhile((other) => {
      other.update(increment)
      other.data.m = 1
    })
    await manager.commit(session)
    expect(await stored()).toEqual({ n: 2, m: 1 })
  })

  test('merged data that does not fit is refused, and nothing is written', async () => {
    const few = schema.refine(({ m, tag }) => m === undefined || tag === undefined, 'm or tag')
    const { manager, open, meanwhile, stored } = await shared({}, { schema: few })
    const session = await open()
    session.data.tag = 'x'
    await meanwhile(({ data }) => Object.assign(data, { m: 1 }))
    await expect(manager.commit(session)).rejects.toThrow(
      /^session\.data does not fit its schema: .*m or tag/,
    )
    expect(await stored()).toEqual({ n: 0, m: 1 })
  })

  test('both mend old data by migrate, and change different keys: both survive', async () => {
    const { jar, store, clock, visit } = storeSite<AnyData>({
      secret,
    })
    await visit((session) => {
      session.data.count = 7
    })
    const migrate = (old: unknown) => ({ n: (old as AnyData).count })
    const now = site<AnyData>({ secret, store, schema: schema.strict(), migrate }, clock)
    const [first, second] = [
      await now.manager.open(requestWith(jar.header())),
      await now.manager.open(requestWith(jar.header())),
    ]
    expect(first.data).toEqual({ n: 7 })
    first.data.m = 1
    second.update(increment)
    await now.manager.commit(first)
    await now.manager.commit(second)
    const { data } = await now.manager.open(requestWith(jar.header()))
    expect(data).toEqual({ n: 8, m: 1 })
    expect(now.events.filter(({ type }) => type === 'migrate')).toHaveLength(2)
  })
})
