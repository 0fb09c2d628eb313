import type { Sighting } from './observation.ts'
import {
  emptySession,
  FEATURES,
  isSameSpot,
  MAX_SPOTS,
  putSession,
  type SessionProfile,
  type Spot,
  spotOf,
  type UserProfile,
} from './profile.ts'
import type { Population } from './surprise.ts'

/** Milliseconds after which the same session in the same place counts again. */
const VISIT = 3_600_000

/** What a request that only goes on with a session counts for, where a sign-in counts 1: nobody proved anything. */
const UNPROVEN = 0.25

/**
 * A request of this user was let through. It counts as a visit when it is the first one of its session, the first since
 * something changed, or the first in an hour: else long sessions would count for more than short ones.
 *
 * @param trust From 0 to 1: how much it counts.
 */
export function learn(user: UserProfile, population: Population, sighting: Sighting, trust: number): void {
  const { sessionId, at } = sighting
  const session = (sessionId && user.sessions.get(sessionId)) || emptySession()
  const context = FEATURES.map((feature) => sighting[feature] ?? '').join('|')
  const isVisit = session.counted !== context || at - session.countedAt >= VISIT
  if (isVisit) {
    const weight = trust * (isUnproven(user, sighting) ? UNPROVEN : 1)
    for (const tallies of [user, population]) count(tallies, sighting, weight)
  }
  if (user.last === undefined || at >= user.last.at) user.last = spotOf(sighting)
  if (sessionId === undefined) return
  putSession(user, sessionId, {
    spots: spotsWith(session.spots, spotOf(sighting)),
    device: sighting.device ?? session.device,
    version: sighting.version ?? session.version,
    counted: context,
    countedAt: isVisit ? at : session.countedAt,
    reported: session.reported,
  } satisfies SessionProfile)
}

/** A session that goes on in a place or with a device that its user never signed in from. */
function isUnproven({ tallies }: UserProfile, sighting: Sighting): boolean {
  if (sighting.kind === 'sign-in') return false
  return FEATURES.some((feature) => {
    const value = sighting[feature]
    return value !== undefined && tallies[feature].count(value, sighting.at) < 1
  })
}

function count({ tallies, hours }: Population, sighting: Sighting, weight: number): void {
  if (weight <= 0) return
  for (const feature of FEATURES) {
    const value = sighting[feature]
    if (value !== undefined) tallies[feature].add(value, sighting.at, weight)
  }
  hours.add(sighting.hour, sighting.at, weight)
}

function spotsWith(spots: readonly Spot[], spot: Spot): readonly Spot[] {
  return [spot, ...spots.filter((earlier) => !isSameSpot(earlier, spot))].slice(0, MAX_SPOTS)
}
