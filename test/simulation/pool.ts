import { availableParallelism } from 'node:os'
import { type Thread, withThreads } from './thread.ts'
import type { Answer, Failure, Order } from './worker.ts'
import type { Setting } from './world/setting.ts'

/** What came of many seeds. */
export interface Summary {
  readonly played: number
  readonly counts: Readonly<Record<string, number>>
  /** In the order of their seeds. */
  readonly failed: readonly Failure[]
}

export interface Seeds {
  readonly first: number
  readonly count: number
  readonly without?: string | undefined
  readonly change?: Partial<Setting> | undefined
  /** A new one is slow for a while: where few seeds will do, one is cheaper. @default as many as there are cores */
  readonly threads?: number | undefined
  /** Told after every piece of work how many were played. */
  readonly onProgress?: ((played: number) => void) | undefined
}

/** Seeds that a thread plays before it looks whether another one has found something. */
const PIECE = 50

/** Plays seeds until one has failed. */
export function playSeeds(seeds: Seeds): Promise<Summary> {
  const { first, count, without, change, threads = availableParallelism(), onProgress } = seeds
  const total = new Total()
  let next = first
  const take = (): Order | undefined => {
    if (next >= first + count || total.failed.length > 0) return undefined
    const order = { first: next, end: Math.min(next + PIECE, first + count), change }
    next = order.end
    return order
  }
  const work = async (thread: Thread) => {
    for (let order = take(); order !== undefined; order = take()) {
      total.add(await thread.ask(order))
      onProgress?.(total.played)
    }
  }
  return withThreads({ count: Math.min(threads, Math.ceil(count / PIECE)), without }, async (all) => {
    await Promise.all(all.map(work))
    total.failed.sort((a, b) => a.seed - b.seed)
    return total
  })
}

class Total implements Summary {
  played = 0
  readonly counts: Record<string, number> = {}
  readonly failed: Failure[] = []

  add({ played, counts, failed }: Answer): void {
    this.played += played
    for (const [name, times] of Object.entries(counts)) this.counts[name] = (this.counts[name] ?? 0) + times
    if (failed !== undefined) this.failed.push(failed)
  }
}
