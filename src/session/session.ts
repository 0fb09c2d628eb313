import { toBase64Url } from '../encoding.ts'
import {
  authenticated,
  type ReauthenticateOptions,
  type SignInOptions,
  type SignOutOptions,
} from './authentication.ts'
import type { Backstage } from './backstage.ts'
import type { Draft } from './draft.ts'
import { type PendingUser, pendingUser } from './pending-user.ts'
import type { OidcSubject } from './record.ts'
import { SessionChallenge } from './session-challenge.ts'
import type { SessionJson } from './session-json.ts'

let backstage: (session: object) => Backstage | undefined

/** The manager's way behind a session; undefined for anything else. */
export function backstageOf(session: unknown): Backstage | undefined {
  return typeof session === 'object' && session !== null ? backstage(session) : undefined
}

/**
 * The session of one request. Timestamps are milliseconds since the epoch, durations are seconds.
 *
 * Reading creates nothing: a visitor gets a cookie only once there is something to keep. After `signOut()` every
 * change throws `ERR_SESSION_ENDED`; once the response has left, `ERR_SESSION_COMMITTED`.
 */
export class Session<Data extends object = Record<string, unknown>> {
  // A private field and not a WeakMap, which would cost every request more than anything else in here.
  static {
    backstage = (session) => (#backstage in session ? session.#backstage : undefined)
  }

  readonly #draft: Draft<Data>
  readonly #backstage: Backstage

  constructor(draft: Draft<Data>, backstage: Backstage) {
    this.#draft = draft
    this.#backstage = backstage
    Object.preventExtensions(this) // `session.user = …` must not vanish: what is kept is in `data`.
  }

  /** What the application keeps: JSON values in a plain object, changed in place, nested ones too. */
  get data(): Data {
    return this.#draft.view
  }

  /**
   * The public handle, 22 characters: safe to log, to list, to revoke by. New at sign-in, re-authentication and
   * regeneration.
   */
  get id(): string {
    return toBase64Url(this.#draft.record.handle)
  }

  /** Who signed in; undefined for an anonymous visitor and after `signOut()`. */
  get userId(): string | undefined {
    return this.#draft.user?.id
  }

  /** True when there is no session to go on with: the request brought none, or `signOut()` ended it. */
  get isNew(): boolean {
    return this.#draft.isNew || this.#draft.isOver
  }

  get createdAt(): number {
    return this.#draft.record.createdAt * 1000
  }

  /** The last recorded activity: recorded when a tenth of the idle time has passed since it last was. */
  get lastSeenAt(): number {
    return this.#draft.record.lastSeenAt * 1000
  }

  /** When the session ends unless something happens: the earlier of the idle and the absolute deadline. */
  get expiresAt(): number {
    const { idleExpiresAt, absoluteExpiresAt } = this.#draft.record
    return Math.min(idleExpiresAt, absoluteExpiresAt) * 1000
  }

  /** When the user last authenticated. */
  get authTime(): number | undefined {
    return this.#draft.user?.authTime
  }

  /** Who has passed the first factor and not yet the second, and how; such a visitor is anonymous for everything else. */
  get pending(): PendingUser | undefined {
    return pendingUser(this.#draft as Draft<never>)
  }

  /** What the monitor makes of this request, from 0 to 1; undefined without one. */
  get risk(): number | undefined {
    return this.#backstage.risk
  }

  /** What the OpenID provider calls the user and its own session, where the user came from one. */
  get oidc(): OidcSubject | undefined {
    return Object.freeze(this.#draft.user?.oidc)
  }

  /** Values that the session gives out and waits for. */
  get challenge(): SessionChallenge {
    return new SessionChallenge(this.#draft as Draft<never>, this.#backstage)
  }

  /** How the user authenticated (RFC 8176). */
  get amr(): readonly string[] {
    return Object.freeze(this.#draft.user?.amr ?? [])
  }

  /** The assurance level reached; it rises only by `signIn` and `reauthenticate`. */
  get acr(): string | undefined {
    return this.#draft.user?.acr
  }

  /**
   * Changes `data` through a function that may run again, on fresh data, when another request wrote first.
   *
   * @throws {TypeError} When `fn` is asynchronous.
   */
  update(fn: (data: Data) => void): void {
    this.#draft.update(fn)
  }

  /** Keeps a value for the next request that reads it, not for this one. */
  flash(key: string, value: unknown): void
  /** Reads and consumes a value that an earlier request set. */
  flash<Value = string>(key: string): Value | undefined
  flash(key: string, ...values: readonly unknown[]): unknown {
    if (values.length === 0) return this.#draft.takeFlash(key)
    this.#draft.assertOpen('set a flash value')
    return this.#draft.flash.add(key, values[0])
  }

  /**
   * Starts a new session for a user who just authenticated. Whoever was signed in before, and all data but the keys in
   * `keep`, are left behind (session fixation: ASVS 7.2.4).
   *
   * @throws {TypeError} When `userId` is not a non-empty string.
   */
  signIn(userId: string, options: SignInOptions<Data> = {}): void {
    this.#draft.assertSignIn()
    const user = authenticated(userId, options, this.#backstage.authTime())
    this.#draft.signIn(user, { ...options, idToken: options.oidc?.idToken })
  }

  /**
   * The signed-in user authenticated again (step-up): a new id, a new `authTime`, both timers reset, data kept. Of half a
   * sign-in it makes a whole one.
   *
   * @throws {TypeError} When nobody is signed in, nor half so.
   */
  reauthenticate(options: ReauthenticateOptions = {}): void {
    this.#draft.assertOpen('re-authenticate')
    this.#draft.reauthenticate(options, this.#backstage.authTime())
  }

  /** Ends the session and clears its cookie, whatever the status of the response. Once more does nothing. */
  signOut(options: SignOutOptions = {}): void {
    this.#draft.end()
    this.#draft.clearSiteData ||= options.clearSiteData === true
  }

  /** Gives the session a new id, for a change of privilege; data and timers stay. */
  regenerate(): void {
    this.#draft.assertOpen('regenerate')
    this.#draft.regenerate()
  }

  /**
   * Writes what there is to write now, before slow work or a stream; the session stays open until the response leaves.
   *
   * @throws {SessionError} As the end of the request: for what cannot be kept, or when the store fails.
   */
  commit(): Promise<void> {
    return this.#backstage.commit()
  }

  /**
   * Asks the store, or the revocation marks, whether the session still stands: before what must not be done with a
   * session that was revoked a moment ago. Without either there is nothing to ask.
   *
   * @throws {SessionError} `ERR_SESSION_ENDED` when it does not: the visitor is anonymous then. `ERR_SESSION_STORE`
   */
  requireAuthoritative(): Promise<void> {
    return this.#backstage.requireAuthoritative()
  }

  /** True when the last authentication is at most `maxAge` seconds old. */
  isFresh(maxAge: number): boolean {
    const { authTime } = this
    return authTime !== undefined && this.#draft.now() - authTime <= maxAge * 1000
  }

  toJSON(): SessionJson {
    const { id, userId, isNew, createdAt, lastSeenAt, expiresAt, authTime, amr, acr } = this
    return { id, userId, isNew, createdAt, lastSeenAt, expiresAt, authTime, amr, acr }
  }
}
