import { featuresOf } from './move.ts'
import type { Sighting } from './observation.ts'
import type { Feature, Population, UserProfile } from './profile.ts'
import type { History } from './signals/signal.ts'

/** How little a feature of a request fits its user. */
export interface Surprise {
  readonly feature: Feature | 'hour'
  readonly value: string
  /** Of this value, to who knows this user. Over all values, "any other" among them, it adds up to one. */
  readonly probability: number
  /** log2 of how many times less likely it is of this user than of any: negative for what is usual with this one. */
  readonly bits: number
}

/** More than this, either way, would let one feature decide alone. */
const MAX_BITS = 10
const MIN_BITS = -4

/** Features that are not known are left out. */
export function surprise({ user, session, population }: History, sighting: Sighting): Surprise[] {
  const found = featuresOf(session, sighting).map(([feature, value]) =>
    surpriseOf(user, population, { feature, value, at: sighting.at }),
  )
  found.push(hourSurprise(user, population, sighting))
  return found
}

interface Seen {
  readonly feature: Feature
  readonly value: string
  readonly at: number
}

function surpriseOf(user: UserProfile, population: Population, { feature, value, at }: Seen): Surprise {
  const [own, all] = [user.tallies[feature], population.tallies[feature]]
  const general = all.has(value) ? all.share(value, at) : all.rest(at)
  // A value of this user that all the others have forgotten is not "any other".
  const base = own.has(value) && !all.has(value) ? 0 : general
  const probability = own.share(value, at, base)
  return { feature, value, probability, bits: bitsOf(general, probability) }
}

function hourSurprise(user: UserProfile, population: Population, { hour, at }: Sighting): Surprise {
  const general = population.hours.share(hour, at, 1 / 24)
  const probability = user.hours.share(hour, at, general)
  const value = `${String(hour).padStart(2, '0')}:00 UTC`
  return { feature: 'hour', value, probability, bits: bitsOf(general, probability) }
}

function bitsOf(general: number, own: number): number {
  if (general === own) return 0 // Also where both have faded to nothing.
  return Math.min(MAX_BITS, Math.max(MIN_BITS, Math.log2(general / own)))
}
