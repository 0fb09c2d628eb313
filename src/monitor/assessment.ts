import type { Action } from './action.ts'
import type { DispatchFigures } from './dispatcher.ts'
import type { Sighting } from './observation.ts'
import type { RiskPart } from './score.ts'
import type { RaisedSignal } from './signals/signal.ts'

/** What is to be thought of a request, and why. */
export interface Assessment {
  /** 0 to 1: how likely it is that this is not the user, where one request in some thousand is not. */
  readonly risk: number
  /** What adds up to it, in bits: `risk = 1 / (1 + 2^-sum)`. */
  readonly parts: readonly RiskPart[]
  readonly signals: readonly RaisedSignal[]
  readonly action: Action
  /** The observation as it was understood. */
  readonly sighting: Sighting
}

/** What a monitor holds, and what it has done. */
export interface MonitorFigures {
  readonly users: number
  /** Users forgotten for want of room. */
  readonly evicted: number
  readonly counters: number
  readonly assessed: number
  readonly actions: Readonly<Record<Action, number>>
  /** Refused cookies. */
  readonly refused: number
  /** Signals and scores of your own that threw, or gave what is no risk: the default counted instead. */
  readonly failures: number
  /** What became of what was written down. */
  readonly sinks: DispatchFigures
}
