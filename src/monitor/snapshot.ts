import type { BurstsJson } from './bursts.ts'
import type { HoursJson } from './hours.ts'
import { FEATURES, type ProfileJson, profileJson, talliesJson } from './profile.ts'
import { restoreProfile } from './restore-profile.ts'
import type { MonitorState } from './state.ts'

/** All that a monitor keeps, as JSON. */
export interface MonitorSnapshot {
  readonly version: 1
  readonly population: { readonly tallies: ProfileJson['tallies']; readonly hours: HoursJson }
  readonly bursts: BurstsJson
  /** The most recently seen last. */
  readonly users: readonly (readonly [userId: string, profile: ProfileJson])[]
}

export function takeSnapshot({ population, bursts, users }: MonitorState): MonitorSnapshot {
  return {
    version: 1,
    population: { tallies: talliesJson(population.tallies), hours: population.hours.toJSON() },
    bursts: bursts.toJSON(),
    users: [...users.entries()].map(([userId, profile]) => [userId, profileJson(profile)]),
  }
}

/** Of anything but a snapshot it takes as much as makes sense. */
export function restoreSnapshot(state: MonitorState, snapshot: Partial<MonitorSnapshot>): number {
  if (snapshot?.version !== 1) return 0
  const { population, bursts, users } = state
  for (const feature of FEATURES) {
    population.tallies[feature].restore(snapshot.population?.tallies?.[feature])
  }
  population.hours.restore(snapshot.population?.hours)
  bursts.restore(snapshot.bursts)
  const kept: readonly unknown[] = Array.isArray(snapshot.users) ? snapshot.users : []
  for (const entry of kept) {
    const [userId, profile] = Array.isArray(entry) ? entry : []
    if (typeof userId === 'string') users.put(userId, restoreProfile(profile, state.settings.halfLife))
  }
  return users.size
}
