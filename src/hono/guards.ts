import type { MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { SessionError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import { type VariableOption, variableOf } from './env.ts'

/** What a handler behind `requireUser` knows, whatever its `Data`. */
export type SignedInEnv<Variable extends string = 'session'> = {
  Variables: { [V in Variable]: { readonly userId: string; readonly authTime: number } }
}

/** Lets only requests through that brought a session; else 401. */
export function requireSession(options: VariableOption = {}): MiddlewareHandler {
  return guard('requireSession', options, (session) => (session.isNew ? {} : null))
}

/** Lets only signed-in users through, so that `c.var.session.userId` is a string; else 401. */
export function requireUser<Variable extends string = 'session'>(
  options: VariableOption<Variable> = {},
): MiddlewareHandler<SignedInEnv<Variable>> {
  return guard('requireUser', options, (session) => (session.userId === undefined ? {} : null))
}

/**
 * Lets only users through who authenticated at most `maxAge` seconds ago; else 401, with the challenge of RFC 9470.
 *
 * @throws {RangeError} When `maxAge` is not a positive number.
 */
export function requireFresh<Variable extends string = 'session'>(
  maxAge: number | ({ readonly maxAge: number } & VariableOption<Variable>),
  variableOption: VariableOption<Variable> = {},
): MiddlewareHandler<SignedInEnv<Variable>> {
  const given = typeof maxAge === 'object' && maxAge !== null ? maxAge : { maxAge }
  const { maxAge: seconds, ...options } = { ...variableOption, ...given }
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new RangeError(`requireFresh(maxAge) wants seconds: current value is ${seconds}.`)
  }
  const challenge = `Bearer error="insufficient_user_authentication", max_age="${seconds}"`
  return guard('requireFresh', options, (session) => {
    if (session.userId === undefined) return {}
    return session.isFresh(seconds) ? null : { 'WWW-Authenticate': challenge }
  })
}

/**
 * Lets only signed-in users through whose session still stands at this moment, as the store or the revocation marks
 * say: for routes where the bound of `revocationMaxAge` is too long; else 401.
 */
export function requireAuthoritative<Variable extends string = 'session'>(
  options: VariableOption<Variable> = {},
): MiddlewareHandler<SignedInEnv<Variable>> {
  return guard('requireAuthoritative', options, async (session) => {
    try {
      await session.requireAuthoritative()
    } catch (error) {
      if (!(error instanceof SessionError && error.code === 'ERR_SESSION_ENDED')) throw error
    }
    return session.userId === undefined ? {} : null
  })
}

type Refusal = Record<string, string> | null

/** @param refusal The headers of the 401, or null for those who may pass. */
function guard(
  name: string,
  options: VariableOption,
  refusal: (session: Session) => Refusal | Promise<Refusal>,
): MiddlewareHandler {
  const variable = variableOf(name, options)
  return async function guard(c, next) {
    const session: Session | undefined = c.get(variable)
    if (session === undefined) {
      throw new TypeError(`There is no c.var.${variable}: app.use(session(…)) must come first.`)
    }
    const headers = await refusal(session)
    if (headers !== null) {
      throw new HTTPException(401, { res: new Response('Unauthorized', { status: 401, headers }) })
    }
    await next()
  }
}
