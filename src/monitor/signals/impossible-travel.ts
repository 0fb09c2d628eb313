import { distance } from '../distance.ts'
import type { Sighting } from '../observation.ts'
import type { Spot } from '../profile.ts'
import type { History, RaisedSignal } from './signal.ts'

/** Kilometres by which the place of an address may be wrong. */
const TOLERANCE = 100

/** Kilometres an hour: airliners do 900 on the ground, and some tail wind. */
const MAX_SPEED = 1000

/** Hours: two requests in the same second are not an infinite speed. */
const MIN_HOURS = 0.01

/**
 * Faster than an airliner from where the user was last. Not between two networks that are known of the user: then it is
 * a VPN, or a phone whose carrier shows up in another city.
 */
export function impossibleTravel({ user }: History, sighting: Sighting): RaisedSignal | null {
  const { last } = user
  const km = last && distance(last, sighting)
  if (last === undefined || km === undefined || km <= TOLERANCE) return null
  const hours = Math.max(MIN_HOURS, (sighting.at - last.at) / 3_600_000)
  const speed = (km - TOLERANCE) / hours
  if (speed <= MAX_SPEED || (isKnown(user, last) && isKnown(user, sighting))) return null
  return {
    signal: 'impossible-travel',
    evidence: {
      text: `${Math.round(km)} km in ${duration(sighting.at - last.at)}`,
      km: Math.round(km),
      hours,
      kmPerHour: Math.round(speed),
    },
  }
}

/** More than one visit, so that the first one of a thief makes nothing possible. */
function isKnown({ tallies }: History['user'], { network, at }: Pick<Spot, 'network' | 'at'>): boolean {
  return network !== undefined && tallies.network.count(network, at) > 1
}

export function duration(milliseconds: number): string {
  const minutes = Math.max(0, milliseconds / 60_000)
  if (minutes < 1) return 'less than a minute'
  return minutes < 120 ? `${Math.round(minutes)} minutes` : `${Math.round(minutes / 60)} hours`
}
