import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures, Ledger } from './ledger/ledger.ts'

/** Milliseconds; far more than it takes on a slow machine. */
const LIMIT = 60_000

/** Waits until the ledger has counted that many more of something. */
export async function counted({ figures }: Ledger, what: keyof Figures, more: number): Promise<void> {
  const enough = figures[what] + more
  await until(() => figures[what] >= enough, `Fewer than ${more} requests more were ${what}`)
}

/** @param complaint What is wrong when it does not become true. */
export async function until(isSo: () => boolean, complaint: string): Promise<void> {
  const limit = Date.now() + LIMIT
  while (!isSo()) {
    if (Date.now() > limit) throw new Error(`${complaint} within ${LIMIT} ms.`)
    await sleep(5)
  }
}
