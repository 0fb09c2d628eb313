import { expect, test } from 'vitest'
import { GUARDS } from './guards.ts'
import { playSeeds } from './pool.ts'
import { commandOf, replay, shrink } from './replay.ts'
import { withThreads } from './thread.ts'
import type { Answer } from './worker.ts'

const SEEDS = 10_000
const TIMEOUT = 900_000

/** At least so often in so many seeds: a simulation in which nothing happens proves nothing. */
const AT_LEAST: Readonly<Record<string, number>> = {
  steps: 500_000,
  requests: 130_000,
  'store calls': 170_000,
  'mode store': 3900,
  'mode kv-store': 490,
  'mode sealed-marks': 930,
  'mode sealed-kv-marks': 760,
  'mode sealed': 380,
  'anonymous reads': 1600,
  'renewals confirmed': 1200,
  'copies brought': 64,
  'reject reused': 120,
  'reject revoked': 830,
  'reject ended': 3700,
  'reject ambiguous': 450,
  'reject idle-timeout': 390,
  'reject absolute-timeout': 3900,
  'reject undecodable': 440,
  'throws ERR_SESSION_CONFLICT': 5,
  'throws ERR_SESSION_ENDED': 1300,
  'throws ERR_SESSION_LIMIT': 600,
  'throws ERR_SESSION_STORE': 7600,
  'fault fails-before': 1400,
  'fault fails-after': 2800,
  'fault lost-before': 680,
  'fault lost-after': 1100,
  'fault garbage': 1000,
  timeouts: 5500,
  'responses lost': 21_000,
  'new ids overtaken by an older response': 300,
  thefts: 2000,
  sweeps: 2300,
  'challenges taken': 1100,
  'ended by evicted': 500,
  'ended by reused': 53,
  'ended by sign-in': 4300,
  'ended by sign-out': 1000,
  'deployments of secrets': 2800,
  'theme mixed': 3100,
  'theme renewals': 870,
  'theme ends': 1400,
  'theme long': 530,
  'theme challenges': 420,
  'event regenerate': 2000,
  'event reauthenticate': 2000,
  'reject forged': 2100,
  'ended by revoke': 480,
  'ended by revoked': 1300,
  'ended by reuse seen': 55,
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
    const whole = await shrink({ seed: 2, without: 'cas', change: where })
    expect(whole.violations.length).toBeGreaterThan(0)
    expect(whole.change?.requests).toBeLessThan(10)
    expect(whole.trace.some((line) => line.includes('VIOLATION'))).toBe(true)
    expect((await replay(whole)).trace).toEqual(whole.trace)
    expect(commandOf(whole)).toMatch(/^npm run simulate -- --seed \d+ --without cas --change '\{.*\}'$/)
  },
  TIMEOUT,
)
