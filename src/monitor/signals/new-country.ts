import type { Sighting } from '../observation.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** A country in which the user has never been seen. */
export function newCountry({ user }: History, { country, at }: Sighting): RaisedSignal | null {
  const { country: tally } = user.tallies
  const visits = Math.round(tally.total(at))
  if (country === undefined || tally.has(country) || visits < MIN_VISITS) return null
  const text = `${country} for the first time in ${visits} visits`
  return { signal: 'new-country', evidence: { text, country, visits, countries: tally.size } }
}
