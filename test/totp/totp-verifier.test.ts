import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, SessionError, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { createTotpVerifier, generateTotpSecret, type TotpVerifierOptions } from 'wafer-session/totp'
import { codeAt, codeOfCounter, wrongCode } from '../support/authenticator.ts'
import { everyOrder } from '../support/every-order.ts'
import { watchedStore } from '../support/watched-store.ts'

/** One for all, so that its keys are made once. */
const key = generateSecret()
const secret = generateTotpSecret()
const MINUTE = 60
const HOUR = 3600
const YEAR = 365 * 86_400

type Limits = Omit<TotpVerifierOptions, 'sessions'>

function setting(limits: Limits = {}, store?: SessionStore) {
  const clock = fakeClock()
  const place = watchedStore(store ?? memoryStore({ clock }))
  const verifierOf = (through: SessionStore, secrets: string[] = [key]) =>
    createTotpVerifier({
      sessions: createSessionManager({ secret: secrets, store: through, clock }),
      clock,
      ...limits,
    })
  const verifier = verifierOf(place)
  return {
    clock,
    store: place,
    verifier,
    verifierOf,
    right: async (user = 'ada') => verifier.verify(user, secret, await codeAt(secret, clock())),
    wrong: async (user = 'ada') => verifier.verify(user, secret, await wrongCode(secret, clock())),
  }
}

const wrong = (retryAfter: number) => ({ ok: false, reason: 'wrong', retryAfter })
const used = (retryAfter = 0) => ({ ok: false, reason: 'used', retryAfter })
const locked = (retryAfter: number) => ({ ok: false, reason: 'locked', retryAfter })

