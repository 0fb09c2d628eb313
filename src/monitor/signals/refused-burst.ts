import { isBurst } from '../bursts.ts'
import type { Sighting } from '../observation.ts'
import type { History, RaisedSignal } from './signal.ts'

/** In the last minutes, from one prefix of addresses. */
export const MIN_REFUSED = 20

/** Many refused cookies came from around this address: somebody tries to forge one. */
export function refusedBurst({ bursts }: History, { at, address }: Sighting): RaisedSignal | null {
  if (address === undefined) return null
  const rate = bursts.rate(`refused ${address}`, at)
  if (!isBurst(rate, MIN_REFUSED)) return null
  const refused = Math.round(rate.recent)
  const text = `${refused} refused cookies from around this address in the last minutes`
  return { signal: 'refused-burst', evidence: { text, refused } }
}
