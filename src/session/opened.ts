import type { SessionError } from '../errors.ts'
import type { Policy } from './lifecycle.ts'
import type { SessionRecord } from './record.ts'

/** What a request starts from. */
export interface DraftStart<Data> {
  readonly policy: Policy
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** JSON text of a new session's data: `{}`, or the defaults of the schema. */
  readonly emptyText: string
  readonly opened?: OpenedSession<Data> | undefined
  /** Other requests may write the same record: what is changed is noted, to be done again on theirs. */
  readonly shared: boolean
  /** Why nothing can be changed in this request. */
  readonly refusal?: SessionError | undefined
}

/** What is to be written, and what it was made from. */
export interface Snapshot {
  readonly record: SessionRecord
  readonly basis: SessionRecord
  /** How many of the noted changes of the data it has. */
  readonly steps: number
  readonly dataChanged: boolean
  /** More than recorded activity or a rotated secret: the handler did something. */
  readonly changed: boolean
}

/** A live session, as the cookie or the store gave it. */
export interface OpenedSession<Data> {
  /** What is kept. */
  readonly persisted: SessionRecord
  /** The same with this request's activity, where that is due. */
  readonly record: SessionRecord
  readonly data: Data
  /** JSON text of the data as the handler first sees it. */
  readonly baseline: string
  /** To be written whatever the handler does: `migrate` has mended it. */
  readonly mended: boolean
  /** Sealed under an older secret: to be written again. */
  readonly stale: boolean
}

/** How a session begins. */
export interface Beginning {
  /** The keys of `data` that are carried over. */
  readonly keep?: readonly string[] | undefined
  readonly pending?: boolean | undefined
  readonly idToken?: string | undefined
}
