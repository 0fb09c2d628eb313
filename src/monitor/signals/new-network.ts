import type { Sighting } from '../observation.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** A network (autonomous system) from which the user has never been seen; told of a session that began there at its sign-in only. */
export function newNetwork({ user, session }: History, { kind, network, at }: Sighting): RaisedSignal | null {
  const { network: tally } = user.tallies
  const visits = Math.round(tally.total(at))
  if (network === undefined || tally.has(network) || visits < MIN_VISITS) return null
  if (kind !== 'sign-in' && session?.origin?.network === network) return null
  const text = `${network} for the first time in ${visits} visits`
  return { signal: 'new-network', evidence: { text, network, visits, networks: tally.size } }
}
