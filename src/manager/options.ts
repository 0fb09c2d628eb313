import type { CookieOptions } from '../cookie/serialize.ts'
import type { Secret } from '../crypto/secret.ts'
import type { SessionEvent } from '../events.ts'
import type { BindingOptions } from '../session/binding.ts'
import type { Timeouts } from '../session/lifecycle.ts'
import type { StandardSchema } from '../session/schema.ts'
import type { SessionStore } from '../store.ts'
import type { SessionClient, SessionMonitor } from './session-monitor.ts'

/** How many sessions a user may have at a time (ASVS 7.1.2). */
export interface SessionLimit {
  readonly max: number
  /** Refuse the sign-in (`ERR_SESSION_LIMIT`), or end the sessions that were seen longest ago. */
  readonly onExceed: 'reject' | 'evict'
}

/** Flat, in seconds, secure without touching anything. */
export interface SessionManagerOptions<Data extends object = Record<string, unknown>> {
  /**
   * At least 32 random bytes each; a string counts as its UTF-8 bytes. The first seals, all open: put a new one last,
   * deploy, then move it to the front. One secret per application.
   */
  readonly secret: Secret | readonly Secret[]
  readonly cookie?: CookieOptions | undefined
  /** Seconds without a request after which a session ends (ASVS 7.3.1). @default 1800 */
  readonly idleTimeout?: number | undefined
  /** Seconds from the last authentication after which a session ends, whatever happens (ASVS 7.3.2). @default 86400 */
  readonly absoluteTimeout?: number | undefined
  /** The timeouts of `signIn(userId, { remember: true })`. @default the two above */
  readonly remember?: Timeouts | undefined
  /** How many cookies of 4096 bytes a session may take, 1 to 4. @default 1 */
  readonly maxChunks?: number | undefined
  /** Keeps sessions here; the cookie is a signed handle then. Without it they are sealed in the cookie. */
  readonly store?: SessionStore | undefined
  /** Makes sealed cookies revocable, within `revocationMaxAge` and what this store's reads may be late. */
  readonly revocations?: SessionStore | undefined
  /** Seconds after which a sealed session is checked against `revocations` again. @default 60 */
  readonly revocationMaxAge?: number | undefined
  /**
   * Seconds after which a signed-in session is offered a new token (stores that are strong and can compare and set; 0:
   * never). Someone with a copy of the old one is found out. @default 900
   */
  readonly renewalTimeout?: number | undefined
  /** Seconds for which the old token works beside the new one, for requests on their way. @default 60 */
  readonly renewalGrace?: number | undefined
  /** What a token that was replaced longer ago means: the session ends, or there is only the event. @default 'end' */
  readonly onReuse?: 'end' | 'report' | undefined
  readonly sessionsPerUser?: SessionLimit | undefined
  /** What a session is bound to when it is opened. A browser sends all of this with every request; so can a thief. */
  readonly binding?: BindingOptions | undefined
  /** Seconds that a call of a store may take, its one retry included. @default 2 */
  readonly storeTimeout?: number | undefined
  /** When the store does not answer: `ERR_SESSION_STORE`, or an anonymous visitor who can change nothing. @default 'fail' */
  readonly onStoreError?: 'fail' | 'anonymous' | undefined
  /** Any Standard Schema: infers `Data`, and checks it whenever a session is opened or written. */
  readonly schema?: StandardSchema<Data> | undefined
  /** Mends data that no longer fits the schema. Without it, or when that fails too, the request sees it emptied. */
  readonly migrate?: ((data: unknown) => unknown) | undefined
  /** Told of everything that happens to sessions. What it throws is ignored: no request fails for its monitoring. */
  readonly onEvent?: ((event: SessionEvent, client?: SessionClient) => void) | undefined
  /** Looks at every request of a signed-in session, and may ask for a new authentication or end it. */
  readonly monitor?: SessionMonitor | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}
