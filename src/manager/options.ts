import type { CookieOptions } from '../cookie/serialize.ts'
import type { Secret } from '../crypto/secret.ts'
import type { SessionEvent } from '../events.ts'
import type { Timeouts } from '../session/lifecycle.ts'
import type { StandardSchema } from '../session/schema.ts'

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
  /** Any Standard Schema: infers `Data`, and checks it whenever a session is opened or written. */
  readonly schema?: StandardSchema<Data> | undefined
  /** Mends data that no longer fits the schema. Without it, or when that fails too, the request sees it emptied. */
  readonly migrate?: ((data: unknown) => unknown) | undefined
  /** Told of everything that happens to sessions. What it throws is ignored: no request fails for its monitoring. */
  readonly onEvent?: ((event: SessionEvent) => void) | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}
