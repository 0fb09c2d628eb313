import type { Sighting } from '../observation.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** A network (autonomous system) from which the user has never been seen. */
export function newNetwork({ user }: History, { network, at }: Sighting): RaisedSignal | null {
  const { network: tally } = user.tallies
  const visits = Math.round(tally.total(at))
  if (network === undefined || tally.has(network) || visits < MIN_VISITS) return null
  const text = `${network} for the first time in ${visits} visits`
  return { signal: 'new-network', evidence: { text, network, visits, networks: tally.size } }
}
