import type { Timeouts } from 'wafer-session'
import type { SessionEnv } from 'wafer-session/hono'
import type { KVBinding } from 'wafer-session/stores/cloudflare-kv'
import type { SessionObjectNamespace } from 'wafer-session/stores/durable-object'
import type { Simulation } from './simulation.ts'

/** What the shop remembers of a visitor, wherever `sessions.ts` keeps it: there is no other database. */
export interface Data {
  /** How many of each product, by its id. */
  cart?: Record<string, number>
  /** The address a person chose instead of the one in `people.ts`. */
  email?: string
  /** Signed in with "keep me signed in": the account page shows other timeouts then. */
  remembered?: boolean
  /** The secret of an authenticator app, until a first code shows that the app has it. */
  enrolment?: string
}

/** What wrangler.toml binds. */
export interface Bindings {
  readonly SESSION_SECRET: string
  readonly KV: KVBinding
  readonly SESSION_OBJECTS: SessionObjectNamespace
  /** A mode of `sessions.ts` that overrules the one chosen there. */
  readonly SESSIONS?: string
  /** In requests that a simulated attack makes, and in no other. */
  readonly simulation?: Simulation
}

export type DemoEnv = SessionEnv<Data> & { Bindings: Bindings }

const DAY = 86_400

/** The defaults of the library, written out because the account page shows them. */
export const timeouts: Timeouts = { idleTimeout: 1800, absoluteTimeout: DAY }

/** Seconds after which a token is replaced, in stores that can: the default, too. */
export const RENEWAL_TIMEOUT = 900

/** Seconds in which the second factor must follow the first: the library's own. */
export const PENDING_TIMEOUT = 600

/** For those who tick "keep me signed in". */
export const rememberTimeouts: Timeouts = { idleTimeout: 14 * DAY, absoluteTimeout: 30 * DAY }

/** Seconds after which the password is asked for again before the e-mail address may change. */
export const FRESH_FOR = 60

/** The same for signing out other devices, as long as `revokeAll` takes it with revocations. */
export const FRESH_FOR_DEVICES = 300
