import type { Sighting } from '../observation.ts'
import { type History, MIN_VISITS, type RaisedSignal } from './signal.ts'

/** A country in which the user has never been seen; told of a session that began there at its sign-in only. */
export function newCountry({ user, session }: History, { kind, country, at }: Sighting): RaisedSignal | null {
  const { country: tally } = user.tallies
  const visits = Math.round(tally.total(at))
  if (country === undefined || tally.has(country) || visits < MIN_VISITS) return null
  if (kind !== 'sign-in' && session?.origin?.country === country) return null
  const text = `${country} for the first time in ${visits} visits`
  return { signal: 'new-country', evidence: { text, country, visits, countries: tally.size } }
}
