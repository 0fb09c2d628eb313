import { distance } from '../distance.ts'
import type { Sighting } from '../observation.ts'
import { isSameSpot, type Spot } from '../profile.ts'
import { duration } from './impossible-travel.ts'
import type { History, RaisedSignal } from './signal.ts'

/** Milliseconds: there and back again in this time. */
const WINDOW = 1_800_000

/** Kilometres between two places that are far from each other. */
const FAR = 100

/** Visits up to which a network is new to its user: a phone that goes from Wi-Fi to its carrier knows both. */
const FEW_VISITS = 2

/** One session in two networks in turn, one of them new to the user: near each other or far. */
export function parallelUse({ user, session }: History, sighting: Sighting): RaisedSignal | null {
  const [last, ...earlier] = session?.spots ?? []
  if (last === undefined || last.network === sighting.network) return null
  const back = earlier.find((spot) => isSameSpot(spot, sighting))
  if (back === undefined || sighting.at - back.at > WINDOW) return null
  if (!isNew(user, last) && !isNew(user, sighting)) return null
  const km = Math.round(distance(last, sighting) ?? 0)
  const places = `${nameOf(sighting)} and ${nameOf(last)}`
  const text = `${places} in turn, within ${duration(sighting.at - back.at)}`
  return {
    signal: km > FAR ? 'parallel-use-far' : 'parallel-use',
    evidence: { text, km, seconds: Math.max(0, (sighting.at - back.at) / 1000) },
  }
}

function isNew({ tallies }: History['user'], { network, address, at }: Spot): boolean {
  if (network !== undefined && tallies.network.count(network, at) < FEW_VISITS) return true
  // Who often has new addresses, behind a carrier's translation, has them in turn as well.
  const isSteady = tallies.address.rest(at) < 1 / 8
  return isSteady && address !== undefined && tallies.address.count(address, at) < FEW_VISITS
}

function nameOf({ city, country, network }: Spot): string {
  return [city ?? country, network].filter((part) => part !== undefined).join(', ') || 'an unknown place'
}