describe('TotpVerifier.verify', () => {
  test('accepts each code once, and the next one after it', async () => {
    const { right, clock } = setting()
    expect(await right()).toEqual({ ok: true })
    expect(await right()).toEqual(used())
    clock.advance(29)
    expect(await right()).toEqual(used())
    clock.advance(1)
    expect(await right()).toEqual({ ok: true })
  })

  test('a code from before the last accepted one is used too', async () => {
    const { right, verifier, clock } = setting()
    const older = await codeAt(secret, clock())
    clock.advance(30)
    expect(await right()).toEqual({ ok: true })
    expect(await verifier.verify('ada', secret, older)).toEqual(used())
  })

  test('no code is accepted again in all the time that it is right, whatever the window', async () => {
    const { verifier, clock } = setting({ window: 10, period: 300, freeAttempts: 20, maxDelay: 1 })
    const code = await codeAt(secret, clock() + 3_000_000, { period: 300 })
    expect(await verifier.verify('ada', secret, code)).toEqual({ ok: true })
    const seen = new Set<string>()
    for (let minutes = 0; minutes < 110; minutes += 10) {
      clock.advance(10 * MINUTE)
      const result = await verifier.verify('ada', secret, code)
      seen.add(result.ok ? 'accepted' : result.reason)
    }
    expect([...seen]).toEqual(['used', 'wrong'])
  })

  test.each([
    [30, 60],
    [60, 30],
    [10, 300],
  ])(
    'a period of %i seconds that becomes %i locks nobody out, and brings no code back',
    async (old, young) => {
      const { verifier, store, clock } = setting({ period: old })
      const first = await codeAt(secret, clock(), { period: old })
      expect(await verifier.verify('ada', secret, first)).toEqual({ ok: true })
      const sessions = createSessionManager({ secret: key, store, clock })
      const after = createTotpVerifier({ sessions, clock, period: young })
      clock.advance(300)
      const next = await codeAt(secret, clock(), { period: young })
      expect(await after.verify('ada', secret, next)).toEqual({ ok: true })
      expect(await after.verify('ada', secret, next)).toEqual(used())
    },
  )

  test('no step is before the epoch', async () => {
    const { verifier, clock } = setting()
    clock.set(0)
    expect(await verifier.verify('ada', secret, await codeOfCounter(secret, -1))).toEqual(wrong(0))
    expect(await verifier.verify('ada', secret, await codeOfCounter(secret, 0))).toEqual({ ok: true })
  })

  test('users are apart', async () => {
    const { right, wrong: fail } = setting()
    for (let i = 0; i < 5; i++) await fail('ada')
    expect(await right('ada')).toEqual(locked(30))
    expect(await right('grace')).toEqual({ ok: true })
  })

  test('five attempts are free, then each costs twice the wait, up to an hour', async () => {
    const { wrong: fail, clock } = setting()
    const waits: number[] = []
    for (let i = 0; i < 14; i++) {
      const result = await fail()
      if (result.ok || result.reason !== 'wrong') throw new Error('not looked at')
      waits.push(result.retryAfter)
      clock.advance(result.retryAfter)
    }
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
  })

  test('during a wait the right code is not looked at; at its last millisecond it is still locked', async () => {
    const { right, wrong: fail, clock } = setting()
    for (let i = 0; i < 5; i++) await fail()
    expect(await right()).toEqual(locked(30))
    clock.advance(29.999)
    expect(await right()).toEqual(locked(1))
    clock.advance(0.001)
    expect(await right()).toEqual({ ok: true })
  })

  test('attempts during a wait do not make it longer, and write nothing', async () => {
    const { right, wrong: fail, clock, store } = setting()
    for (let i = 0; i < 5; i++) await fail()
    store.calls()
    for (let i = 0; i < 20; i++) expect(await fail()).toEqual(locked(30))
    expect(new Set(store.calls())).toEqual(new Set(['get']))
    clock.advance(30)
    expect(await right()).toEqual({ ok: true })
  })

  test('a code that was accepted forgets the failures, and one that was used does not', async () => {
    const { right, wrong: fail, clock } = setting()
    for (let i = 0; i < 4; i++) await fail()
    expect(await right()).toEqual({ ok: true })
    for (let i = 0; i < 3; i++) await fail()
    expect(await right()).toEqual(used())
    expect(await fail()).toEqual(wrong(30))
    clock.advance(30)
    expect(await fail()).toEqual(wrong(60))
  })

  test('after a hundred failures nothing but reset helps', async () => {
    const { right, wrong: fail, clock, verifier } = setting()
    for (let i = 0; i < 100; i++) {
      expect(await fail()).toMatchObject({ reason: 'wrong' })
      clock.advance(HOUR)
    }
    expect(await right()).toEqual(locked(Number.POSITIVE_INFINITY))
    clock.advance(9 * YEAR)
    expect(await right()).toEqual(locked(Number.POSITIVE_INFINITY))
    await verifier.reset('ada')
    expect(await right()).toEqual({ ok: true })
  })

  test('failures are remembered for years', async () => {
    const { wrong: fail, clock } = setting()
    for (let i = 0; i < 6; i++) {
      await fail()
      clock.advance(MINUTE)
    }
    clock.advance(5 * YEAR)
    expect(await fail()).toEqual(wrong(120))
  })

  test('limits are options', async () => {
    const { wrong: fail, clock } = setting({ freeAttempts: 1, firstDelay: 10, maxDelay: 15, maxFailures: 3 })
    expect(await fail()).toEqual(wrong(10))
    clock.advance(10)
    expect(await fail()).toEqual(wrong(15))
    clock.advance(15)
    expect(await fail()).toEqual(wrong(15))
    clock.advance(YEAR)
    expect(await fail()).toEqual(locked(Number.POSITIVE_INFINITY))
  })

  test('what is no code is wrong, and counts', async () => {
    const { verifier } = setting()
    for (const [i, code] of [undefined, 123456, ['123456'], '١٢٣٤٥٦', 'x'.repeat(1e6)].entries()) {
      expect(await verifier.verify('ada', secret, code)).toEqual(wrong(i < 4 ? 0 : 30))
    }
  })

  test('digits, period, algorithm and window are those of the options', async () => {
    const app = { digits: 8, period: 60, algorithm: 'SHA-256' } as const
    const { verifier, clock } = setting({ ...app, window: 0 })
    const code = await codeAt(secret, clock(), app)
    clock.advance(59)
    expect(await verifier.verify('ada', secret, code)).toEqual({ ok: true })
    clock.advance(1)
    expect(await verifier.verify('grace', secret, code)).toEqual(wrong(0))
  })

  test.each([
    ['', secret],
    [undefined, secret],
    [7, secret],
    ['ada', 'nope!'],
    ['ada', undefined],
  ])('verify(%j, %j) is a TypeError, and counts nothing', async (userId, given) => {
    const { verifier, store } = setting()
    await expect(verifier.verify(userId as string, given as string, '123456')).rejects.toThrow(TypeError)
    expect(store.calls()).toEqual([])
  })

  test('the store sees neither user nor step, and what it keeps of a success it keeps for a day', async () => {
    const { right, store, clock } = setting()
    await right()
    const records = [...(await store.dump())]
    expect(records.length).toBe(1)
    const text = JSON.stringify(records)
    expect(text).not.toContain('ada')
    expect(text).not.toContain(String(clock() / 30_000))
    const [place] = store.places.values()
    expect((place?.expiresAt as number) - clock()).toBe((86_400 + 90) * 1000)
  })

  test('a success costs one read and two writes, a failure one of each', async () => {
    const { right, wrong: fail, store } = setting()
    await right()
    expect(store.calls()).toEqual(['get', 'create', 'update'])
    await fail()
    expect(store.calls()).toEqual(['get', 'update'])
  })
})

