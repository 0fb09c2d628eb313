import type { Batch } from './runner.ts'

/** Milliseconds that a batch took: by the clock, and of processors, on all threads. */
export interface Took {
  wall: number
  cpu: number
}

/** A peer that runs somewhere. */
export interface Host {
  time(batch: Batch): Promise<Took>
}

export interface Runtime {
  /** By peer. */
  readonly hosts: ReadonlyMap<string, Host>
  /** Of the process, where there is one for all. */
  readonly pid?: number | undefined
  stop(): Promise<void>
}
