import type { Assessment } from './assessment.ts'
import { judge } from './judge.ts'
import { learn } from './learn.ts'
import type { Sighting } from './observation.ts'
import { emptyProfile, emptySession, putSession } from './profile.ts'
import type { MonitorState } from './state.ts'

/** What was reported teaches a tenth; what was stopped nothing, until the user proves to be who it was. */
export function trustIn(assessment: Assessment | undefined): number {
  if (assessment === undefined) return 1
  if (assessment.action === 'allow') return 1 - assessment.risk
  return assessment.action === 'report' ? 0.1 : 0
}

export function assess(state: MonitorState, sighting: Sighting): Assessment {
  const { users, bursts, population, settings } = state
  const { userId, sessionId = '' } = sighting
  const user = userId === undefined ? emptyProfile(settings.halfLife) : users.take(userId)
  const session = user.sessions.get(sessionId)
  countSignIn(state, sighting, user.tallies.network)
  const onFailure = () => {
    state.counts.failures++
  }
  const found = judge(settings, { history: { user, session, population, bursts }, sighting, onFailure })
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

export function learnFrom({ users, population }: MonitorState, sighting: Sighting, trust: number): void {
  if (sighting.userId === undefined || trust === 0) return
  learn(users.take(sighting.userId), population, sighting, trust)
}
