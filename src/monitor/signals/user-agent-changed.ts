import type { Sighting } from '../observation.ts'
import type { History, RaisedSignal } from './signal.ts'

/** Another browser or system within a session, or an older version of the same: an update only goes up. */
export function userAgentChanged({ session }: History, sighting: Sighting): RaisedSignal | null {
  if (session?.device === undefined || sighting.device === undefined) return null
  const before = nameOf(session)
  const now = nameOf(sighting)
  const isOlder = (sighting.version ?? 0) < (session.version ?? 0)
  if (session.device === sighting.device && !isOlder) return null
  return { signal: 'user-agent-changed', evidence: { text: `${before}, then ${now}`, before, now } }
}

function nameOf({ device = '', version }: Pick<Sighting, 'device' | 'version'>): string {
  return version === undefined ? device : `${device}, version ${version}`
}
