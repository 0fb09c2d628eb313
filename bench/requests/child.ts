import { createInterface } from 'node:readline'
import type { CreateApp } from '../peers/peer.ts'
import { type Batch, createRunner } from './runner.ts'
import type { Took } from './runtime.ts'

/** A process that runs the batches that come as lines of JSON, and answers each with its milliseconds. */
export function childOf(createApp: CreateApp): void {
  const run = createRunner(createApp, process.env.BENCH_REDIS)

  async function timed(batch: Batch): Promise<Took> {
    const spent = process.cpuUsage()
    const started = performance.now()
    await run(batch)
    const wall = performance.now() - started
    const { user, system } = process.cpuUsage(spent)
    return { wall, cpu: (user + system) / 1000 }
  }
  const lines = createInterface({ input: process.stdin })
  lines.on('line', async (line) => {
    const answer = await timed(JSON.parse(line)).catch((error: unknown) => String(error))
    process.stdout.write(`\u0000${JSON.stringify(answer)}\n`)
  })
  lines.on('close', () => process.exit())
}
