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
  /** The store has nothing under it. */
  | 'unknown-session'
  /** Signed out, replaced by another session, or ended from elsewhere. */
  | 'ended'
  /** A token that was replaced longer ago than `renewalGrace`, or that nobody issued: somebody has a copy. */
  | 'reused'
  /** Revoked, as the revocation marks say. */
  | 'revoked'
  /** Not from where, or from what, the session was opened, and `binding` ends it for that. */
  | 'binding'
  /** The monitor ended it. */
  | 'risk'

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

/** The client confirmed its new token; the one before is dead after `renewalGrace`. */
export interface RenewEvent extends SessionEventBase {
  readonly type: 'renew'
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

/** The session is over. */
export interface EndEvent extends SessionEventBase {
  readonly type: 'end'
  /**
   * Signed out, replaced by a new sign-in, ended by `users.revoke` or `users.revokeAll`, made room for another one
   * (`sessionsPerUser`), or ended for a token used twice (`onReuse`), a changed client (`binding`) or what the monitor made of it.
   */
  readonly reason: 'sign-out' | 'sign-in' | 'revoked' | 'evicted' | 'reused' | 'binding' | 'risk'
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
  /** What the schema, or `migrate`, complained of: many libraries quote the data in it. */
  readonly issues: readonly string[]
}

/** The client is not what it was when the session was opened; see the option `binding`. */
export interface BindingEvent extends SessionEventBase {
  readonly type: 'binding'
  readonly sessionId: string
  readonly userId?: string | undefined
  /** What has changed. */
  readonly changed: readonly string[]
}

/** The monitor found something about a request, and this is what was done. */
export interface RiskEvent extends SessionEventBase {
  readonly type: 'risk'
  readonly sessionId: string
  readonly userId?: string | undefined
  /** 0 to 1. */
  readonly risk: number
  readonly action: 'report' | 'stepUp' | 'end' | 'end-all'
}

/** The store failed, or gave what cannot be used; `cause` is its error. */
export interface StoreErrorEvent extends SessionEventBase {
  readonly type: 'store-error'
  readonly operation: 'get' | 'getMany' | 'create' | 'update' | 'delete' | 'list' | 'open'
  readonly cause: unknown
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
export type SessionEvent =
  | CreateEvent
  | RenewEvent
  | MoveEvent
  | EndEvent
  | RejectEvent
  | BindingEvent
  | RiskEvent
  | SchemaEvent
  | StoreErrorEvent
  | DiscardEvent
