import { featuresOf } from './move.ts'
import type { Sighting } from './observation.ts'
import {
  emptySession,
  type Feature,
  isSameSpot,
  MAX_PROBATION,
  MAX_SPOTS,
  type Population,
  putBounded,
  putSession,
  type SessionProfile,
  type Spot,
  spotOf,
  type UserProfile,
} from './profile.ts'

/** Milliseconds after which the same session in the same place counts again. */
const VISIT = 3_600_000

/** Milliseconds for which a value that is new does not count: nobody teaches a monitor in a hurry. */
const PROBATION = 72_000_000

/**
 * A request of this user was let through. It counts as a visit when it is the first one of its session, the first since
 * something changed, or the first in an hour: else long sessions would count for more than short ones.
 *
 * @param trust From 0 to 1: how much it counts. With 1 the user has just proven to be who it is, and what is new counts at
 * once; else from the next day on.
 */
export function learn(user: UserProfile, population: Population, sighting: Sighting, trust: number): void {
  const { sessionId, at } = sighting
  const session = (sessionId && user.sessions.get(sessionId)) || emptySession()
  const features = featuresOf(session, sighting)
  const context = features.map(([, value]) => value).join('|')
  const isVisit = session.counted !== context || at - session.countedAt >= VISIT
  if (isVisit) count(user, population, { features, sighting, trust })
  if (user.last === undefined || at >= user.last.at) user.last = spotOf(sighting)
  if (sessionId === undefined) return
  const isProven = session.origin === undefined || sighting.kind === 'sign-in' || trust >= 1
  putSession(user, sessionId, {
    ...session,
    spots: spotsWith(session.spots, spotOf(sighting)),
    ...(isProven ? { origin: spotOf(sighting), device: sighting.device, version: sighting.version } : {}),
    counted: context,
    countedAt: isVisit ? at : session.countedAt,
  } satisfies SessionProfile)
}

interface Visit {
  readonly features: readonly (readonly [Feature, string])[]
  readonly sighting: Sighting
  readonly trust: number
}

function count(user: UserProfile, population: Population, { features, sighting, trust }: Visit): void {
  const { at, hour } = sighting
  for (const [feature, value] of features) {
    if (!counts(user, { feature, value, at, trust })) continue
    const all = population.tallies[feature]
    if (!all.has(value)) all.addOther(at, trust)
    all.add(value, at, trust)
    user.tallies[feature].add(value, at, trust)
  }
  user.hours.add(hour, at, trust)
  population.hours.add(hour, at, trust)
}

interface Seen {
  readonly feature: Feature
  readonly value: string
  readonly at: number
  readonly trust: number
}

/** Whether the value is known, was new long enough, or is vouched for. */
function counts({ tallies, probation }: UserProfile, { feature, value, at, trust }: Seen): boolean {
  const own = tallies[feature]
  if (own.has(value)) return true
  const key = `${feature} ${value}`
  const since = probation.get(key)
  if (since === undefined) own.addOther(at, trust)
  const isOver = trust >= 1 || (since !== undefined && at - since >= PROBATION)
  if (isOver) probation.delete(key)
  else if (since === undefined) putBounded(probation, key, at, MAX_PROBATION)
  return isOver
}

function spotsWith(spots: readonly Spot[], spot: Spot): readonly Spot[] {
  return [spot, ...spots.filter((earlier) => !isSameSpot(earlier, spot))].slice(0, MAX_SPOTS)
}
