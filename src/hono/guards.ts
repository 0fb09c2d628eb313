import type { MiddlewareHandler } from 'hono'
import { SessionError } from '../errors.ts'
import type { VariableOption } from './env.ts'
import { guard, type SignedInEnv, unauthorized } from './guard.ts'

/** Lets only requests through that brought a session, and not half a sign-in (`session.pending`); else 401. */
export function requireSession(options: VariableOption = {}): MiddlewareHandler {
  return guard('requireSession', options, ({ isNew, pending }) =>
    isNew || pending !== undefined ? unauthorized() : null,
  )
}

/** Lets only signed-in users through, so that `c.var.session.userId` is a string; else 401. */
export function requireUser<Variable extends string = 'session'>(
  options: VariableOption<Variable> = {},
): MiddlewareHandler<SignedInEnv<Variable>> {
  return guard('requireUser', options, (session) => (session.userId === undefined ? unauthorized() : null))
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
    return session.userId === undefined ? unauthorized() : null
  })
}
