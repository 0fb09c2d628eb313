/**
 * Tells requests that do not look like their user's: a stolen cookie, a taken account.
 *
 * @module
 */
export type { Action, Thresholds } from './action.ts'
export type { Assessment } from './assessment.ts'
export type { MonitorFigures } from './figures.ts'
export type { LogEntry } from './log-entry.ts'
export { createMonitor, type Monitor } from './monitor.ts'
export type { Observation, Sighting } from './observation.ts'
export type { MonitorOptions } from './options.ts'
export type { PrivacyOptions } from './privacy.ts'
export type { ProfileJson } from './profile.ts'
export { type Findings, type RiskPart, type Score, score } from './score.ts'
export type { Evidence, History, RaisedSignal, Signal } from './signals/signal.ts'
export { defaultSignals } from './signals.ts'
export type { Sink } from './sink.ts'
export { type ActivityLog, type ActivityLogOptions, activityLog } from './sinks/activity-log.ts'
export { type AnalyticsEngine, analyticsEngineSink } from './sinks/analytics-engine.ts'
export { jsonSink } from './sinks/json.ts'
export { type OpenTelemetry, openTelemetrySink } from './sinks/open-telemetry.ts'
export type { MonitorSnapshot } from './snapshot.ts'
export type { Surprise } from './surprise.ts'
