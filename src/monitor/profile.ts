import { Hours, type HoursJson } from './hours.ts'
import type { Sighting } from './observation.ts'
import { Tally, type TallyJson } from './tally.ts'

/** What visits are counted by, beside the hour; `move` is from where to where a session went on. */
export const FEATURES = ['country', 'place', 'network', 'address', 'device', 'move'] as const
export type Feature = (typeof FEATURES)[number]

/** Where a request came from. */
export type Spot = Pick<
  Sighting,
  'at' | 'country' | 'city' | 'latitude' | 'longitude' | 'network' | 'address' | 'isIpv6'
>

export interface SessionProfile {
  /** The last places, the newest first, each with its last time. */
  readonly spots: readonly Spot[]
  /** Where, and with what, the user proved who it was; else where the session was first seen. */
  readonly origin: Spot | undefined
  readonly device: string | undefined
  readonly version: number | undefined
  /** What was counted last, and when, in milliseconds since the epoch. */
  readonly counted: string | undefined
  readonly countedAt: number
  /** What was reported last: once is enough. */
  readonly reported: string | undefined
}

/** All that is kept of a user. */
export interface UserProfile {
  readonly tallies: Readonly<Record<Feature, Tally>>
  readonly hours: Hours
  /** Where the user was last, in whichever session. */
  last: Spot | undefined
  /** The most recently used last. */
  readonly sessions: Map<string, SessionProfile>
  /** Values that are new, such as `network AS64500`, and since when: they do not count yet. */
  readonly probation: Map<string, number>
  /** A session of which a replaced token came back, and when. */
  reused: { readonly sessionId: string; readonly at: number } | undefined
}

/** What all users together do; the same shape, with more values. */
export type Population = Pick<UserProfile, 'tallies' | 'hours'>

/** As JSON. */
export interface ProfileJson {
  readonly tallies: Readonly<Record<Feature, TallyJson>>
  readonly hours: HoursJson
  readonly last?: Spot | undefined
  readonly sessions: readonly (readonly [id: string, session: SessionProfile])[]
  readonly probation: readonly (readonly [value: string, since: number])[]
  readonly reused?: UserProfile['reused']
}

export const MAX_SESSIONS = 4
export const MAX_SPOTS = 3
export const MAX_PROBATION = 16
const MAX_KEYS = 24

/** @param halfLife Milliseconds. @param maxKeys Of each feature. */
export function emptyTallies(halfLife: number, maxKeys: number): UserProfile['tallies'] {
  const tally = () => new Tally({ maxKeys, halfLife })
  return {
    country: tally(),
    place: tally(),
    network: tally(),
    address: tally(),
    device: tally(),
    move: tally(),
  }
}

/** @param halfLife Milliseconds. */
export function emptyProfile(halfLife: number): UserProfile {
  return {
    tallies: emptyTallies(halfLife, MAX_KEYS),
    hours: new Hours(halfLife),
    last: undefined,
    sessions: new Map(),
    probation: new Map(),
    reused: undefined,
  }
}

export function emptySession(): SessionProfile {
  return {
    spots: [],
    origin: undefined,
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
  putBounded(profile.sessions, id, session, MAX_SESSIONS)
}

/** As the last of the map; the first one makes room. */
export function putBounded<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= max) return
  for (const first of map.keys()) {
    map.delete(first)
    return
  }
}

export function talliesJson(tallies: UserProfile['tallies']): ProfileJson['tallies'] {
  const { country, place, network, address, device, move } = tallies
  return {
    country: country.toJSON(),
    place: place.toJSON(),
    network: network.toJSON(),
    address: address.toJSON(),
    device: device.toJSON(),
    move: move.toJSON(),
  }
}

export function profileJson(profile: UserProfile): ProfileJson {
  const { tallies, hours, last, sessions, probation, reused } = profile
  return {
    tallies: talliesJson(tallies),
    hours: hours.toJSON(),
    last,
    sessions: [...sessions],
    probation: [...probation],
    reused,
  }
}
