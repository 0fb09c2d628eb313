import { isPending } from '../is-pending.ts'
import { toSeconds } from '../session/lifecycle.ts'
import type { Arrival } from './arrival.ts'
import type { Loaded, Refused, SessionBackend } from './backend.ts'
import { clientOf } from './client.ts'
import { publicNames } from './report.ts'
import type { RiskAssessment, SessionMonitor, SessionObservation } from './session-monitor.ts'
import type { Settings } from './settings.ts'

/** Asks the monitor about a request of a signed-in session, and does what it says. */
export async function assess(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
  held: Loaded,
  now: number,
): Promise<Loaded | Refused> {
  const { monitor, monitorTimeout, emit } = settings
  const { user, createdAt, handle } = held.record
  if (monitor === undefined || user === undefined) return held
  const names = publicNames(held.record)
  const observation: SessionObservation = {
    ...clientOf(arrival),
    at: now,
    userId: user.id,
    sessionId: names.sessionId,
    sessionStartedAt: createdAt * 1000,
    kind: 'request',
  }
  const assessment = await asked(monitor, monitorTimeout, observation)
  if (assessment === null) return held
  const { risk, action } = assessment
  // Asked for once; until it is given the session opens nothing anyway.
  if (action === 'stepUp' && held.record.stepUpSince !== undefined) return { ...held, risk }
  if (action !== 'allow') emit({ type: 'risk', ...names, risk, action }, arrival)
  if (action === 'stepUp') return { ...(await demandStepUp(backend, held, now)), risk }
  if (action !== 'end' && action !== 'end-all') return { ...held, risk }
  await backend.end(held, now)
  if (backend.canEnd) emit({ type: 'end', reason: 'risk', ...names }, arrival)
  if (action === 'end-all') await backend.endAll?.(user.id)
  return { reason: 'risk', handle, userId: user.id }
}

/** Written down before the handler: what only gets stricter must not be lost with a request. */
async function demandStepUp(backend: SessionBackend, held: Loaded, now: number): Promise<Loaded> {
  return backend.demandStepUp({ ...held, record: { ...held.record, stepUpSince: toSeconds(now) } }, now)
}

/** No request fails for its monitoring. @returns Null when there was no answer. */
async function asked(
  monitor: SessionMonitor,
  timeout: number,
  observation: SessionObservation,
): Promise<RiskAssessment | null> {
  try {
    const answer = monitor.assess(observation)
    const assessment = (isPending(answer) ? await within(timeout, answer) : answer) ?? null
    if (assessment !== null) learn(monitor, observation, assessment)
    return assessment
  } catch {
    return null
  }
}

/** What it cannot remember changes nothing of what it has said. */
function learn(monitor: SessionMonitor, observation: SessionObservation, assessment: RiskAssessment): void {
  try {
    Promise.resolve(monitor.learn?.(observation, assessment)).catch(() => {})
  } catch {}
}

async function within<T>(seconds: number, answer: Promise<T>): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000, null)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
