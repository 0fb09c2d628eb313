import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { type AttemptLimits, createRecoveryCodes, createTotpVerifier } from 'wafer-session/totp'
import { everyOrder } from '../support/every-order.ts'
import { watchedStore } from '../support/watched-store.ts'

const key = generateSecret()
/** What people type for a digit. */
const ALIKE: Record<string, readonly string[]> = { 0: ['0', 'O', 'o'], 1: ['1', 'I', 'i', 'l', 'L'] }

const NEVER = '0000-0000-0000-0000-0000-0000'

function setting(limits: AttemptLimits = {}, store?: SessionStore) {
  const clock = fakeClock()
  const place = watchedStore(store ?? memoryStore({ clock }))
  const codesOf = (through: SessionStore, secrets: string[] = [key]) =>
    createRecoveryCodes({
      sessions: createSessionManager({ secret: secrets, store: through, clock }),
      clock,
      ...limits,
    })
  return { clock, store: place, codesOf, codes: codesOf(place) }
}

const wrong = (retryAfter = 0) => ({ ok: false, reason: 'wrong', retryAfter })
const locked = (retryAfter: number) => ({ ok: false, reason: 'locked', retryAfter })

describe('RecoveryCodes.generate', () => {
  test('gives ten codes of 120 bits, without letters that look like others', async () => {
    const { codes } = setting()
    const all = (await Promise.all(['a', 'b', 'c', 'd', 'e'].map((user) => codes.generate(user)))).flat()
    expect(all.length).toBe(50)
    expect(new Set(all).size).toBe(50)
    for (const code of all) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(new Set(all.join('').replaceAll('-', '')).size).toBe(32)
  })

  test('replaces the codes of before', async () => {
    const { codes } = setting()
    const [old] = await codes.generate('ada')
    await codes.generate('grace')
    const [young] = await codes.generate('ada')
    expect(await codes.use('ada', old)).toEqual(wrong())
    expect(await codes.use('ada', young)).toEqual({ ok: true, remaining: 9 })
    expect(await codes.remaining('grace')).toBe(10)
  })

  test('of two at the same time the codes of one are right, all ten', async () => {
    await everyOrder(async (race) => {
      const { store, codes, codesOf } = setting()
      await codes.generate('ada')
      const [one, other] = race.gates(store)
      const lists = await race.run(
        () => codesOf(one).generate('ada'),
        () => codesOf(other).generate('ada'),
      )
      const remaining: (number | undefined)[] = []
      for (const list of lists) {
        if (list.status !== 'fulfilled') throw list.reason
        const result = await codes.use('ada', list.value[0])
        remaining.push(result.ok ? result.remaining : undefined)
      }
      expect(remaining.toSorted()).toEqual([9, undefined])
    })
  })

  test('leaves failures as they are: new codes are no new guesses', async () => {
    const { codes } = setting()
    for (let i = 0; i < 5; i++) await codes.use('ada', NEVER)
    const [code] = await codes.generate('ada')
    expect(await codes.use('ada', code)).toEqual(locked(30))
  })

  test('the store sees neither user nor code, and keeps one record for ten years', async () => {
    const { codes, store, clock } = setting()
    const list = await codes.generate('ada')
    const records = [...(await store.dump())]
    expect(records.length).toBe(1)
    for (const text of ['ada', ...list, ...list.map((code) => code.replaceAll('-', ''))]) {
      expect(JSON.stringify(records)).not.toContain(text)
    }
    const [place] = store.places.values()
    expect((place?.expiresAt as number) - clock()).toBe(10 * 365 * 86_400_000)
  })

  test('what is kept under the seal are hashes', async () => {
    const kept: unknown[] = []
    const sessions = {
      serverState(purpose: string) {
        const state = createSessionManager({ secret: key, store: memoryStore() }).serverState(purpose)
        return {
          atomicUpdate: true,
          get: state.get.bind(state),
          update: state.update.bind(state),
          delete: state.delete.bind(state),
          async create(...given: Parameters<typeof state.create>) {
            kept.push(given)
            return state.create(...given)
          },
        }
      },
    }
    const list = await createRecoveryCodes({ sessions }).generate('ada')
    const text = JSON.stringify(kept)
    expect(text).toContain('ada')
    for (const code of list) {
      for (const part of [code, code.replaceAll('-', ''), code.slice(0, 9)]) expect(text).not.toContain(part)
    }
    expect(text.match(/"[\w-]{43}"/g)?.length).toBe(10)
  })
})

