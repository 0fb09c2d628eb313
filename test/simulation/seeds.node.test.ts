import { expect, test } from 'vitest'
import { GUARDS } from './guards.ts'
import { playSeeds } from './pool.ts'
import { commandOf, replay, shrink } from './replay.ts'
import { withThreads } from './thread.ts'
import type { Answer } from './worker.ts'

const SEEDS = 10_000
const TIMEOUT = 400_000

/** At least so often in so many seeds: a simulation in which nothing happens proves nothing. */
const AT_LEAST: Readonly<Record<string, number>> = {
  steps: 510_000,
  requests: 130_000,
  'store calls': 170_000,
  'mode store': 3900,
  'mode kv-store': 490,
  'mode sealed-marks': 930,
  'mode sealed-kv-marks': 760,
  'mode sealed': 380,
  'anonymous reads': 1500,
  'renewals confirmed': 1100,
  'copies brought': 57,
  'reject reused': 120,
  'reject revoked': 830,
  'reject ended': 3800,
  'reject ambiguous': 460,
  'reject idle-timeout': 390,
  'reject absolute-timeout': 3900,
  'reject undecodable': 450,
  'throws ERR_SESSION_CONFLICT': 21,
  'throws ERR_SESSION_ENDED': 1400,
  'throws ERR_SESSION_LIMIT': 700,
  'throws ERR_SESSION_STORE': 8300,
  'fault fails-before': 1400,
  'fault fails-after': 2900,
  'fault lost-before': 720,
  'fault lost-after': 1100,
  'fault garbage': 1000,
  timeouts: 6200,
  'responses lost': 21_000,
  'new ids overtaken by an older response': 300,
  thefts: 2000,
  sweeps: 2200,
  'challenges taken': 1100,
  'ended by evicted': 540,
  'ended by reused': 55,
  'ended by sign-in': 4400,
  'ended by sign-out': 1000,
  'deployments of secrets': 2700,
  'theme mixed': 3000,
  'theme renewals': 870,
  'theme ends': 1500,
  'theme long': 440,
  'theme challenges': 430,
  'event regenerate': 2000,
  'event reauthenticate': 2000,
  'reject forged': 2100,
  'ended by revoke': 470,
  'ended by revoked': 1200,
  'ended by reuse seen': 49,
  'theme rush': 220,
}

test(
  'rows 11, 13, 15, 21, 22, 26, 33, 84, 86, 90 and 91: 10,000 seeds hold, and enough has happened in them',
  async () => {
    const { counts, failed, played } = await playSeeds({ first: 0, count: SEEDS })
    const [failure] = failed
    if (failure !== undefined) {
      const shortest = await shrink({ seed: failure.seed })
      const { message } = shortest.violations[0] ?? {}
      expect.fail(`${message}\n${shortest.trace.join('\n')}\n${commandOf(shortest)}\n${commandOf(failure)}`)
    }
    expect(played).toBe(SEEDS)
    const scarce = Object.entries(AT_LEAST).filter(([name, least]) => (counts[name] ?? 0) < least)
    expect(scarce.map(([name, least]) => `${name}: ${counts[name] ?? 0} of ${least}`)).toEqual([])
  },
  TIMEOUT,
)

test(
  'a seed played again, in another thread and after others, leaves the same trace, byte for byte',
  async () => {
    const order = { first: 0, end: 60, isTraced: true }
    const answers = await withThreads({ count: 2 }, async ([one, other]) => [
      await one?.ask(order),
      await one?.ask(order),
      await other?.ask({ ...order, first: 30 }),
    ])
    const [first, again, late] = answers as [Answer, Answer, Answer]
    expect(first.digests.length).toBe(60)
    expect(new Set(first.digests).size).toBe(60)
    expect(again.digests).toEqual(first.digests)
    expect(late.digests).toEqual(first.digests.slice(30))
  },
  TIMEOUT,
)

test(
  'a failing seed is told as the shortest run like it, which fails again by its command',
  async () => {
    const { where } = GUARDS.cas ?? {}
    const { failed } = await playSeeds({ first: 0, count: 1000, without: 'cas', change: where, threads: 1 })
    const whole = await shrink({ seed: failed[0]?.seed ?? 0, without: 'cas', change: where })
    expect(whole.violations.length).toBeGreaterThan(0)
    expect(whole.change?.requests).toBeLessThan(10)
    expect(whole.trace.some((line) => line.includes('VIOLATION'))).toBe(true)
    expect((await replay(whole)).trace).toEqual(whole.trace)
    expect(commandOf(whole)).toMatch(/^npm run simulate -- --seed \d+ --without cas --change '\{.*\}'$/)
  },
  TIMEOUT,
)
