import type { LogEntry } from './log-entry.ts'

/** Where what was noticed goes. No request waits for it, and none fails for it. */
export interface Sink {
  /** What it returns is not looked at, but a promise is waited for before the process may sleep. */
  write(entry: LogEntry): unknown
  /** It keeps what it is given where only the application can read it: ids come as they are. */
  readonly isSealed?: boolean | undefined
  /** Removes what is kept of a user. */
  forgetUser?(userId: string): Promise<void>
}
