import { redisServer } from '../../test/support/redis-server.ts'
import { FLOOR, OURS, PEERS, peersOn } from '../peers.ts'
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
const ROUNDS = 21

const CASES: readonly (readonly [title: string, scenario: Scenario, bytes: number])[] = [
  ['anonymous', 'anonymous', SMALL],
  ['read', 'read', SMALL],
  ['write', 'write', SMALL],
  ['sign-in', 'sign-in', SMALL],
  ['forged', 'forged', SMALL],
  ['read 1 kB', 'read', KILOBYTE],
  ['write 1 kB', 'write', KILOBYTE],
  ['read 3 kB', 'read', 3 * KILOBYTE],
  ['write 3 kB', 'write', 3 * KILOBYTE],
]

/** By case and peer. */
type Results = Map<string, Map<string, Samples>>

/** Microseconds per request of every peer on one runtime, over the same application without a session. */
export async function requestTimes(name: RuntimeName): Promise<Table[]> {
  const runtime = await start(name)
  try {
    const results: Results = new Map()
    for (const [title, scenario, bytes] of CASES) {
      results.set(title, await measure(runtime.hosts, { scenario, bytes, inFlight: 1 }, ROUNDS))
    }
    return [timesTable(name, results)]
  } finally {
    await runtime.stop()
  }
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
  const titles = CASES.map(([title]) => title)
  const rows = peersOn(runtime).map((peer) => [
    PEERS[peer]?.title ?? peer,
    ...titles.map((title) => rounded(over(results, title, peer, 'wall'))),
    ...['read', 'write'].map((title) => rounded(over(results, title, peer, 'cpu'))),
  ])
  return {
    title: `${runtime}: microseconds per request over the same application without a session, one at a time`,
    columns: ['', ...titles, 'CPU read', 'CPU write'],
    rows,
    notes: ['read', 'write'].map((title) => ratios(results, title, runtime)),
  }
}

/** The median; of an application without a session, its own time. */
function over(results: Results, title: string, peer: string, kind: keyof Samples): number {
  const of = (name: string) => quantile(results.get(title)?.get(name)?.[kind] ?? [], 0.5)
  const base = PEERS[peer]?.base ?? peer
  return base === peer ? of(peer) : of(peer) - of(base)
}

function ratios(results: Results, title: string, runtime: RuntimeName): string {
  const time = (peer: string) => over(results, title, peer, 'wall')
  const rivals = peersOn(runtime).filter((peer) => peer !== OURS && PEERS[peer]?.encrypts)
  const best = rivals.toSorted((a, b) => time(a) - time(b))[0] ?? OURS
  const [toBest, toFloor] = [best, FLOOR].map((peer) => rounded(time(OURS) / time(peer)))
  return `${title}: wafer-session takes ${toBest} of ${PEERS[best]?.title}, the fastest peer that encrypts, and ${toFloor} of the floor.`
}
