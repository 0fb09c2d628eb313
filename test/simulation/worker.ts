import { parentPort } from 'node:worker_threads'
import { play } from './play.ts'
import type { Setting } from './world/setting.ts'

/** What a thread is asked for: seeds from the first to before the last. */
export interface Order {
  readonly first: number
  readonly end: number
  readonly change?: Partial<Setting>
}

/** What it answers: the counts of all, and the first that failed. */
export interface Answer {
  readonly played: number
  readonly counts: Readonly<Record<string, number>>
  readonly failed:
    | { readonly seed: number; readonly violations: readonly object[]; readonly trace: readonly string[] }
    | undefined
}

parentPort?.on('message', async ({ first, end, change }: Order) => {
  const counts: Record<string, number> = {}
  for (let seed = first; seed < end; seed++) {
    const played = await play(seed, change)
    for (const [name, count] of Object.entries(played.counts)) counts[name] = (counts[name] ?? 0) + count
    if (played.violations.length > 0) {
      const { violations, trace } = await play(seed, change, true)
      parentPort?.postMessage({
        played: seed - first + 1,
        counts,
        failed: { seed, violations, trace },
      } satisfies Answer)
      return
    }
  }
  parentPort?.postMessage({ played: end - first, counts, failed: undefined } satisfies Answer)
})
