import { Hours, type HoursJson } from './hours.ts'
import type { Sighting } from './observation.ts'
import { isMass, Tally, type TallyJson } from './tally.ts'

/** What visits are counted by, beside the hour. */
export const FEATURES = ['country', 'place', 'network', 'address', 'device'] as const
export type Feature = (typeof FEATURES)[number]

/** Where a request came from. */
export type Spot = Pick<
  Sighting,
  'at' | 'country' | 'city' | 'latitude' | 'longitude' | 'network' | 'address' | 'isIpv6'
>

export interface SessionProfile {
  /** The last places, the newest first, each with its last time. */
  readonly spots: readonly Spot[]
  readonly device: string | undefined
  readonly version: number | undefined
  /** What was counted last, and when, in milliseconds since the epoch. */
  readonly counted: string | undefined
  readonly countedAt: number
  /** What was reported last: once is enough. */
  readonly reported: string | undefined
}

/** All that is kept of a user: a few kilobytes. */
export interface UserProfile {
  readonly tallies: Readonly<Record<Feature, Tally>>
  readonly hours: Hours
  /** Where the user was last, in whichever session. */
  last: Spot | undefined
  /** The most recently used last. */
  readonly sessions: Map<string, SessionProfile>
  /** A session of which a replaced token came back, and when. */
  reused: { readonly sessionId: string; readonly at: number } | undefined
}

/** As JSON. */
export interface ProfileJson {
  readonly tallies: Readonly<Record<Feature, TallyJson>>
  readonly hours: HoursJson
  readonly last?: Spot | undefined
  readonly sessions: readonly (readonly [id: string, session: SessionProfile])[]
  readonly reused?: UserProfile['reused']
}

export const MAX_SESSIONS = 8
export const MAX_SPOTS = 4
const MAX_KEYS = 16

/** @param halfLife Milliseconds. @param maxKeys Of each feature. */
export function emptyTallies(halfLife: number, maxKeys: number): UserProfile['tallies'] {
  const tally = () => new Tally({ maxKeys, halfLife })
  return { country: tally(), place: tally(), network: tally(), address: tally(), device: tally() }
}

/** @param halfLife Milliseconds. */
export function emptyProfile(halfLife: number): UserProfile {
  return {
    tallies: emptyTallies(halfLife, MAX_KEYS),
    hours: new Hours(halfLife),
    last: undefined,
    sessions: new Map(),
    reused: undefined,
  }
}

export function emptySession(): SessionProfile {
  return {
    spots: [],
    device: undefined,
    version: undefined,
    counted: undefined,
    countedAt: 0,
    reported: undefined,
  }
}

export function spotOf(sighting: Sighting): Spot {
  const { at, country, city, latitude, longitude, network, address, isIpv6 } = sighting
  return { at, country, city, latitude, longitude, network, address, isIpv6 }
}

/** A machine with both kinds of addresses uses them in turn: of one network, they are one place. */
export function isSameSpot(a: Spot, b: Spot): boolean {
  return a.network === b.network && (a.address === b.address || a.isIpv6 !== b.isIpv6)
}

/** The session's entry, as the most recently used one; the least recently used makes room. */
export function putSession(profile: UserProfile, id: string, session: SessionProfile): void {
  profile.sessions.delete(id)
  profile.sessions.set(id, session)
  if (profile.sessions.size <= MAX_SESSIONS) return
  for (const oldest of profile.sessions.keys()) {
    profile.sessions.delete(oldest)
    return
  }
}

export function talliesJson(tallies: UserProfile['tallies']): ProfileJson['tallies'] {
  const { country, place, network, address, device } = tallies
  return {
    country: country.toJSON(),
    place: place.toJSON(),
    network: network.toJSON(),
    address: address.toJSON(),
    device: device.toJSON(),
  }
}

export function profileJson({ tallies, hours, last, sessions, reused }: UserProfile): ProfileJson {
  return {
    tallies: talliesJson(tallies),
    hours: hours.toJSON(),
    last,
    sessions: [...sessions],
    reused,
  }
}

/** What `profileJson` gave; of anything else as much as makes sense. */
export function restoreProfile(json: Partial<ProfileJson> | null | undefined, halfLife: number): UserProfile {
  const profile = emptyProfile(halfLife)
  for (const feature of FEATURES) profile.tallies[feature].restore(json?.tallies?.[feature])
  profile.hours.restore(json?.hours)
  if (isSpot(json?.last)) profile.last = json.last
  const sessions: readonly unknown[] = Array.isArray(json?.sessions) ? json.sessions : []
  for (const entry of sessions.slice(-MAX_SESSIONS)) {
    const [id, session] = Array.isArray(entry) ? entry : []
    if (typeof id === 'string' && Array.isArray(session?.spots)) {
      const spots = session.spots.filter(isSpot).slice(0, MAX_SPOTS)
      putSession(profile, id, { ...emptySession(), ...session, spots })
    }
  }
  const reused = json?.reused
  if (isMass(reused?.at) && typeof reused.sessionId === 'string') profile.reused = reused
  return profile
}

function isSpot(value: unknown): value is Spot {
  return typeof value === 'object' && value !== null && 'at' in value && isMass(value.at)
}
