import type { Bursts } from '../bursts.ts'
import type { Sighting } from '../observation.ts'
import type { Population, SessionProfile, UserProfile } from '../profile.ts'

/** What was known before the request. */
export interface History {
  readonly user: UserProfile
  /** Undefined in the first request of a session. */
  readonly session: SessionProfile | undefined
  /** What all users together do. */
  readonly population: Population
  readonly bursts: Bursts
}

/** Why, in words and in numbers. Words of clients in it were cut and have no markup; escape them all the same. */
export interface Evidence {
  readonly text: string
  readonly [figure: string]: string | number | undefined
}

/** Something that seldom happens to a user, and often when there is a thief. */
export interface RaisedSignal {
  readonly signal: string
  readonly evidence: Evidence
  /** What it adds to the odds of a theft, in bits: 1 doubles them. @default as fitted; 0 for a signal of your own */
  readonly bits?: number | undefined
}

/** A pure function of what is known and what is seen: null when there is nothing to say. */
export type Signal = (history: History, sighting: Sighting) => RaisedSignal | null

/** What is new to a user means nothing before there have been a few visits. */
export const MIN_VISITS = 3
