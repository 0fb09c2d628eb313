import {
  emptyProfile,
  emptySession,
  FEATURES,
  MAX_PROBATION,
  MAX_SESSIONS,
  MAX_SPOTS,
  type ProfileJson,
  putSession,
  type SessionProfile,
  type Spot,
  spotOf,
  type UserProfile,
} from './profile.ts'
import { readObservation } from './read-observation.ts'
import { isMass } from './tally.ts'

/** Longer than what a visit is counted by can be. */
const MAX_TEXT = 512

/** What `profileJson` gave; of anything else as much as makes sense. */
export function restoreProfile(json: Partial<ProfileJson> | null | undefined, halfLife: number): UserProfile {
  const profile = emptyProfile(halfLife)
  for (const feature of FEATURES) profile.tallies[feature].restore(json?.tallies?.[feature])
  profile.hours.restore(json?.hours)
  profile.last = spotFrom(json?.last)
  for (const [id, session] of pairsOf(json?.sessions, MAX_SESSIONS)) {
    if (Array.isArray(session?.spots)) putSession(profile, id, sessionFrom(session))
  }
  for (const [value, since] of pairsOf(json?.probation, MAX_PROBATION)) {
    if (isMass(since)) profile.probation.set(value, since)
  }
  const reused = json?.reused
  if (isMass(reused?.at) && typeof reused.sessionId === 'string') profile.reused = reused
  return profile
}

/** The last ones are those that were used last. */
// biome-ignore lint/suspicious/noExplicitAny: whatever stood in the store.
function pairsOf(json: unknown, max: number): [string, any][] {
  const pairs: readonly unknown[] = Array.isArray(json) ? json.slice(-max) : []
  return pairs.filter((pair) => Array.isArray(pair)).filter(([name]) => typeof name === 'string') as [
    string,
    unknown,
  ][]
}

function sessionFrom(json: Partial<SessionProfile>): SessionProfile {
  const { device, version, counted, countedAt, reported } = json
  return {
    ...emptySession(),
    spots: (json.spots ?? []).flatMap((spot) => spotFrom(spot) ?? []).slice(0, MAX_SPOTS),
    origin: spotFrom(json.origin),
    device: readObservation({ device }, 0).device,
    version: isMass(version) ? version : undefined,
    counted: textFrom(counted),
    countedAt: isMass(countedAt) ? countedAt : 0,
    reported: textFrom(reported),
  }
}

function spotFrom(json: Partial<Spot> | null | undefined): Spot | undefined {
  if (!isMass(json?.at)) return undefined
  const { address, isIpv6, ...seen } = json
  const tag = typeof address === 'string' && /^[\da-z]{1,4}$/.test(address) ? address : undefined
  return { ...spotOf(readObservation(seen, json.at)), address: tag, isIpv6: isIpv6 === true }
}

function textFrom(text: unknown): string | undefined {
  return typeof text === 'string' ? text.slice(0, MAX_TEXT) : undefined
}
