import type { Sighting } from './observation.ts'
import { FEATURES, type Feature, isSameSpot, type SessionProfile } from './profile.ts'

/** Of a session that goes on where it began. */
export const STAYS = 'none'

/**
 * From which network to which a session goes on, `AS1→AS2`, or `AS1→` for another address of the same: a phone does the
 * one every day and its carrier the other, a machine at home neither. Undefined where networks are not known.
 */
export function moveOf(session: SessionProfile | undefined, sighting: Sighting): string | undefined {
  const { kind, network } = sighting
  const origin = session?.origin
  if (network === undefined) return undefined
  if (origin === undefined || kind === 'sign-in' || isSameSpot(origin, sighting)) return STAYS
  return origin.network === network ? renumbering(network) : `${origin.network ?? ''}→${network}`
}

/** The move to another address of the same network. */
export function renumbering(network: string): string {
  return `${network}→`
}

/** What a request is counted by; what is not known is left out. */
export function featuresOf(
  session: SessionProfile | undefined,
  sighting: Sighting,
): (readonly [Feature, string])[] {
  const found: [Feature, string][] = []
  for (const feature of FEATURES) {
    const value = feature === 'move' ? moveOf(session, sighting) : sighting[feature]
    if (value !== undefined) found.push([feature, value])
  }
  return found
}
