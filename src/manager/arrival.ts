import type { SessionInfo } from '../session/binding.ts'

/** A request and what the runtime knows of its client. */
export interface Arrival {
  readonly request: Request
  /** The Cookie header, empty when there is none. */
  readonly header: string
  readonly info: SessionInfo
  /** When it came, in milliseconds; nobody asks it of one without cookies. */
  readonly at: number
}
