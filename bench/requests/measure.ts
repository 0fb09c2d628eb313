import type { Batch } from './runner.ts'
import type { Host } from './runtime.ts'

/** Microseconds of one request, in each round. */
export interface Samples {
  readonly wall: number[]
  readonly cpu: number[]
}

/** Milliseconds. */
const WARM_UP = 150
const BATCH_TIME = 10
const MOST = 4096

/**
 * Rounds interleaved, one batch of every host in each: what disturbs the machine disturbs all of them alike.
 *
 * @param rounds After one that warms up.
 */
export async function measure(
  hosts: ReadonlyMap<string, Host>,
  batch: Omit<Batch, 'requests'>,
  rounds: number,
): Promise<Map<string, Samples>> {
  const counts = new Map<string, number>()
  for (const [name, host] of hosts) counts.set(name, await calibrated(host, batch))
  const samples = new Map<string, Samples>(Array.from(hosts.keys(), (name) => [name, { wall: [], cpu: [] }]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, host] of hosts) {
      const requests = counts.get(name) ?? 1
      const { wall, cpu } = await host.time({ ...batch, requests })
      samples.get(name)?.wall.push((wall / requests) * 1000)
      samples.get(name)?.cpu.push((cpu / requests) * 1000)
    }
  }
  return samples
}

/**
 * So many requests that a batch takes about the same time whoever runs it. Warms up on the way: what a compiler does not
 * know yet is ten times as slow.
 */
async function calibrated(host: Host, batch: Omit<Batch, 'requests'>): Promise<number> {
  let requests = batch.inFlight
  await host.time({ ...batch, requests }) // Takes long: the first of all.
  let spent = 0
  let took = 0
  while (spent < WARM_UP || (took < BATCH_TIME && requests < MOST)) {
    took = (await host.time({ ...batch, requests })).wall
    spent += took
    if (took < BATCH_TIME) requests *= 2
  }
  const fitting = Math.round((requests * BATCH_TIME) / took / batch.inFlight)
  return Math.min(MOST, Math.max(1, fitting) * batch.inFlight)
}

/** @param share 0.5 for the median. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN
}
