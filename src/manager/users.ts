import { type Bytes, fromBase64Url } from '../encoding.ts'
import type { Session } from '../session/session.ts'
import type { FederatedSubject } from './federated-subject.ts'

/** One session of a user, as a list of devices shows it; nothing in it opens a session. */
export interface UserSession {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly lastSeenAt: number
  /** Such as `Firefox on Windows`, from the User-Agent at sign-in. */
  readonly device: string | undefined
  /** Such as `Lisbon, PT`, where the runtime knows it, at sign-in. */
  readonly location: string | undefined
}

export interface RevokeAllOptions<Data extends object> {
  /**
   * The session that stays, under whatever id. With `revocations` it must be the session itself, and with it stays every one
   * that authenticated no earlier: call `session.reauthenticate()` first, and no other one has.
   */
  readonly except?: Session<Data> | string | undefined
}

/**
 * The sessions of a user. With sealed cookies nothing on the server knows them: `list` rejects there, and without
 * `revocations` everything does.
 */
export interface UserSessions<Data extends object = Record<string, unknown>> {
  /**
   * Newest first.
   *
   * @throws {SessionError} `ERR_SESSION_STORE`
   * @throws {TypeError} When nothing knows the sessions of a user.
   */
  list(userId: string): Promise<UserSession[]>
  /**
   * Ends one session of this user; of another user's nothing happens.
   *
   * @returns False when there was none to end. With `revocations`, always true.
   */
  revoke(sessionId: string, userId: string): Promise<boolean>
  /**
   * Ends all sessions of a user (ASVS 7.4.2), or all others (ASVS 7.4.3).
   *
   * @returns How many ended; undefined with `revocations`, where nobody counts them.
   * @throws {TypeError} With `revocations`, when `except` is no session of this user that was authenticated within the
   * last 300 seconds: ask `session.isFresh(300)` first.
   */
  revokeAll(userId: string, options?: RevokeAllOptions<Data>): Promise<number | undefined>
  /**
   * Ends the sessions that belong to one session at an OpenID provider (`iss` and `sid`), or to a user there (`iss` and
   * `sub`): those of sign-ins with `oidc`, half ones included (OpenID Connect Back-Channel Logout 1.0 §2.7).
   *
   * @returns How many ended; undefined with `revocations`, where nobody counts them.
   */
  revokeFederated(subject: FederatedSubject): Promise<number | undefined>
  /**
   * Whether a session of this user still stands, under this id or a later one: for services that were given a token of it.
   * Not while the monitor asks for a new authentication.
   *
   * @throws {TypeError} With sealed cookies: nothing on the server knows them.
   */
  isLive(sessionId: string, userId: string): Promise<boolean>
}

/** @throws {TypeError} */
export function checkedUser(userId: unknown): string {
  if (typeof userId === 'string' && userId !== '') return userId
  throw new TypeError('The user id must be a non-empty string.')
}

/** The handle in a public id, or null when it is none. */
export function handleOf(sessionId: unknown): Bytes | null {
  const handle = typeof sessionId === 'string' ? fromBase64Url(sessionId) : null
  return handle?.length === 16 ? handle : null
}

/** @throws {TypeError} */
export function checkFederated({ iss, sub, sid }: FederatedSubject): void {
  const isText = (value: unknown) => typeof value === 'string' && value !== ''
  const named = [sub, sid].filter((value) => value !== undefined)
  if (isText(iss) && named.length > 0 && named.every(isText)) return
  throw new TypeError('revokeFederated() wants the iss, and the sid or the sub, as non-empty strings.')
}
