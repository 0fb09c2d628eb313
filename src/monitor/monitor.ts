import type { SessionEvent } from '../events.ts'
import { assess, learnFrom, trustIn } from './assess.ts'
import type { Assessment } from './assessment.ts'
import { Bursts } from './bursts.ts'
import type { MonitorFigures } from './figures.ts'
import { Hours } from './hours.ts'
import { logEntry } from './log-entry.ts'
import type { Observation } from './observation.ts'
import { readEvent } from './on-event.ts'
import { dispatcherOf, type MonitorOptions, type MonitorSettings, monitorSettings } from './options.ts'
import { emptyTallies, type ProfileJson, profileJson } from './profile.ts'
import { readObservation } from './read-observation.ts'
import { restoreProfile } from './restore-profile.ts'
import { type MonitorSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'
import type { MonitorState } from './state.ts'
import { Users } from './users.ts'

/** Tells requests that do not look like their user's. It does no I/O, and forgets with the process. */
export interface Monitor {
  /** What is to be thought of a request of a signed-in session. Never throws for what a client sent. */
  assess(observation: Observation): Assessment
  /**
   * The request was let through: what it looked like becomes a little more usual. After a step-up was passed, call it
   * without the assessment: it was the user.
   */
  learn(observation: Observation, assessment?: Assessment): void
  /**
   * For the manager's `onEvent`.
   *
   * @param observation What is known of the client, where something is: refused cookies are counted by address.
   * @returns What is to be thought of it; null for what means nothing.
   */
  onEvent(event: SessionEvent, observation?: Observation): Assessment | null
  /**
   * Removes what is kept of a user, also in the sinks that can. What all users together do keeps its sums.
   *
   * @returns Whether the monitor had anything.
   * @throws What a sink throws.
   */
  forgetUser(userId: string): Promise<boolean>
  /** Settles when the sinks have written what they were given so far. */
  flush(): Promise<void>
  /** What is kept of a user, as JSON, to be put into a store or shown to the user; undefined for nothing. */
  profile(userId: string): ProfileJson | undefined
  /** Puts back what `profile` gave. Of anything else it takes as much as makes sense. */
  restoreProfile(userId: string, profile: ProfileJson): void
  /** All that is kept, as JSON. */
  snapshot(): MonitorSnapshot
  /** Puts back what `snapshot` gave. @returns How many users it has. */
  restore(snapshot: MonitorSnapshot): number
  figures(): MonitorFigures
}

/** Values of each feature, over all users; and names of counters. */
const POPULATION_KEYS = 1024
const COUNTERS = 2048

/** @throws {TypeError | RangeError} For wrong options, with a sentence that says what to do. */
export function createMonitor(options: MonitorOptions = {}): Monitor {
  const state = emptyState(monitorSettings(options))
  const dispatcher = dispatcherOf(options)
  const { settings, users, counts } = state
  let last: Assessment | undefined

  return {
    assess(observation) {
      last = assess(state, readObservation(observation, settings.clock()))
      counts.assessed++
      counts.actions[last.action]++
      return last
    },
    learn(observation, assessment) {
      const sighting = assessment?.sighting ?? readObservation(observation, settings.clock())
      learnFrom(state, sighting, trustIn(assessment))
    },
    onEvent(event, observation = {}) {
      const assessment = readEvent(state, event, observation)
      if (assessment !== null) counts.actions[assessment.action]++
      // The manager tells at once what it has made of an assessment.
      const known = event.type === 'risk' && last?.sighting.sessionId === event.sessionId ? last : assessment
      dispatcher.send(logEntry(event, observation, known))
      return assessment
    },
    async forgetUser(userId) {
      const known = users.delete(userId)
      await dispatcher.forgetUser(userId)
      return known
    },
    flush: () => dispatcher.flush(),
    profile(userId) {
      const profile = users.get(userId)
      return profile && profileJson(profile)
    },
    restoreProfile: (userId, json) => users.put(userId, restoreProfile(json, settings.halfLife)),
    snapshot: () => takeSnapshot(state),
    restore: (snapshot) => restoreSnapshot(state, snapshot),
    figures: () => ({ ...figuresOf(state), sinks: dispatcher.figures }),
  }
}

function emptyState(settings: MonitorSettings): MonitorState {
  const { halfLife, maxUsers } = settings
  return {
    settings,
    counts: {
      ...{ assessed: 0, refused: 0, failures: 0 },
      actions: { allow: 0, report: 0, stepUp: 0, end: 0, 'end-all': 0 },
    },
    users: new Users(maxUsers, halfLife),
    population: { tallies: emptyTallies(halfLife, POPULATION_KEYS), hours: new Hours(halfLife) },
    bursts: new Bursts(COUNTERS),
  }
}

function figuresOf({ users, bursts, counts }: MonitorState): Omit<MonitorFigures, 'sinks'> {
  const { size, evicted } = users
  return { users: size, evicted, counters: bursts.size, ...counts, actions: { ...counts.actions } }
}
