import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { type Action, checkThresholds, type Thresholds } from './action.ts'
import type { Assessment } from './assessment.ts'
import { Dispatcher, type DispatchOptions } from './dispatcher.ts'
import { type PrivacyOptions, redactor } from './privacy.ts'
import { type Findings, type Score, score } from './score.ts'
import type { Signal } from './signals/signal.ts'
import { defaultSignals } from './signals.ts'
import type { Sink } from './sink.ts'

export interface MonitorOptions {
  /** What to look for. @default defaultSignals */
  readonly signals?: readonly Signal[] | undefined
  /** Combines what was found to a risk from 0 to 1, or to that and its parts. @default the fitted one */
  readonly score?: ((findings: Findings) => Score | number) | undefined
  /** The risk from which each action is taken. @default { report: 0.5, stepUp: 0.5, end: 0.999, endAll: 2 } */
  readonly thresholds?: Partial<Thresholds> | undefined
  /** What to do about it, in the place of the thresholds. @default by the thresholds */
  readonly act?: ((assessment: Assessment) => Action) | undefined
  /** Where what was noticed is written down. @default nowhere */
  readonly sink?: Sink | readonly Sink[] | undefined
  /** What sinks may be told of people. @default handles, user ids, addresses truncated */
  readonly privacy?: PrivacyOptions | undefined
  /** Keeps the process at work until a sink has written: on Workers `waitUntil` of `cloudflare:workers`. */
  readonly waitUntil?: DispatchOptions['waitUntil']
  /** Writes that a sink may have going on at a time; what comes beyond is dropped, and counted. @default 1000 */
  readonly maxPending?: number | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
  /** So many users are remembered; the least recently seen makes room. @default 5000 */
  readonly maxUsers?: number | undefined
  /** Seconds after which a visit counts half. @default 2592000: 30 days */
  readonly halfLife?: number | undefined
}

export interface MonitorSettings {
  readonly signals: readonly Signal[]
  readonly score: (findings: Findings) => Score | number
  readonly thresholds: Thresholds
  readonly act: MonitorOptions['act']
  readonly clock: () => number
  readonly maxUsers: number
  /** Milliseconds. */
  readonly halfLife: number
}

const OPTIONS: readonly string[] = [
  'signals',
  'score',
  'thresholds',
  'act',
  'sink',
  'privacy',
  'waitUntil',
  'maxPending',
  'clock',
  'maxUsers',
  'halfLife',
] satisfies (keyof MonitorOptions)[]

/** @throws {TypeError | RangeError} For wrong options, with a sentence that says what to do. */
export function monitorSettings(options: MonitorOptions): MonitorSettings {
  refuseUnknown('createMonitor', options, OPTIONS)
  const { signals = defaultSignals, clock = Date.now, maxUsers = 5_000, halfLife = 2_592_000 } = options
  if (!Array.isArray(signals) || !signals.every((signal) => typeof signal === 'function')) {
    throw new TypeError('signals must be a list of functions, such as [...defaultSignals, mine].')
  }
  for (const [name, value] of Object.entries({
    score: options.score ?? score,
    clock,
    act: options.act ?? score,
  })) {
    if (typeof value !== 'function') throw new TypeError(`${name} must be a function.`)
  }
  for (const [name, value] of Object.entries({ maxUsers, halfLife })) {
    if (Number.isInteger(value) && value >= 1) continue
    throw new RangeError(`${name} must be a whole number of at least 1: current value is ${value}.`)
  }
  return {
    signals,
    score: options.score ?? score,
    thresholds: checkThresholds(options.thresholds ?? {}),
    act: options.act,
    clock,
    maxUsers,
    halfLife: halfLife * 1000,
  }
}

/** @throws {TypeError | RangeError} For wrong options, with a sentence that says what to do. */
export function dispatcherOf({ sink = [], privacy, waitUntil, maxPending }: MonitorOptions): Dispatcher {
  const sinks = [sink].flat()
  if (!sinks.every((one) => typeof one?.write === 'function')) {
    throw new TypeError('sink must have a method write, such as jsonSink(console.log), or be a list of such.')
  }
  if (maxPending !== undefined && !(Number.isInteger(maxPending) && maxPending >= 1)) {
    throw new RangeError(`maxPending must be a whole number of at least 1: current value is ${maxPending}.`)
  }
  return new Dispatcher(sinks, redactor(privacy), { waitUntil, maxPending })
}
