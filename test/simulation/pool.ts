import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { bundle } from './bundle.ts'
import type { Answer, Order } from './worker.ts'
import type { Setting } from './world/setting.ts'

/** What came of many seeds. */
export interface Summary {
  readonly played: number
  readonly counts: Readonly<Record<string, number>>
  /** In the order of their seeds. */
  readonly failed: readonly NonNullable<Answer['failed']>[]
}

export interface Seeds {
  readonly first: number
  readonly count: number
  /** A guard that is taken out of the sources. */
  readonly without?: string | undefined
  readonly change?: Partial<Setting> | undefined
  readonly threads?: number | undefined
  /** Told after every piece of work. */
  readonly onProgress?: ((played: number) => void) | undefined
}

/** Seeds that a thread plays before it looks whether another one has found something. */
const PIECE = 50

/** Plays seeds on several threads, until one has failed. */
export async function playSeeds({ first, count, without, change, threads, onProgress }: Seeds): Promise<Summary> {
  const directory = await mkdtemp(join(tmpdir(), 'wafer-simulation-'))
  const module = join(directory, 'simulation.mjs')
  await writeFile(module, await bundle(without))
  const summary = { played: 0, counts: {} as Record<string, number>, failed: [] as NonNullable<Answer['failed']>[] }
  let next = first
  const take = (): Order | undefined => {
    if (next >= first + count || summary.failed.length > 0) return undefined
    const order = { first: next, end: Math.min(next + PIECE, first + count), ...(change && { change }) }
    next = order.end
    return order
  }
  const note = ({ played, counts, failed }: Answer) => {
    summary.played += played
    for (const [name, times] of Object.entries(counts)) summary.counts[name] = (summary.counts[name] ?? 0) + times
    if (failed !== undefined) summary.failed.push(failed)
    onProgress?.(summary.played)
  }
  const size = Math.min(threads ?? availableParallelism(), Math.ceil(count / PIECE))
  try {
    await Promise.all(Array.from({ length: size }, () => work(module, take, note)))
  } finally {
    await rm(directory, { recursive: true })
  }
  summary.failed.sort((a, b) => a.seed - b.seed)
  return summary
}

/** One thread, for as long as there is work. */
function work(module: string, take: () => Order | undefined, note: (answer: Answer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(module)
    const go = () => {
      const order = take()
      if (order === undefined) worker.terminate().then(() => resolve(), reject)
      else worker.postMessage(order)
    }
    worker.on('error', reject)
    worker.on('message', (answer: Answer) => {
      note(answer)
      go()
    })
    go()
  })
}
