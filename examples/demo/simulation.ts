import type { SessionInfo } from 'wafer-session'
import type { Assessment } from 'wafer-session/monitor'
import type { Seen } from './watch/seen.ts'

/**
 * What a simulated attack (`attacks/`) hands to its own requests. It travels beside the bindings of the Worker, where
 * nothing that a client sends can get.
 */
export interface Simulation {
  /** Milliseconds since the epoch: minutes that the attack has to wait for pass at once. */
  now(): number
  /** Where the request comes from: what the runtime knows of a real one. */
  readonly client: SessionInfo
  /** Everything that the library says meanwhile. */
  note(seen: Seen): void
  /** What the monitor makes of each request. */
  judge(assessment: Assessment): void
}
