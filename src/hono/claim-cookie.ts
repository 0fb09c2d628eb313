import type { Context } from 'hono'
import { areAlike } from '../manager/manager.ts'

/** Who has a cookie open in a request. */
export interface Claim {
  readonly variable: string
  readonly middleware: object
  readonly sessions: object
}

/** By the name of the cookie. */
const claims = /* @__PURE__ */ new WeakMap<Context, Map<string, Claim>>()

/**
 * False for the same session once more, as through app.route: one cookie has one session.
 *
 * @throws {TypeError} When the cookie is open under another variable, and whoever signs in as one would be signed in as
 * the other; or with other options, which would be left unheeded.
 */
export function claimCookie(c: Context, cookieName: string, claim: Claim): boolean {
  const claimed = claims.get(c) ?? new Map<string, Claim>()
  const holder = claimed.get(cookieName)
  if (holder === undefined) {
    claims.set(c, claimed.set(cookieName, claim))
    return true
  }
  const alike = holder.middleware === claim.middleware || areAlike(holder.sessions, claim.sessions)
  if (holder.variable === claim.variable && alike) return false
  throw new TypeError(
    `The cookie ${cookieName} is already open as c.var.${holder.variable}${alike ? '' : ', with other options'}. ` +
      'Give this session its own cookie.name.',
  )
}
