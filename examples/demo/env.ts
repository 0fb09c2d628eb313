import type { Timeouts } from 'wafer-session'
import type { SessionEnv } from 'wafer-session/hono'

/** What the shop remembers of a visitor. All of it is in the cookie: there is no database behind this demo. */
export interface Data {
  /** How many of each product, by its id. */
  cart?: Record<string, number>
  /** The address a person chose instead of the one in `people.ts`. */
  email?: string
  /** Signed in with "keep me signed in": the account page shows other timeouts then. */
  remembered?: boolean
}

export type DemoEnv = SessionEnv<Data>

const DAY = 86_400

/** The defaults of the library, written out because the account page shows them. */
export const timeouts: Timeouts = { idleTimeout: 1800, absoluteTimeout: DAY }

/** For those who tick "keep me signed in". */
export const rememberTimeouts: Timeouts = { idleTimeout: 14 * DAY, absoluteTimeout: 30 * DAY }

/** Seconds after which the password is asked for again before the e-mail address may change. */
export const FRESH_FOR = 60
