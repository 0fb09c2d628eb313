import { ACTIONS, type Action, actionFor } from './action.ts'
import type { Assessment } from './assessment.ts'
import type { Sighting } from './observation.ts'
import type { MonitorSettings } from './options.ts'
import { type Findings, type Score, score } from './score.ts'
import type { History, RaisedSignal, Signal } from './signals/signal.ts'
import { surprise } from './surprise.ts'

/** What is known when a request comes. */
export interface Case {
  readonly history: History
  readonly sighting: Sighting
  /** Called for a function of the application's that failed: no request is taken down for it. */
  readonly onFailure: () => void
}

/** Changes nothing. */
export function judge(settings: MonitorSettings, given: Case): Assessment {
  const { history, sighting, onFailure } = given
  const signals = settings.signals.flatMap((signal) => raised(signal, given) ?? [])
  const findings = { sighting, history, surprise: surprise(history, sighting), signals }
  const { risk, parts } = scoreOf(settings, findings, onFailure)
  const assessment = { risk, parts, signals, action: actionFor(risk, settings.thresholds), sighting }
  return { ...assessment, action: decided(settings, assessment, onFailure) }
}

function decided({ act }: MonitorSettings, assessment: Assessment, onFailure: () => void): Action {
  try {
    const action = act?.(assessment) ?? assessment.action
    if (ACTIONS.includes(action)) return action
  } catch {}
  onFailure()
  return assessment.action
}

function raised(signal: Signal, { history, sighting, onFailure }: Case): RaisedSignal | null {
  try {
    const found = signal(history, sighting) ?? null
    if (found === null || isRaised(found)) return found
  } catch {}
  onFailure()
  return null
}

/** One without words, or with bits that are no number, would leave no risk to go by. */
function isRaised({ signal, evidence, bits = 0 }: RaisedSignal): boolean {
  return typeof signal === 'string' && typeof evidence?.text === 'string' && Number.isFinite(bits)
}

function scoreOf(settings: MonitorSettings, findings: Findings, onFailure: () => void): Score {
  try {
    const given = settings.score(findings)
    const { risk, parts } = typeof given === 'number' ? { risk: given, parts: [] } : given
    if (risk >= 0 && risk <= 1) return { risk, parts: parts ?? [] }
  } catch {}
  onFailure()
  return score(findings)
}
