import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures, Ledger } from './ledger/ledger.ts'

/** Milliseconds; far more than it takes on a slow machine. */
const LIMIT = 60_000

/** Waits until the ledger has counted that many more of something. */
export async function counted({ figures, wrongs }: Ledger, what: keyof Figures, more: number): Promise<void> {
  const enough = figures[what] + more
  const limit = Date.now() + LIMIT
  while (figures[what] < enough) {
    if (Date.now() > limit) {
      throw new Error(`Fewer than ${more} ${what} in ${LIMIT} ms: ${JSON.stringify({ ...figures, wrongs })}`)
    }
    await sleep(5)
  }
}
