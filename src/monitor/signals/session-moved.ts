import type { Sighting } from '../observation.ts'
import { isSameSpot } from '../profile.ts'
import { duration } from './impossible-travel.ts'
import type { History, RaisedSignal } from './signal.ts'

/** The session goes on elsewhere, at an address or in a network that is new to the user. */
export function sessionMoved({ user, session }: History, sighting: Sighting): RaisedSignal | null {
  const last = session?.spots[0]
  if (last === undefined || sighting.network === undefined || isSameSpot(last, sighting)) return null
  const { tallies } = user
  const isNewNetwork = !tallies.network.has(sighting.network)
  const isNewAddress = sighting.address !== undefined && !tallies.address.has(sighting.address)
  if (!isNewNetwork && !isNewAddress) return null
  const [before, now] = [last.network ?? 'an unknown network', sighting.network]
  const passed = duration(sighting.at - last.at)
  const text =
    before === now ? `another address in ${now} after ${passed}` : `from ${before} to ${now} after ${passed}`
  return {
    signal: isNewNetwork ? 'moved-to-new-network' : 'moved-to-new-address',
    evidence: { text, before, now, seconds: Math.max(0, (sighting.at - last.at) / 1000) },
  }
}
