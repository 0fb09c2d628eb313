import type { Action } from './action.ts'
import type { DispatchFigures } from './dispatcher.ts'

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
