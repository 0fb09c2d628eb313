import { createHash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import { type Played, play } from './play.ts'
import { everyOrder } from './small/every-order.ts'
import type { Scenario } from './small/scenario.ts'
import type { ModeName } from './world/mode-names.ts'
import type { Setting } from './world/setting.ts'
import type { Violation } from './world/world.ts'

/** What a thread is asked for: seeds from the first to before the last. */
export interface Order {
  readonly first: number
  readonly end: number
  readonly change?: Partial<Setting> | undefined
  /** Also what happened in each. */
  readonly isTraced?: boolean | undefined
}

/** A seed that failed. */
export interface Failure {
  readonly seed: number
  readonly violations: readonly Violation[]
}

/** What it answers: the counts of all, and the first that failed, with which it ends. */
export interface Answer {
  readonly played: number
  readonly counts: Readonly<Record<string, number>>
  readonly failed: Failure | undefined
  /** Of the last one, when they are traced. */
  readonly trace: readonly string[]
  /** Of the last one. */
  readonly mode: ModeName
  /** SHA-256 of each trace. */
  readonly digests: readonly string[]
}

parentPort?.on('message', async (order: Order | Scenario) => {
  parentPort?.postMessage('together' in order ? await everyOrder(order) : await answer(order))
})

async function answer({ first, end, change, isTraced = false }: Order): Promise<Answer> {
  const counts: Record<string, number> = {}
  const digests: string[] = []
  let trace: readonly string[] = []
  let mode: ModeName = 'store'
  for (let seed = first; seed < end; seed++) {
    const played: Played = await play(seed, change, isTraced)
    trace = played.trace
    mode = played.setting.mode
    if (isTraced) digests.push(createHash('sha256').update(trace.join('\n')).digest('hex'))
    for (const [name, count] of Object.entries(played.counts)) counts[name] = (counts[name] ?? 0) + count
    const { violations } = played
    if (violations.length > 0) {
      return { played: seed - first + 1, counts, failed: { seed, violations }, mode, trace, digests }
    }
  }
  return { played: end - first, counts, failed: undefined, mode, trace, digests }
}