describe('TotpVerifier.verify, two requests at the same time', () => {
  test.each(['a user who is new', 'a user with failures', 'a user with a step'])(
    'with one code: exactly one wins, in every order; %s',
    async (who) => {
      const orders = await everyOrder(async (race) => {
        const { store, verifier, verifierOf, wrong: fail, right, clock } = setting()
        if (who.endsWith('failures')) await fail()
        if (who.endsWith('step')) await right()
        clock.advance(60)
        const code = await codeAt(secret, clock())
        const [a, b] = race.gates(store).map((gate) => verifierOf(gate)) as [typeof verifier, typeof verifier]
        const outcomes = await race.run(
          () => a.verify('ada', secret, code),
          () => b.verify('ada', secret, code),
        )
        const results = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome))
        expect(results.toSorted((x) => ('ok' in x && x.ok ? -1 : 1))).toEqual([{ ok: true }, used()])
      })
      expect(orders).toBeGreaterThan(5)
    },
  )

  test('a wrong code beside the right one: each gets its answer, and a wrong one after the right one counts', async () => {
    await everyOrder(async (race) => {
      const { store, verifier, verifierOf, clock } = setting()
      const [good, bad] = [await codeAt(secret, clock()), await wrongCode(secret, clock())]
      const [a, b] = race.gates(store).map((gate) => verifierOf(gate)) as [typeof verifier, typeof verifier]
      const [one, other] = await race.run(
        () => a.verify('ada', secret, good),
        () => b.verify('ada', secret, bad),
      )
      expect(one).toMatchObject({ value: { ok: true } })
      expect(other).toMatchObject({ value: wrong(0) })
    })
  })

  test('no two guesses are counted as one', async () => {
    await everyOrder(async (race) => {
      const { store, verifier, verifierOf, clock } = setting({ freeAttempts: 2 })
      const bad = await wrongCode(secret, clock())
      const [a, b] = race.gates(store).map((gate) => verifierOf(gate)) as [typeof verifier, typeof verifier]
      await race.run(
        () => a.verify('ada', secret, bad),
        () => b.verify('ada', secret, bad),
      )
      expect(await verifier.verify('ada', secret, bad)).toEqual(locked(30))
    })
  })

  test('of fifty guesses at once from five places, five are looked at', async () => {
    const { store, verifierOf, clock } = setting()
    const places = Array.from({ length: 5 }, () => verifierOf(store))
    const bad = await wrongCode(secret, clock())
    const guesses = Array.from({ length: 50 }, (_, i) => places[i % 5]?.verify('ada', secret, bad))
    const results = await Promise.all(guesses)
    expect(results.filter((result) => result?.ok === false && result.reason === 'wrong').length).toBe(5)
    expect(results.filter((result) => result?.ok === false && result.reason === 'locked').length).toBe(45)
  })

  test('of fifty requests with the right code at once, one gets in', async () => {
    const { right } = setting()
    const results = await Promise.all(Array.from({ length: 50 }, () => right()))
    expect(results.filter(({ ok }) => ok).length).toBe(1)
  })

  test('reset beside an attempt keeps what was used used', async () => {
    await everyOrder(async (race) => {
      const { store, verifier, verifierOf, wrong: fail, clock } = setting()
      await fail()
      const code = await codeAt(secret, clock())
      const [a, b] = race.gates(store).map((gate) => verifierOf(gate)) as [typeof verifier, typeof verifier]
      const [one, other] = await race.run(
        () => a.verify('ada', secret, code),
        () => b.reset('ada'),
      )
      expect(one).toMatchObject({ value: { ok: true } })
      expect(other.status).toBe('fulfilled')
      expect(await verifier.verify('ada', secret, code)).toEqual(used())
    })
  })
})

describe('TotpVerifier.reset', () => {
  test('lifts a wait, keeps the last step, and is nothing for a user without failures', async () => {
    const { right, wrong: fail, verifier, store } = setting()
    await verifier.reset('ada')
    expect(await right()).toEqual({ ok: true })
    store.calls()
    await verifier.reset('ada')
    expect(store.calls()).toEqual(['get'])
    for (let i = 0; i < 5; i++) await fail()
    expect(await right()).toEqual(locked(30))
    await verifier.reset('ada')
    expect(await right()).toEqual(used())
  })

  test('wants a user', async () => {
    await expect(setting().verifier.reset('')).rejects.toThrow(TypeError)
  })
})

