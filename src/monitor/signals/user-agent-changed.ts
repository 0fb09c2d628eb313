import type { Sighting } from '../observation.ts'
import type { History, RaisedSignal } from './signal.ts'

/**
 * Another browser or system than at the sign-in, or an older version of the same. A newer version is an update, and
 * only that.
 */
export function userAgentChanged({ session }: History, sighting: Sighting): RaisedSignal | null {
  if (session?.device === undefined || sighting.device === undefined) return null
  const before = nameOf(session)
  const now = nameOf(sighting)
  if (before === now) return null
  const isUpdate = session.device === sighting.device && (sighting.version ?? 0) > (session.version ?? 0)
  return {
    signal: isUpdate ? 'browser-updated' : 'user-agent-changed',
    evidence: { text: `${before}, then ${now}`, before, now },
  }
}

function nameOf({ device = '', version }: Pick<Sighting, 'device' | 'version'>): string {
  return version === undefined ? device : `${device}, version ${version}`
}
