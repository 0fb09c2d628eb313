import { createInterface } from 'node:readline'
import { churn } from './churn.ts'

const run = churn()

/** Each line is a number of requests to reach; the answer is the heap, once everything that can go is gone. */
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    await run(Number(line))
    globalThis.gc?.()
    globalThis.gc?.()
    console.log(process.memoryUsage().heapUsed)
  })
  .on('close', () => process.exit())
