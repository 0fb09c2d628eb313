/** Why a cookie that was sent did not open a session. The client sees no difference between them. */
export type RejectReason =
  /** Longer than any cookie this manager writes. */
  | 'too-long'
  /** Not canonical base64url, or too short, or chunks that do not fit together. */
  | 'malformed'
  /** A format version this release does not know. */
  | 'unknown-version'
  /** Sealed under a secret that is not in the list. */
  | 'unknown-key'
  /** Sealed in an hour from which no cookie can still be alive, or in one that has not come. */
  | 'hour-out-of-range'
  /** The authentication tag is wrong: altered, or made for another cookie, purpose or application. */
  | 'forged'
  /** The tag is right and the content is not a session. */
  | 'undecodable'
  /** The idle timeout has passed. */
  | 'idle-timeout'
  /** The absolute timeout has passed. */
  | 'absolute-timeout'
  /** Issued more than 60 seconds ahead of this clock. */
  | 'issued-in-future'
  /** Several authentic cookies of different sessions. */
  | 'ambiguous'
  /** More than four cookies of the name. */
  | 'too-many'

/** What every event carries. Never a bearer value: `sessionId` is the public handle (ASVS 16.2.5). */
export interface SessionEventBase {
  /** Milliseconds since the epoch, by the manager's clock. */
  readonly at: number
  /** The name of the cookie. */
  readonly cookie: string
}

/** A session exists from now on: the first data of an anonymous visitor, or a sign-in. */
export interface CreateEvent extends SessionEventBase {
  readonly type: 'create'
  readonly sessionId: string
  readonly userId?: string | undefined
}

/** The session goes on under a new id. */
export interface MoveEvent extends SessionEventBase {
  readonly type: 'reauthenticate' | 'regenerate'
  readonly sessionId: string
  readonly previousId: string
  readonly userId?: string | undefined
}

/** The session is over: signed out, or replaced by a new sign-in. */
export interface EndEvent extends SessionEventBase {
  readonly type: 'end'
  readonly reason: 'sign-out' | 'sign-in'
  readonly sessionId: string
  readonly userId?: string | undefined
}

/** A cookie was sent and did not open a session. `sessionId` is known only for authentic ones. */
export interface RejectEvent extends SessionEventBase {
  readonly type: 'reject'
  readonly reason: RejectReason
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
}

/** Data no longer fitted the schema: `migrate` mended it, or the request sees it emptied. */
export interface SchemaEvent extends SessionEventBase {
  readonly type: 'migrate' | 'empty'
  readonly sessionId: string
  readonly userId?: string | undefined
  /** What the schema, or `migrate`, complained of. */
  readonly issues: readonly string[]
}

/**
 * Changes were made and not kept: the response failed (5xx, or the handler threw), or the request was a cross-site
 * one from which SameSite may have withheld the cookie.
 */
export interface DiscardEvent extends SessionEventBase {
  readonly type: 'discard'
  readonly reason: 'failed-response' | 'cross-site'
  readonly sessionId: string
  readonly userId?: string | undefined
}

/** What `onEvent` receives; switch on `type`. */
export type SessionEvent = CreateEvent | MoveEvent | EndEvent | RejectEvent | SchemaEvent | DiscardEvent
