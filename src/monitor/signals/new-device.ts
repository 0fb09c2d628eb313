import type { Sighting } from '../observation.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** A browser and system that the user has never been seen with; told of a session that began with it at its sign-in only. */
export function newDevice({ user, session }: History, { kind, device, at }: Sighting): RaisedSignal | null {
  const { device: tally } = user.tallies
  const visits = Math.round(tally.total(at))
  if (device === undefined || tally.has(device) || visits < MIN_VISITS) return null
  if (kind !== 'sign-in' && session?.device === device) return null
  const text = `${device} for the first time in ${visits} visits`
  return { signal: 'new-device', evidence: { text, device, visits, devices: tally.size } }
}
