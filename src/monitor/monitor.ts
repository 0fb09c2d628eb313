import type { SessionEvent } from '../events.ts'
import type { Action } from './action.ts'
import type { Assessment, MonitorFigures } from './assessment.ts'
import { Bursts } from './bursts.ts'
import { Hours } from './hours.ts'
import { judge } from './judge.ts'
import { learn } from './learn.ts'
import type { Observation, Sighting } from './observation.ts'
import { readEvent } from './on-event.ts'
import { type MonitorOptions, monitorSettings } from './options.ts'
import {
  emptyProfile,
  emptySession,
  emptyTallies,
  type ProfileJson,
  profileJson,
  putSession,
  restoreProfile,
} from './profile.ts'
import { readObservation } from './read-observation.ts'
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
  /** @returns Whether there was anything. What all users together do keeps its sums. */
  forgetUser(userId: string): boolean
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
  const settings = monitorSettings(options)
  const { clock, halfLife, maxUsers } = settings
  const actions: Record<Action, number> = { allow: 0, report: 0, stepUp: 0, end: 0, 'end-all': 0 }
  const counts = { assessed: 0, refused: 0, failures: 0 }
  const state: MonitorState = {
    settings,
    counts,
    users: new Users(maxUsers, halfLife),
    population: { tallies: emptyTallies(halfLife, POPULATION_KEYS), hours: new Hours(halfLife) },
    bursts: new Bursts(COUNTERS),
  }
  const { users } = state

  return {
    assess(observation) {
      const sighting = readObservation(observation, clock())
      const assessment = assess(state, sighting)
      counts.assessed++
      actions[assessment.action]++
      return assessment
    },
    learn(observation, assessment) {
      const sighting = assessment?.sighting ?? readObservation(observation, clock())
      const trust = trustOf(assessment)
      if (sighting.userId === undefined || trust === 0) return
      learn(users.take(sighting.userId), state.population, sighting, trust)
    },
    onEvent(event, observation = {}) {
      const assessment = readEvent(state, event, observation)
      if (assessment !== null) actions[assessment.action]++
      return assessment
    },
    forgetUser(userId) {
      return users.delete(userId)
    },
    profile(userId) {
      const profile = users.get(userId)
      return profile && profileJson(profile)
    },
    restoreProfile(userId, json) {
      users.put(userId, restoreProfile(json, halfLife))
    },
    snapshot() {
      return takeSnapshot(state)
    },
    restore(snapshot) {
      return restoreSnapshot(state, snapshot)
    },
    figures() {
      const { size, evicted } = users
      return { users: size, evicted, counters: state.bursts.size, ...counts, actions: { ...actions } }
    },
  }
}

/** What was reported teaches a tenth; what was stopped nothing, until the user proves to be who it was. */
function trustOf(assessment: Assessment | undefined): number {
  if (assessment === undefined) return 1
  if (assessment.action === 'allow') return 1 - assessment.risk
  return assessment.action === 'report' ? 0.1 : 0
}

function assess(state: MonitorState, sighting: Sighting): Assessment {
  const { users, bursts, population, settings } = state
  const { userId, sessionId = '' } = sighting
  const user = userId === undefined ? emptyProfile(settings.halfLife) : users.take(userId)
  const session = user.sessions.get(sessionId)
  countSignIn(state, sighting, user.tallies.network)
  const onFailure = () => {
    state.counts.failures++
  }
  const found = judge(settings, { history: { user, session, bursts }, population, sighting, onFailure })
  if (found.action !== 'report') return found
  // Once for each place and device of a session: a list that says the same all day is not read.
  const reported = [sighting.country, sighting.network, sighting.device].join('|')
  if (session?.reported === reported) return { ...found, action: 'allow' }
  if (sessionId !== '') putSession(user, sessionId, { ...(session ?? emptySession()), reported })
  return found
}

/** Of users who have a history, and never were in this network. */
function countSignIn(
  { bursts }: MonitorState,
  sighting: Sighting,
  own: { has(key: string): boolean; size: number },
): void {
  const { kind, network, address, at } = sighting
  if (kind !== 'sign-in' || own.size === 0 || network === undefined || own.has(network)) return
  bursts.add(`sign-in network ${network}`, at)
  if (address !== undefined) bursts.add(`sign-in address ${address}`, at)
}
