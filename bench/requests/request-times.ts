import { redisServer } from '../../test/support/redis-server.ts'
import { BY_HAND, FLOOR, OURS, PEERS, peersOn } from '../peers.ts'
import { rounded, type Table } from '../table.ts'
import { measure, quantile, type Samples } from './measure.ts'
import { startProcesses } from './processes.ts'
import type { Scenario } from './runner.ts'
import type { Runtime } from './runtime.ts'
import { startWorkerd } from './workerd.ts'

export const RUNTIMES = ['workerd', 'node', 'deno', 'bun'] as const
export type RuntimeName = (typeof RUNTIMES)[number]

const SMALL = 133
const KILOBYTE = 1024
const ROUNDS = 15
const MANY = 64

interface Case {
  readonly title: string
  readonly scenario: Scenario
  readonly bytes: number
  readonly inFlight: number
}

const one = (title: string, scenario: Scenario, bytes = SMALL): Case => ({
  title,
  scenario,
  bytes,
  inFlight: 1,
})

const ONE_AT_A_TIME: readonly Case[] = [
  one('anonymous', 'anonymous'),
  one('read', 'read'),
  one('write', 'write'),
  one('sign-in', 'sign-in'),
  one('forged', 'forged'),
  one('read 1 kB', 'read', KILOBYTE),
  one('write 1 kB', 'write', KILOBYTE),
  one('read 3 kB', 'read', 3 * KILOBYTE),
  one('write 3 kB', 'write', 3 * KILOBYTE),
]

/** Whatever is measured first would pay for the compiler. */
const WARM_UP: readonly Case[] = [one('anonymous', 'anonymous'), one('read', 'read'), one('write', 'write')]

const IN_FLIGHT: readonly Case[] = [
  { title: 'read', scenario: 'read', bytes: SMALL, inFlight: MANY },
  { title: 'write', scenario: 'write', bytes: SMALL, inFlight: MANY },
]

/** By the title of the case, and peer. */
type Results = ReadonlyMap<string, ReadonlyMap<string, Samples>>

/** Times of every peer that runs on one runtime. */
export async function requestTimes(name: RuntimeName): Promise<Table[]> {
  const runtime = await start(name)
  try {
    await measureAll(runtime, WARM_UP, 1)
    const times = timesTable(name, await measureAll(runtime, ONE_AT_A_TIME))
    if (name !== 'node') return [times]
    return [times, throughputTable(await measureAll(runtime, IN_FLIGHT))]
  } finally {
    await runtime.stop()
  }
}

async function measureAll({ hosts }: Runtime, cases: readonly Case[], rounds = ROUNDS): Promise<Results> {
  const results = new Map<string, Map<string, Samples>>()
  for (const { title, ...batch } of cases) results.set(title, await measure(hosts, batch, rounds))
  return results
}

async function start(name: RuntimeName): Promise<Runtime> {
  const peers = peersOn(name)
  if (name === 'workerd') return startWorkerd(peers)
  if (name !== 'node') return startProcesses(name, peers)
  const redis = await redisServer()
  const runtime = await startProcesses(name, peers, redis.url)
  return {
    ...runtime,
    async stop() {
      await runtime.stop()
      await redis.stop()
    },
  }
}

function timesTable(runtime: RuntimeName, results: Results): Table {
  const titles = [...results.keys()]
  const rows = peersOn(runtime).map((peer) => [
    PEERS[peer]?.title ?? peer,
    ...titles.map((title) => rounded(over(results, title, peer, 'wall'))),
    ...['read', 'write'].map((title) => rounded(over(results, title, peer, 'cpu'))),
  ])
  return {
    runtime,
    title: `${runtime}: microseconds per request over the same application without a session, one at a time`,
    columns: ['', ...titles, 'CPU read', 'CPU write'],
    rows,
    notes: ['read', 'write'].map((title) => ratios(results, title, runtime)),
  }
}

/** On Node a `subtle` call is a trip through the thread pool: one request waits for it, of many some go on. */
function throughputTable(results: Results): Table {
  const perSecond = (title: string, peer: string) => 1e6 / middle(results, title, peer, 'wall')
  const rows = peersOn('node').map((peer) => [
    PEERS[peer]?.title ?? peer,
    ...Array.from(results.keys(), (title) => Math.round(perSecond(title, peer))),
  ])
  return { title: `node: requests per second, ${MANY} in flight`, columns: ['', ...results.keys()], rows }
}

/** Over the application without a session; of that, its own time. */
function over(results: Results, title: string, peer: string, kind: keyof Samples): number {
  const time = middle(results, title, peer, kind)
  const base = PEERS[peer]?.base ?? peer
  return base === peer ? time : time - middle(results, title, base, kind)
}

function middle(results: Results, title: string, peer: string, kind: keyof Samples): number {
  return quantile(results.get(title)?.get(peer)?.[kind] ?? [], 0.5)
}

/** To a JWE by hand, too, which is no library: it has a key, and neither an id nor a sign-in. */
function ratios(results: Results, title: string, runtime: RuntimeName): string {
  const time = (peer: string) => over(results, title, peer, 'wall')
  const rivals = peersOn(runtime).filter((peer) => peer !== OURS && PEERS[peer]?.encrypts && peer !== BY_HAND)
  const best = rivals.toSorted((a, b) => time(a) - time(b))[0] ?? OURS
  const [toBest, byHand, toFloor] = [best, BY_HAND, FLOOR].map((peer) => rounded(time(OURS) / time(peer)))
  return `${title}: wafer-session takes ${toBest} of ${PEERS[best]?.title}, the fastest library that encrypts, ${byHand} of a JWE by hand, ${toFloor} of the floor.`
}
