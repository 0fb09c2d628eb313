/**
 * Hono middleware.
 *
 * @module
 */
import type { Context, MiddlewareHandler } from 'hono'
import { claimCookie } from './hono/claim-cookie.ts'
import { type SessionEnv, type VariableOption, variableOf } from './hono/env.ts'
import { managerSource, type Source } from './hono/manager-source.ts'
import { type InfoOptions, sessionInfo } from './hono/session-info.ts'
import { withdraw } from './hono/withdraw.ts'

export type { SessionEnv, VariableOption } from './hono/env.ts'
export type { SignedInEnv } from './hono/guard.ts'
export { requireAuthoritative, requireSession, requireUser } from './hono/guards.ts'
export type { HonoSessionOptions } from './hono/manager-source.ts'
export { type FreshOptions, requireFresh } from './hono/require-fresh.ts'
export { returnPath } from './hono/return-path.ts'
export type { InfoOptions } from './hono/session-info.ts'

/**
 * Opens the session before the handler as `c.var.session` and commits it after.
 *
 * A 5xx or a throw keeps no changes; a sign-out holds whatever the status.
 *
 * @param source Options, a manager, or a function of the context that gives either: on Workers bindings arrive per
 * request.
 * @throws {TypeError | RangeError} For wrong options.
 */
export function session<Data extends object = Record<string, unknown>, Variable extends string = 'session'>(
  source: Source<Data> | ((c: Context) => Source<Data>) = {},
  options: VariableOption<Variable> & InfoOptions = {},
): MiddlewareHandler<SessionEnv<Data, Variable>> {
  const variable = variableOf('session(source, options)', options, ['trustedProxies', 'info'])
  const managerFor = managerSource(source)
  const infoOf = sessionInfo(options)

  return async function session(c: Context, next) {
    const sessions = managerFor(c)
    if (!claimCookie(c, { variable, middleware: managerFor, sessions })) return next()

    const opened = await sessions.open(c.req.raw, infoOf(c))
    c.set(variable, opened)
    c.set(`${variable}s`, sessions)
    await next()

    const response = await sessions
      .respond(opened, c.res, c.error === undefined ? {} : { failed: true })
      .catch((error) => {
        withdraw(c)
        throw error
      })
    if (response === c.res) return
    c.res = undefined // Else Hono would copy the old headers over the new ones, and drop our cookie.
    c.res = response
  }
}
