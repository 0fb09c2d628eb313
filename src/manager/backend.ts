import type { RejectReason } from '../events.ts'
import type { SessionRecord } from '../session/record.ts'

/** What a cookie value stands for. */
export interface Loaded {
  readonly record: SessionRecord
  readonly data: object
  /** Kept under an older secret: to be written again under the first. */
  readonly stale: boolean
}

/** The one seam: cookie value ⇄ record. Nothing above or below it asks where the record lives. */
export interface SessionBackend {
  /** Never throws for what a client sent. */
  load(value: string, now: number): Promise<Loaded | RejectReason>
  /** The cookie value that stands for the record from now on. */
  save(record: SessionRecord, now: number): Promise<string>
}
