import type { Context } from 'hono'
import { areAlike, type SessionManager } from '../manager/manager.ts'

/** Who has a cookie open in a request. */
export interface Claim {
  readonly variable: string
  readonly middleware: object
  readonly sessions: Pick<SessionManager, 'cookieName'>
}

/** Where a context has its claims: a property costs a request less than a WeakMap. */
const CLAIMS: unique symbol = /* @__PURE__ */ Symbol('claims')

/**
 * False for the same session once more, as through app.route: one cookie has one session.
 *
 * @throws {TypeError} When the cookie is open under another variable, and whoever signs in as one would be signed in as
 * the other; or with other options, which would be left unheeded.
 */
export function claimCookie(c: Context & { [CLAIMS]?: Claim[] }, claim: Claim): boolean {
  c[CLAIMS] ??= []
  const { cookieName } = claim.sessions
  const holder = c[CLAIMS].find(({ sessions }) => sessions.cookieName === cookieName)
  if (holder === undefined) return c[CLAIMS].push(claim) > 0
  const alike = holder.middleware === claim.middleware || areAlike(holder.sessions, claim.sessions)
  if (holder.variable === claim.variable && alike) return false
  throw new TypeError(
    `The cookie ${cookieName} is already open as c.var.${holder.variable}${alike ? '' : ', with other options'}. ` +
      'Give this session its own cookie.name.',
  )
}
