import type { EndEvent, RejectReason } from '../events.ts'
import type { Snapshot } from '../session/opened.ts'
import type { SessionRecord } from '../session/record.ts'

/** What a cookie value stands for. */
export interface Loaded {
  readonly record: SessionRecord
  readonly data: object
  /** To be written again: kept under an older secret, or with a check of the revocation marks to remember. */
  readonly stale: boolean
  /** Of several cookies of one session the one with the lowest counts. */
  readonly rank: number
  /** What the monitor made of this request, 0 to 1. */
  readonly risk?: number | undefined
}

/** Why a cookie value stands for nothing. */
export interface Refused {
  readonly reason: RejectReason
  /** The handle, of an authentic cookie. */
  readonly handle?: Uint8Array | undefined
  readonly userId?: string | undefined
  /** The session moved on a moment ago, and its new cookie may be on its way: nothing must overwrite it. */
  readonly readOnly?: boolean | undefined
  /** Ends what it has moved on to: a sign-out holds, though it comes with the cookie before. @default 'sign-out' */
  readonly end?: ((reason?: EndEvent['reason']) => Promise<void>) | undefined
  /** What the value deserves, unless another cookie of the request shows that all is well. */
  readonly verdict?: (() => Promise<void>) | undefined
}

export function isHeld<Held extends Loaded>(one: Held | Refused): one is Held {
  return 'record' in one
}

/** What a request asks to be written. */
export interface Change {
  readonly snapshot: Snapshot
  /** What is kept now. */
  readonly before: SessionRecord | undefined
  /** That is half a sign-in, of which the snapshot is the whole: only where nobody ended or completed it meanwhile. */
  readonly completes: boolean
  /**
   * The same changes on top of what another request wrote meanwhile; null when nothing is left to write.
   *
   * @throws {SessionError} `ERR_SESSION_ENDED` when that is no live session.
   */
  rebase(fresh: Loaded): Promise<Snapshot | null>
}

export interface Saved<Held> {
  readonly held: Held
  /** What was written, or null when there was nothing left to write. */
  readonly snapshot: Snapshot | null
  /** The cookie value from now on, or null when the browser's stays. */
  readonly cookie: string | null
}

/** The one seam: cookie value ⇄ record. Nothing above or below it asks where the record lives. */
export interface SessionBackend<Held extends Loaded = Loaded> {
  /** Several requests may write one record at the same time. */
  readonly shared: boolean
  /** What ends is over for every copy of the cookie. */
  readonly canEnd: boolean
  /** Looks and changes nothing. Throws for a store that fails, never for what a client sent. */
  load(value: string, now: number): Promise<Held | Refused>
  /** What has to happen before the handler sees the session. */
  settle?(held: Held, now: number): Promise<Held | Refused>
  save(held: Held | undefined, change: Change, now: number): Promise<Saved<Held>>
  /**
   * The cookie value that the browser should have from now on though nothing is written, or null.
   *
   * @param arrivedAt When the request came, in milliseconds.
   */
  offer?(held: Held, arrivedAt: number, now: number): Promise<string | null>
  /** Ends the session, wherever it has moved to. */
  end(held: Held, now: number): Promise<void>
  /** Ends all sessions of a user. */
  endAll?(userId: string): Promise<void>
  /** Writes down, whatever other requests write, that the user must authenticate again. */
  demandStepUp(held: Held, now: number): Promise<Held>
  /** Removes what has expired. */
  discard(held: Held): Promise<void>
  /** Asks again whether the session still stands, and opens what it did: a step-up may be asked for since. */
  stands(held: Held, now: number): Promise<boolean>
}
