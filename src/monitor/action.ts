/** What to do about a request, from nothing to the end of all sessions of the user. */
export type Action = 'allow' | 'report' | 'stepUp' | 'end' | 'end-all'

export const ACTIONS: readonly Action[] = ['allow', 'report', 'stepUp', 'end', 'end-all']

/** The risk, from 0 to 1, at which each is done. What is above 1 is never done. */
export interface Thresholds {
  readonly report: number
  readonly stepUp: number
  readonly end: number
  readonly endAll: number
}

/** A step-up stops a thief as well as an end does, and costs a user who travels less. */
export const DEFAULT_THRESHOLDS: Thresholds = { report: 0.5, stepUp: 0.5, end: 0.999, endAll: 2 }

export function actionFor(risk: number, { report, stepUp, end, endAll }: Thresholds): Action {
  if (risk >= endAll) return 'end-all'
  if (risk >= end) return 'end'
  if (risk >= stepUp) return 'stepUp'
  return risk >= report ? 'report' : 'allow'
}

/** @throws {TypeError | RangeError} */
export function checkThresholds(given: Partial<Thresholds>): Thresholds {
  const thresholds = { ...DEFAULT_THRESHOLDS, ...given }
  for (const [name, value] of Object.entries(thresholds)) {
    if (!Object.hasOwn(DEFAULT_THRESHOLDS, name)) {
      throw new TypeError(`thresholds has no ${name}: there are report, stepUp, end and endAll.`)
    }
    if (typeof value !== 'number' || !(value >= 0)) {
      throw new RangeError(`thresholds.${name} must be a number of at least 0: current value is ${value}.`)
    }
  }
  return thresholds
}
