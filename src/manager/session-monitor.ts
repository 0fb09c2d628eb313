import type { SessionEvent } from '../events.ts'

/** What is known of a request's client: what the runtime says, and the User-Agent. Nothing of it need be there, or true. */
export interface SessionClient {
  readonly address?: string | undefined
  /** ISO 3166-1, two letters. */
  readonly country?: string | undefined
  readonly city?: string | undefined
  /** Degrees. */
  readonly latitude?: number | string | undefined
  readonly longitude?: number | string | undefined
  /** Such as `AS64500`. */
  readonly network?: string | undefined
  /** Such as `Europe/Lisbon`. */
  readonly timezone?: string | undefined
  readonly userAgent?: string | undefined
}

/** A request of a signed-in session, before its handler. */
export interface SessionObservation extends SessionClient {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly userId: string
  readonly sessionId: string
  /** Milliseconds since the epoch. */
  readonly sessionStartedAt: number
  readonly kind: 'request'
}

/**
 * What is done about a request: nothing; an event; the user is asked to authenticate again, and is half signed in until
 * then; the session ends; all sessions of the user end.
 */
export type RiskAction = 'allow' | 'report' | 'stepUp' | 'end' | 'end-all'

export interface RiskAssessment {
  /** 0 to 1. */
  readonly risk: number
  readonly action: RiskAction
}

/** Looks at every request of a signed-in session, and is told of everything; see `wafer-session/monitor`. */
export interface SessionMonitor {
  /** What it throws, and what it takes longer than `storeTimeout` to say, is as if it had allowed the request. */
  assess(observation: SessionObservation): RiskAssessment | Promise<RiskAssessment>
  /** The request was looked at, and this is what came of it. */
  learn?(observation: SessionObservation, assessment?: RiskAssessment): void
  onEvent?(event: SessionEvent, client?: SessionClient): void
}
