import type { Action } from './action.ts'
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