describe('TotpVerifier when secrets rotate', () => {
  test('attempts and steps go on under the new secret, and after the old one is gone', async () => {
    const { right, wrong: fail, store, verifierOf, clock } = setting()
    const young = generateSecret()
    await right()
    for (let i = 0; i < 5; i++) await fail()
    const code = await codeAt(secret, clock())
    const both = verifierOf(store, [young, key])
    expect(await both.verify('ada', secret, code)).toEqual(locked(30))
    await both.reset('ada')
    expect(await verifierOf(store, [young]).verify('ada', secret, code)).toEqual(used())
  })

  test('of twenty requests at places that all find it under the old secret, one gets in', async () => {
    const { store, verifierOf, wrong: fail, clock } = setting()
    await fail()
    const young = generateSecret()
    const places = Array.from({ length: 4 }, () => verifierOf(store, [young, key]))
    const code = await codeAt(secret, clock())
    const requests = Array.from({ length: 20 }, (_, i) => places[i % 4]?.verify('ada', secret, code))
    // A request that comes upon the move again and again is told to try again: ERR_SESSION_CONFLICT.
    const results = await Promise.allSettled(requests)
    const accepted = results.filter((result) => result.status === 'fulfilled' && result.value?.ok)
    expect(accepted.length).toBe(1)
  })
})

describe('TotpVerifier when the store is down', () => {
  test.each(['get', 'create', 'update'] as const)(
    '%s fails: ERR_SESSION_STORE, and nobody is in',
    async (method) => {
      const clock = fakeClock()
      let down = true
      const memory = memoryStore({ clock })
      const fail = async () => {
        throw new Error('connection refused')
      }
      const store: SessionStore = {
        ...memory,
        get: (key) => (down && method === 'get' ? fail() : memory.get(key)),
        create: (...given) => (down && method === 'create' ? fail() : memory.create(...given)),
        update: (...given) => (down && method === 'update' ? fail() : memory.update(...given)),
      }
      const { right } = setting({ clock }, store)
      const error = await right().catch((error) => error)
      expect(error).toBeInstanceOf(SessionError)
      expect(error).toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
      down = false
      expect(await right()).toEqual({ ok: true })
    },
  )

  test('a store that forgets between count and answer lets nobody in', async () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    const store: SessionStore = {
      ...memory,
      async update(key) {
        await memory.delete(key)
        return null
      },
    }
    const error = await setting({ clock }, store)
      .right()
      .catch((error) => error)
    expect(error).toMatchObject({ code: 'ERR_SESSION_CONFLICT', status: 409 })
  })

  test('a store that never lets a write win ends in ERR_SESSION_CONFLICT', async () => {
    const clock = fakeClock()
    const store: SessionStore = { ...memoryStore({ clock }), create: async () => null }
    const error = await setting({ clock }, store)
      .right()
      .catch((error) => error)
    expect(error).toMatchObject({ code: 'ERR_SESSION_CONFLICT' })
  })
})

describe('createTotpVerifier', () => {
  const sessions = createSessionManager({ secret: key, store: memoryStore() })
  const weak = { ...memoryStore(), capabilities: { ...memoryStore().capabilities, atomicUpdate: false } }

  test('takes the store of the sessions or of their revocations, and asks it nothing yet', () => {
    const store = watchedStore(memoryStore())
    createTotpVerifier({ sessions: createSessionManager({ secret: key, store }) })
    createTotpVerifier({ sessions: createSessionManager({ secret: key, revocations: store }) })
    expect(store.calls()).toEqual([])
  })

  test.each([
    ['a manager without a store', createSessionManager({ secret: key }), /give the session manager a store/],
    [
      'revocations without atomicUpdate',
      createSessionManager({ secret: key, revocations: weak }),
      /atomicUpdate/,
    ],
    ['a store without atomicUpdate', createSessionManager({ secret: key, store: weak }), /atomicUpdate/],
    ['no manager', undefined, /wants sessions/],
    ['a store in its place', memoryStore(), /wants sessions/],
  ])('refuses %s with a sentence', (_, sessions, sentence) => {
    expect(() => createTotpVerifier({ sessions: sessions as never })).toThrow(TypeError)
    expect(() => createTotpVerifier({ sessions: sessions as never })).toThrow(sentence)
  })

  test.each([
    { freeAttempts: 0 },
    { freeAttempts: 21 },
    { firstDelay: 0 },
    { firstDelay: 60, maxDelay: 30 },
    { maxDelay: 86_401 },
    { maxFailures: 0 },
    { maxFailures: 101 },
    { digits: 4 },
    { window: 11 },
  ])('%o is a RangeError', (options) => {
    expect(() => createTotpVerifier({ sessions, ...options })).toThrow(RangeError)
  })

  test.each([{ freeAttempts: '5' }, { clock: 5 }, { algorithm: 'MD5' }, { lastStep: 1 }, { maxAttempts: 5 }])(
    '%o is a TypeError',
    (options) => {
      expect(() => createTotpVerifier({ sessions, ...(options as object) })).toThrow(TypeError)
    },
  )
})
