import { isBurst } from '../bursts.ts'
import type { Sighting } from '../observation.ts'
import type { History, RaisedSignal } from './signal.ts'

/** In the last minutes, of users who are new there. */
const MIN_SIGN_INS = { address: 5, network: 20 }

/**
 * Many users signed in from around this address, or from this network, who had not been there before: a list of stolen
 * passwords is tried. An office in the morning is no such thing, since its users have been there.
 */
export function signInBurst({ bursts }: History, sighting: Sighting): RaisedSignal | null {
  if (sighting.kind !== 'sign-in') return null
  for (const where of ['address', 'network'] as const) {
    const rate = bursts.rate(`sign-in ${where} ${sighting[where]}`, sighting.at)
    if (sighting[where] !== undefined && isBurst(rate, MIN_SIGN_INS[where])) {
      const signIns = Math.round(rate.recent)
      const around = where === 'address' ? 'around this address' : (sighting.network ?? '')
      const text = `${signIns} users who are new there signed in from ${around} in the last minutes`
      return { signal: 'sign-in-burst', evidence: { text, signIns, usual: rate.usual } }
    }
  }
  return null
}
