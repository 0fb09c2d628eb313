import { measure, quantile } from '../requests/measure.ts'
import { startProcesses } from '../requests/processes.ts'
import type { RuntimeName } from '../requests/request-times.ts'
import { startWorkerd } from '../requests/workerd.ts'
import { rounded, type Table } from '../table.ts'
import type { Fresh } from './fresh-app.ts'

const ROUNDS = 25
const SIGN_IN = { scenario: 'sign-in', bytes: 133, inFlight: 1 } as const

/** Microseconds over the same request with everything in the cache. */
export interface DerivationTimes {
  /** The key of an hour: one call. */
  readonly hour: number
  /** A secret that the process has not seen: imported, its id and the key of this hour derived, three calls. */
  readonly secret: number
}

export async function derivationTimes(runtime: RuntimeName): Promise<DerivationTimes> {
  const peers = (['nothing', 'hour', 'secret'] satisfies Fresh[]).map((fresh) => `fresh-${fresh}`)
  const { hosts, stop } = await (runtime === 'workerd' ? startWorkerd(peers) : startProcesses(runtime, peers))
  try {
    const samples = await measure(hosts, SIGN_IN, ROUNDS)
    // The quartile: what disturbs a batch only adds, and these are differences of two.
    const time = (fresh: Fresh) => quantile(samples.get(`fresh-${fresh}`)?.wall ?? [], 0.25)
    return { hour: time('hour') - time('nothing'), secret: time('secret') - time('nothing') }
  } finally {
    await stop()
  }
}

export function derivationTable(times: ReadonlyMap<RuntimeName, DerivationTimes>): Table {
  return {
    title: 'Microseconds that a key adds to the request that needs it first',
    columns: ['', 'of an hour', 'in a new process'],
    rows: Array.from(times, ([runtime, { hour, secret }]) => [runtime, rounded(hour), rounded(secret)]),
  }
}
