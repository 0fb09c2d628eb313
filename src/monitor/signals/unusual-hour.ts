import type { Sighting } from '../observation.ts'
import type { History, RaisedSignal } from './signal.ts'

/** A day's pattern shows after some weeks. */
const MIN_VISITS = 20

/** Of all visits, in an hour of the day: a twelfth of an even spread. */
const SELDOM = 1 / 24 / 12

/** An hour of the day at which the user is hardly ever there. */
export function unusualHour({ user }: History, { hour, at }: Sighting): RaisedSignal | null {
  const visits = Math.round(user.hours.total(at))
  const share = user.hours.share(hour, at, 0)
  if (visits < MIN_VISITS || share > SELDOM) return null
  const percent = Math.round(share * 1000) / 10
  const text = `${percent} % of ${visits} visits were around ${String(hour).padStart(2, '0')}:00 UTC`
  return { signal: 'unusual-hour', evidence: { text, hour, visits, share } }
}
