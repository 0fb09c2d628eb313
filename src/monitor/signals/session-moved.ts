import { moveOf, renumbering, STAYS } from '../move.ts'
import type { Sighting } from '../observation.ts'
import { duration } from './impossible-travel.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** Visits of all users, after which it shows whether a network gives its customers one address after the other. */
const ENOUGH = 20

/** The share of them in which the address changed within a session: carriers have far more. */
const SELDOM = 1 / 50

interface Networks {
  readonly before: string | undefined
  readonly now: string
}

/** The session goes on elsewhere than where its user authenticated, in a way in which no session of this user did. */
export function sessionMoved(history: History, sighting: Sighting): RaisedSignal | null {
  const { user, session } = history
  const { tallies } = user
  const move = moveOf(session, sighting)
  if (session?.origin === undefined || sighting.network === undefined) return null
  if (move === undefined || move === STAYS || tallies.move.has(move)) return null
  if (tallies.move.total(sighting.at) < MIN_VISITS) return null
  const networks = { before: session.origin.network, now: sighting.network }
  const { before = 'an unknown network', now } = networks
  const passed = duration(sighting.at - (session.spots[0]?.at ?? 0))
  const places = before === now ? `another address in ${now}` : `${now}, begun in ${before}`
  return {
    signal: nameOf(history, sighting, networks),
    evidence: { text: `${places}, ${passed} after the last request`, before, now },
  }
}

function nameOf(history: History, { address, at }: Sighting, { before, now }: Networks): string {
  const { network, address: own } = history.user.tallies
  if (!network.has(now)) return 'moved-to-new-network'
  const isNew = address !== undefined && !own.has(address)
  return isNew && isSteady(history, before, at) && isSteady(history, now, at)
    ? 'moved-to-new-address'
    : 'moved'
}

/** A line at home or at work keeps its address for a session; a carrier's customers get another one in turn. */
function isSteady({ user, population }: History, network: string | undefined, at: number): boolean {
  if (network === undefined || user.tallies.move.has(renumbering(network))) return false
  const visits = population.tallies.network.count(network, at)
  return visits >= ENOUGH && population.tallies.move.count(renumbering(network), at) < visits * SELDOM
}