describe('RecoveryCodes.use', () => {
  test('each code is right once', async () => {
    const { codes } = setting()
    const list = await codes.generate('ada')
    for (const [i, code] of list.entries()) {
      expect(await codes.use('ada', code)).toEqual({ ok: true, remaining: 9 - i })
      expect(await codes.use('ada', code)).toEqual(wrong())
    }
    expect(await codes.remaining('ada')).toBe(0)
  })

  test('a code is of its user', async () => {
    const { codes } = setting()
    const [code] = await codes.generate('ada')
    await codes.generate('grace')
    expect(await codes.use('grace', code)).toEqual(wrong())
    expect(await codes.use('nobody', code)).toEqual(wrong())
    expect(await codes.use('ada', code)).toEqual({ ok: true, remaining: 9 })
  })

  test('case, spaces, dashes and letters that look like digits do not matter', async () => {
    const { codes } = setting()
    const gaps = fc.array(
      fc.constantFrom('', '', ' ', '-', '\t', '\n', '\u00a0', '\u2010', '\u2013', ' \u2014 '),
      {
        minLength: 24,
        maxLength: 24,
      },
    )
    const choices = fc.array(fc.nat(59), { minLength: 24, maxLength: 24 })
    await fc.assert(
      fc.asyncProperty(gaps, choices, async (gaps, choices) => {
        const [code = ''] = await codes.generate('ada')
        const spelt = Array.from(code.replaceAll('-', ''), (character, i) => {
          const alike = ALIKE[character] ?? [character, character.toLowerCase()]
          return `${gaps[i]}${alike[(choices[i] as number) % alike.length]}`
        })
        expect(await codes.use('ada', spelt.join(''))).toEqual({ ok: true, remaining: 9 })
      }),
      { numRuns: 40 },
    )
  })

  test('what is no code is wrong, counts, and never throws', async () => {
    const { codes, clock } = setting({ freeAttempts: 1, firstDelay: 1, maxDelay: 1 })
    const [code = ''] = await codes.generate('ada')
    const bad = [
      ...[undefined, null, 7, [code], { toString: () => code }, '', ' ', '-', code.slice(1), `${code}0`],
      ...[
        `${code.slice(0, -1)}U`,
        `${code.slice(0, -1)}\u0660`,
        `${code}\0`,
        code.repeat(2),
        'A'.repeat(1e6),
      ],
      ...[`${' '.repeat(100)}${code}`, code.replaceAll('-', '.'), '__proto__', '\ud800'],
    ]
    for (const one of bad) {
      expect(await codes.use('ada', one)).toEqual(wrong(1))
      clock.advance(1)
    }
    expect(await codes.use('ada', code)).toEqual({ ok: true, remaining: 9 })
  })

  test('attempts are limited as those of one-time codes, and apart from them', async () => {
    const { codes, store, clock } = setting()
    const [code, next] = await codes.generate('ada')
    const waits: unknown[] = []
    for (let i = 0; i < 7; i++) {
      const result = await codes.use('ada', NEVER)
      waits.push(result)
      clock.advance('retryAfter' in result ? result.retryAfter : 0)
    }
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120].map(wrong))
    expect(await codes.use('ada', code)).toEqual({ ok: true, remaining: 9 })
    for (let i = 0; i < 5; i++) await codes.use('ada', NEVER)
    expect(await codes.use('ada', next)).toEqual(locked(30))
    const sessions = createSessionManager({ secret: key, store, clock })
    const verifier = createTotpVerifier({ sessions, clock })
    expect(await verifier.verify('ada', 'A'.repeat(32), '')).toEqual(wrong())
    await codes.reset('ada')
    expect(await codes.use('ada', next)).toEqual({ ok: true, remaining: 8 })
  })

  test('after a hundred failures nothing but reset helps', async () => {
    const { codes, clock } = setting()
    const [code] = await codes.generate('ada')
    for (let i = 0; i < 100; i++) {
      expect(await codes.use('ada', NEVER)).toMatchObject({ reason: 'wrong' })
      clock.advance(3600)
    }
    expect(await codes.use('ada', code)).toEqual(locked(Number.POSITIVE_INFINITY))
    await codes.reset('ada')
    expect(await codes.use('ada', code)).toEqual({ ok: true, remaining: 9 })
  })

  test('guesses at users without codes are counted as all others', async () => {
    const { codes } = setting()
    for (let i = 0; i < 4; i++) expect(await codes.use('nobody', NEVER)).toEqual(wrong())
    expect(await codes.use('nobody', NEVER)).toEqual(wrong(30))
    expect(await codes.remaining('nobody')).toBe(0)
  })
})

