import { moveOf, STAYS } from '../move.ts'
import type { Sighting } from '../observation.ts'
import { duration } from './impossible-travel.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** The session goes on elsewhere than where its user authenticated, in a way in which no session of this user did. */
export function sessionMoved({ user, session }: History, sighting: Sighting): RaisedSignal | null {
  const { tallies } = user
  const move = moveOf(session, sighting)
  if (session?.origin === undefined || sighting.network === undefined) return null
  if (move === undefined || move === STAYS || tallies.move.has(move)) return null
  if (tallies.move.total(sighting.at) < MIN_VISITS) return null
  const [before, now] = [session.origin.network ?? 'an unknown network', sighting.network]
  const passed = duration(sighting.at - (session.spots[0]?.at ?? 0))
  const places = before === now ? `another address in ${now}` : `${now}, begun in ${before}`
  return {
    signal:
      before === now ? 'moved-to-new-address' : tallies.network.has(now) ? 'moved' : 'moved-to-new-network',
    evidence: { text: `${places}, ${passed} after the last request`, before, now },
  }
}
