import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { bundle } from './bundle.ts'
import type { Explored } from './small/every-order.ts'
import type { Scenario } from './small/scenario.ts'
import type { Answer, Order } from './worker.ts'

/** A thread of its own that plays seeds, one order after the other. */
export interface Thread {
  ask(order: Order): Promise<Answer>
  explore(scenario: Scenario): Promise<Explored>
}

/**
 * Does something with threads on which the simulation is loaded; they end with it.
 *
 * @param without A guard that is taken out of the sources.
 */
export async function withThreads<Result>(
  { count, without }: { readonly count: number; readonly without?: string | undefined },
  work: (threads: readonly Thread[]) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'wafer-simulation-'))
  const workers: Worker[] = []
  try {
    const module = join(directory, 'simulation.mjs')
    await writeFile(module, await bundle(without))
    for (let i = 0; i < count; i++) workers.push(new Worker(module))
    return await work(workers.map(threadOf))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
    await rm(directory, { recursive: true })
  }
}

function threadOf(worker: Worker): Thread {
  return {
    ask: (order) => askOf(worker, order),
    explore: (scenario) => askOf(worker, scenario),
  }
}

function askOf<Reply>(worker: Worker, question: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (reply: Reply) => {
      worker.off('error', reject)
      resolve(reply)
    })
    worker.postMessage(question)
  })
}