describe('RecoveryCodes.use, two requests at the same time', () => {
  test('with one code: exactly one wins, in every order', async () => {
    const orders = await everyOrder(async (race) => {
      const { store, codes, codesOf } = setting()
      const [code] = await codes.generate('ada')
      const [one, other] = race.gates(store)
      const outcomes = await race.run(
        () => codesOf(one).use('ada', code),
        () => codesOf(other).use('ada', code),
      )
      const results = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome))
      expect(results.toSorted((x) => ('ok' in x && x.ok ? -1 : 1))).toEqual([
        { ok: true, remaining: 9 },
        wrong(),
      ])
      expect(await codes.remaining('ada')).toBe(9)
    })
    expect(orders).toBeGreaterThan(5)
  })

  test('with two codes: both are used up, in every order', async () => {
    await everyOrder(async (race) => {
      const { store, codes, codesOf } = setting()
      const [code, next] = await codes.generate('ada')
      const [one, other] = race.gates(store)
      const outcomes = await race.run(
        () => codesOf(one).use('ada', code),
        () => codesOf(other).use('ada', next),
      )
      for (const outcome of outcomes) expect(outcome).toMatchObject({ value: { ok: true } })
      expect(await codes.remaining('ada')).toBe(8)
    })
  })

  test('with a code while others replace it: used before, or wrong; never one of eleven', async () => {
    await everyOrder(async (race) => {
      const { store, codes, codesOf } = setting()
      const [code] = await codes.generate('ada')
      const [one, other] = race.gates(store)
      await race.run(
        () => codesOf(one).use('ada', code),
        () => codesOf(other).generate('ada'),
      )
      expect(await codes.remaining('ada')).toBe(10)
      expect(await codes.use('ada', code)).toMatchObject({ reason: 'wrong' })
    })
  })

  test('of twenty requests from four places with one code, one gets in', async () => {
    const { store, codes, codesOf } = setting()
    const [code] = await codes.generate('ada')
    const places = Array.from({ length: 4 }, () => codesOf(store))
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => places[i % 4]?.use('ada', code)))
    expect(results.filter((result) => result?.ok).length).toBe(1)
  })
})

describe('RecoveryCodes', () => {
  test('revoke voids all codes', async () => {
    const { codes } = setting()
    const [code] = await codes.generate('ada')
    await codes.revoke('ada')
    expect(await codes.remaining('ada')).toBe(0)
    expect(await codes.use('ada', code)).toEqual(wrong())
  })

  test('codes and failures go on when secrets rotate, and after the old one is gone', async () => {
    const { codes, store, codesOf } = setting()
    const young = generateSecret()
    const [code, next] = await codes.generate('ada')
    for (let i = 0; i < 4; i++) await codes.use('ada', NEVER)
    const both = codesOf(store, [young, key])
    expect(await both.remaining('ada')).toBe(10)
    const after = codesOf(store, [young])
    expect(await after.use('ada', NEVER)).toEqual(wrong(30))
    await after.reset('ada')
    expect(await after.use('ada', code)).toEqual({ ok: true, remaining: 9 })
    expect(await after.use('ada', next)).toEqual({ ok: true, remaining: 8 })
  })

  test('a secret that was dropped takes its codes along: nobody is in, and new ones can be made', async () => {
    const { codes, store, codesOf } = setting()
    const [code] = await codes.generate('ada')
    const after = codesOf(store, [generateSecret()])
    expect(await after.remaining('ada')).toBe(0)
    expect(await after.use('ada', code)).toEqual(wrong())
    const [young] = await after.generate('ada')
    expect(await after.use('ada', young)).toEqual({ ok: true, remaining: 9 })
  })

  test.each(['get', 'create', 'update'] as const)(
    'when the store is down, %s: ERR_SESSION_STORE',
    async (method) => {
      const clock = fakeClock()
      let down = false
      const memory = memoryStore({ clock })
      const fail = async () => {
        throw new Error('connection refused')
      }
      const { codes } = setting(
        { clock },
        {
          ...memory,
          get: (key) => (down && method === 'get' ? fail() : memory.get(key)),
          create: (...given) => (down && method === 'create' ? fail() : memory.create(...given)),
          update: (...given) => (down && method === 'update' ? fail() : memory.update(...given)),
        },
      )
      const [code] = method === 'create' ? [NEVER] : await codes.generate('ada')
      down = true
      const store = { code: 'ERR_SESSION_STORE', status: 503 }
      await expect(codes.use('ada', code)).rejects.toMatchObject(store)
      await expect(codes.generate('ada')).rejects.toMatchObject(store)
    },
  )

  test.each(['', undefined, 7])('wants a user: %j', async (user) => {
    const { codes, store } = setting()
    const userId = user as string
    await expect(codes.generate(userId)).rejects.toThrow(TypeError)
    await expect(codes.use(userId, NEVER)).rejects.toThrow(TypeError)
    await expect(codes.remaining(userId)).rejects.toThrow(TypeError)
    await expect(codes.revoke(userId)).rejects.toThrow(TypeError)
    await expect(codes.reset(userId)).rejects.toThrow(TypeError)
    expect(store.calls()).toEqual([])
  })

  test('createRecoveryCodes refuses wrong options, and a manager without a store that compares', () => {
    const weak = { ...memoryStore(), capabilities: { ...memoryStore().capabilities, atomicUpdate: false } }
    const sessions = createSessionManager({ secret: key, store: memoryStore() })
    const make = (options: object) => () => createRecoveryCodes(options as never)
    expect(make({})).toThrow(/wants sessions/)
    expect(make({ sessions: createSessionManager({ secret: key }) })).toThrow(
      /give the session manager a store/,
    )
    expect(make({ sessions: createSessionManager({ secret: key, store: weak }) })).toThrow(/atomicUpdate/)
    expect(make({ sessions, count: 20 })).toThrow(TypeError)
    expect(make({ sessions, maxFailures: 1000 })).toThrow(RangeError)
  })
})
