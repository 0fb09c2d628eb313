import type { Sighting } from '../observation.ts'
import { duration } from './impossible-travel.ts'
import type { History, RaisedSignal } from './signal.ts'

/** Milliseconds for which a session stays suspect. */
const WINDOW = 3_600_000

/** A token of this session that was replaced came back: somebody has a copy (see `renewalTimeout`). */
export function renewedIdReused({ user }: History, { at, sessionId }: Sighting): RaisedSignal | null {
  const { reused } = user
  const passed = reused && Math.max(0, at - reused.at)
  if (reused?.sessionId !== sessionId || passed === undefined || passed > WINDOW) return null
  const text = `a replaced token of the session was used ${duration(passed)} ago`
  return { signal: 'renewed-id-reused', evidence: { text, seconds: passed / 1000 } }
}
