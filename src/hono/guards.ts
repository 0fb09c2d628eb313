import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Session } from '../session/session.ts'
import { type VariableOption, variableOf } from './env.ts'

/** What a handler behind `requireUser` knows, whatever its `Data`. */
export type SignedInEnv<Variable extends string = 'session'> = {
  Variables: { [V in Variable]: { readonly userId: string; readonly authTime: number } }
}

/** Lets only requests through that brought a session; else 401. */
export function requireSession(options: VariableOption = {}): MiddlewareHandler {
  const variable = variableOf('requireSession', options)
  return async function requireSession(c, next) {
    if (sessionOf(c, variable).isNew) throw unauthorized()
    await next()
  }
}

/** Lets only signed-in users through, so that `c.var.session.userId` is a string; else 401. */
export function requireUser<Variable extends string = 'session'>(
  options: VariableOption<Variable> = {},
): MiddlewareHandler<SignedInEnv<Variable>> {
  const variable = variableOf('requireUser', options)
  return async function requireUser(c: Context, next) {
    if (sessionOf(c, variable).userId === undefined) throw unauthorized()
    await next()
  }
}

/**
 * Lets only users through who authenticated at most `maxAge` seconds ago; else 401, with the challenge of RFC 9470.
 *
 * @throws {RangeError} When `maxAge` is not a positive number.
 */
export function requireFresh<Variable extends string = 'session'>(
  maxAge: number | ({ readonly maxAge: number } & VariableOption<Variable>),
): MiddlewareHandler<SignedInEnv<Variable>> {
  const options: { readonly maxAge: number } & VariableOption =
    typeof maxAge === 'object' && maxAge !== null ? maxAge : { maxAge }
  const { maxAge: seconds, ...others } = options
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new RangeError(`requireFresh(maxAge) wants seconds: current value is ${seconds}.`)
  }
  const variable = variableOf('requireFresh', others)
  const challenge = `Bearer error="insufficient_user_authentication", max_age="${seconds}"`

  return async function requireFresh(c: Context, next) {
    const current = sessionOf(c, variable)
    if (current.userId === undefined) throw unauthorized()
    if (!current.isFresh(seconds)) throw unauthorized({ 'WWW-Authenticate': challenge })
    await next()
  }
}

function sessionOf(c: Context, variable: string): Session {
  const found: Session | undefined = c.get(variable)
  if (found === undefined)
    throw new TypeError(`There is no c.var.${variable}: app.use(session(…)) must come first.`)
  return found
}

function unauthorized(headers?: Record<string, string>): HTTPException {
  return new HTTPException(401, {
    res: new Response('Unauthorized', { status: 401, ...(headers && { headers }) }),
  })
}
