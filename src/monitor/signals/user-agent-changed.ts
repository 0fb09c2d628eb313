import type { Sighting } from '../observation.ts'
import type { History, RaisedSignal } from './signal.ts'

/**
 * Another browser or system than at the sign-in, or an older version of the same. A newer version is an update, and
 * only that; unless the session is elsewhere as well, as a copied cookie is.
 */
export function userAgentChanged({ session }: History, sighting: Sighting): RaisedSignal | null {
  if (session?.device === undefined || sighting.device === undefined) return null
  const before = nameOf(session)
  const now = nameOf(sighting)
  if (before === now) return null
  const evidence = { text: `${before}, then ${now}`, before, now }
  if (session.origin !== undefined && session.origin.network !== sighting.network) {
    return {
      signal: 'client-changed',
      evidence: { ...evidence, text: `${evidence.text}, in another network` },
    }
  }
  const isUpdate = session.device === sighting.device && (sighting.version ?? 0) > (session.version ?? 0)
  return { signal: isUpdate ? 'browser-updated' : 'user-agent-changed', evidence }
}

function nameOf({ device = '', version }: Pick<Sighting, 'device' | 'version'>): string {
  return version === undefined ? device : `${device}, version ${version}`
}
