import {
  type Assessment,
  createMonitor,
  type Findings,
  type Monitor,
  type Score,
  score,
} from '../../src/monitor/index.ts'
import type { SimulatedRequest } from './request.ts'
import { createScenario, type ScenarioOptions } from './scenario.ts'
import type { Theft, TheftKind } from './thefts.ts'

/** Those of a monitor that is given none. */
export { DEFAULT_THRESHOLDS as THRESHOLDS } from '../../src/monitor/action.ts'

/** A thief has so many requests. */
export const WITHIN = 5

/** What came of a theft. */
export interface TheftOutcome {
  readonly kind: TheftKind
  /** Of the first requests, one by one. */
  readonly risks: readonly number[]
  /** The request that was not just let through, 1 for the first; 0 for none of them. */
  caughtBy: number
}

export interface Run {
  readonly monitor: Monitor
  /** The risk of every request of normal use. */
  readonly normal: readonly number[]
  /** The highest risk of five requests of one session of normal use, one after the other. */
  readonly windows: readonly number[]
  /** Requests of normal use that were not just let through. */
  readonly falseAlarms: number
  readonly sessions: number
  readonly users: number
  readonly days: number
  readonly thefts: readonly TheftOutcome[]
}

/** Whether a request is of normal use, or a thief's, or of an owner whose thief has not been noticed. */
export type Side = 'normal' | 'thief' | 'owner'

export interface RunOptions extends ScenarioOptions {
  /** Sees what each request looked like. */
  readonly onFindings?: (findings: Findings, request: SimulatedRequest, side: Side) => void
  /** In the place of the fitted one. */
  readonly score?: (findings: Findings) => Score
}

/** Users and thieves go by a monitor with default settings. */
export function runScenario(options: RunOptions): Run {
  const scenario = createScenario(options)
  let findings: Findings | undefined
  const monitor = createMonitor({
    clock: () => 0,
    score: (found) => {
      findings = found
      return (options.score ?? score)(found)
    },
  })
  const watch = new Watch(monitor)
  for (const requests of scenario.days()) {
    for (const request of requests) {
      const side = watch.pass(request, scenario.thefts)
      if (side !== null && findings) options.onFindings?.(findings, request, side)
    }
  }
  return { monitor, ...watch.result(), users: options.users, days: options.days }
}

class Watch {
  readonly #monitor: Monitor
  readonly #normal: number[] = []
  readonly #windows: number[] = []
  readonly #recent = new Map<string, number[]>()
  readonly #outcomes = new Map<number, TheftOutcome>()
  /** Sessions that a thief shares by now, with the number of the theft. */
  readonly #stolen = new Map<string, number>()
  #falseAlarms = 0
  #sessions = 0

  constructor(monitor: Monitor) {
    this.#monitor = monitor
  }

  /** @returns Null for what counts for nothing. */
  pass(request: SimulatedRequest, thefts: ReadonlyMap<number, Theft>): Side | null {
    const theft = request.theft === undefined ? undefined : thefts.get(request.theft)
    return theft ? this.#passThief(request, theft) : this.#passUser(request)
  }

  result() {
    return {
      normal: this.#normal,
      windows: this.#windows,
      falseAlarms: this.#falseAlarms,
      sessions: this.#sessions,
      thefts: [...this.#outcomes.values()],
    }
  }

  /** Whoever is asked to step up does so: it is the user. What is done in a stolen session is no normal use. */
  #passUser({ observation }: SimulatedRequest): Side | null {
    const assessment = this.#monitor.assess(observation)
    const isStopped = assessment.action !== 'allow' && assessment.action !== 'report'
    this.#monitor.learn(observation, isStopped ? undefined : assessment)
    const { sessionId, kind } = observation
    const stolen = this.#stolen.get(sessionId)
    if (stolen !== undefined) return this.#passOwner(assessment, stolen)
    if (kind === 'sign-in') this.#sessions++
    if (assessment.action !== 'allow') this.#falseAlarms++
    this.#normal.push(assessment.risk)
    this.#window(sessionId, assessment.risk)
    return 'normal'
  }

  /** An alarm at the owner stops the thief as well: after the step-up the session has another cookie. */
  #passOwner({ risk, action }: Assessment, number: number): Side | null {
    const outcome = this.#outcomes.get(number)
    if (outcome === undefined || outcome.risks.length >= WITHIN) return null
    const risks = [...outcome.risks.slice(0, -1), Math.max(outcome.risks.at(-1) ?? 0, risk)]
    const caughtBy = outcome.caughtBy || (action === 'allow' ? 0 : risks.length)
    this.#outcomes.set(number, { ...outcome, risks, caughtBy })
    return outcome.caughtBy === 0 ? 'owner' : null
  }

  #window(sessionId: string, risk: number): void {
    const risks = [...(this.#recent.get(sessionId) ?? []), risk]
    const isFull = risks.length === WITHIN
    if (isFull) this.#windows.push(Math.max(...risks))
    this.#recent.set(sessionId, isFull ? [] : risks)
  }

  /** Who is caught is out, but what the next requests would have looked like is worth knowing for the curve. */
  #passThief({ observation }: SimulatedRequest, theft: Theft): Side | null {
    const { number, kind, sessionId } = theft
    const outcome = this.#outcomes.get(number) ?? { kind, risks: [], caughtBy: 0 }
    this.#outcomes.set(number, outcome)
    if (outcome.risks.length >= WITHIN) return null
    if (kind !== 'takeover') this.#stolen.set(sessionId, number)
    const assessment = kind === 'renewed id' ? this.#replay(observation) : this.#monitor.assess(observation)
    const risks = [...outcome.risks, assessment?.risk ?? 0]
    const isCaught = (assessment?.action ?? 'allow') !== 'allow'
    const caughtBy = outcome.caughtBy || (isCaught ? risks.length : 0)
    this.#outcomes.set(number, { kind, risks, caughtBy })
    if (assessment && caughtBy === 0) this.#monitor.learn(observation, assessment)
    return kind === 'renewed id' ? null : 'thief'
  }

  /** The manager tells the token from the current one; the monitor hears of it. */
  #replay(observation: SimulatedRequest['observation']): Assessment | null {
    const { at, sessionId, userId } = observation
    const event = {
      type: 'reject',
      reason: 'reused',
      cookie: '__Host-session',
      at,
      sessionId,
      userId,
    } as const
    return this.#monitor.onEvent(event, observation)
  }
}
