import type { RejectReason, SessionEvent } from '../events.ts'
import { assess, learnFrom, trustIn } from './assess.ts'
import type { Assessment } from './assessment.ts'
import { isBurst } from './bursts.ts'
import { judge } from './judge.ts'
import type { Observation, Sighting } from './observation.ts'
import { emptyProfile, putSession } from './profile.ts'
import { readObservation } from './read-observation.ts'
import { refusedBurst } from './signals/refused-burst.ts'
import { renewedIdReused } from './signals/renewed-id-reused.ts'
import type { History, RaisedSignal, Signal } from './signals/signal.ts'
import type { MonitorState } from './state.ts'

/** Nobody comes by these by staying away for too long, or by a change of secrets. */
const FORGING: ReadonlySet<RejectReason> = new Set([
  'too-long',
  'malformed',
  'unknown-version',
  'forged',
  'undecodable',
  'too-many',
])

/** In the last minutes, from everywhere. */
const MIN_REFUSED = 100

/** Refused cookies and reused tokens; sessions that moved, or are over. */
export function readEvent(
  state: MonitorState,
  event: SessionEvent,
  observation: Observation,
): Assessment | null {
  if (event.type === 'end') return forgetSession(state, event)
  if (event.type === 'create') return signIn(state, event, observation)
  if (event.type === 'regenerate' || event.type === 'reauthenticate') moveSession(state, event)
  if (event.type === 'reauthenticate') return confirm(state, event, observation)
  if (event.type !== 'reject') return null
  const { at, sessionId, userId } = event
  const sighting = readObservation({ ...observation, at, sessionId, userId }, state.settings.clock())
  if (event.reason === 'reused') return onReuse(state, sighting)
  return FORGING.has(event.reason) ? onForged(state, sighting) : null
}

function onReuse(state: MonitorState, sighting: Sighting): Assessment | null {
  const { userId, sessionId, at } = sighting
  if (userId === undefined || sessionId === undefined) return null
  state.users.take(userId).reused = { sessionId, at }
  return judgeEvent(state, sighting, [renewedIdReused])
}

/** Each burst is told once, when it has just become one. */
function onForged(state: MonitorState, sighting: Sighting): Assessment | null {
  const { address, at } = sighting
  state.counts.refused++
  const before = state.bursts.rate('refused', at)
  const wasLocal = address !== undefined && refusedBurst(historyOf(state, sighting), sighting) !== null
  const now = state.bursts.add('refused', at)
  if (address !== undefined) state.bursts.add(`refused ${address}`, at)
  const isNewEverywhere = isBurst(now, MIN_REFUSED) && !isBurst(before, MIN_REFUSED)
  const found = judgeEvent(state, sighting, [
    (history) => (wasLocal ? null : refusedBurst(history, sighting)),
    () => (isNewEverywhere ? everywhere(now.recent) : null),
  ])
  return found.signals.length > 0 ? found : null
}

function everywhere(recent: number): RaisedSignal {
  const refused = Math.round(recent)
  const text = `${refused} refused cookies from everywhere in the last minutes`
  return { signal: 'refused-burst', evidence: { text, refused } }
}

/** A refused cookie shows nothing of its sender but these signals; there is no session to end. */
function judgeEvent(state: MonitorState, sighting: Sighting, signals: readonly Signal[]): Assessment {
  const { settings } = state
  const onFailure = () => {
    state.counts.failures++
  }
  const given = { history: historyOf(state, sighting), sighting, onFailure }
  const found = judge({ ...settings, signals }, given)
  return found.action === 'allow' && found.signals.length > 0 ? { ...found, action: 'report' } : found
}

function historyOf({ users, population, bursts, settings }: MonitorState, { userId }: Sighting): History {
  const user = (userId !== undefined && users.get(userId)) || emptyProfile(settings.halfLife)
  return { user, session: undefined, population, bursts }
}

interface Named {
  readonly sessionId: string
  readonly userId?: string | undefined
}

function forgetSession({ users }: MonitorState, { userId, sessionId }: Named): null {
  if (userId !== undefined) users.get(userId)?.sessions.delete(sessionId)
  return null
}

/** A sign-in is looked at when it is done: what is to be thought of it holds for the requests that follow. */
function signIn(state: MonitorState, event: SessionEvent, observation: Observation): Assessment | null {
  if (!('userId' in event) || event.userId === undefined) return null
  const { at, sessionId, userId } = event
  const seen = { ...observation, at, sessionId, userId, sessionStartedAt: at, kind: 'sign-in' } as const
  const assessment = assess(state, readObservation(seen, at))
  learnFrom(state, assessment.sighting, trustIn(assessment))
  return assessment
}

/** Whoever authenticated again is the user, from wherever. */
function confirm(state: MonitorState, event: SessionEvent & Named, observation: Observation): null {
  const { at, sessionId, userId } = event
  learnFrom(state, readObservation({ ...observation, at, sessionId, userId }, at), 1)
  return null
}

/** The session goes on under its new id with all that was seen of it. */
function moveSession(
  { users }: MonitorState,
  { userId, sessionId, previousId }: Named & { readonly previousId: string },
): null {
  const user = userId === undefined ? undefined : users.get(userId)
  const session = user?.sessions.get(previousId)
  if (user === undefined || session === undefined) return null
  user.sessions.delete(previousId)
  putSession(user, sessionId, session)
  return null
}
