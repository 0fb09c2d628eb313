import type { Sighting } from '../observation.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** A browser and system that the user has never been seen with. */
export function newDevice({ user }: History, { device, at }: Sighting): RaisedSignal | null {
  const { device: tally } = user.tallies
  const visits = Math.round(tally.total(at))
  if (device === undefined || tally.has(device) || visits < MIN_VISITS) return null
  const text = `${device} for the first time in ${visits} visits`
  return { signal: 'new-device', evidence: { text, device, visits, devices: tally.size } }
}
