/**
 * Tells requests that do not look like their user's: a stolen cookie, a taken account.
 *
 * @module
 */
export type { Action, Thresholds } from './action.ts'
export type { Assessment, MonitorFigures } from './assessment.ts'
export { createMonitor, type Monitor } from './monitor.ts'
export type { Observation, Sighting } from './observation.ts'
export type { MonitorOptions } from './options.ts'
export type { ProfileJson } from './profile.ts'
export { type Findings, type RiskPart, type Score, score } from './score.ts'
export type { Evidence, History, RaisedSignal, Signal } from './signals/signal.ts'
export { defaultSignals } from './signals.ts'
export type { MonitorSnapshot } from './snapshot.ts'
export type { Surprise } from './surprise.ts'
