import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Session } from '../session/session.ts'
import { type VariableOption, variableOf } from './env.ts'

/** What a handler behind `requireUser` knows, whatever its `Data`. */
export type SignedInEnv<Variable extends string = 'session'> = {
  Variables: { [V in Variable]: { readonly userId: string; readonly authTime: number } }
}

/** @param refusal The answer, or null for those who may pass. */
export function guard(
  name: string,
  options: VariableOption,
  refusal: (session: Session, c: Context) => Response | null | Promise<Response | null>,
): MiddlewareHandler {
  const variable = variableOf(name, options)
  return async function guard(c, next) {
    const session: Session | undefined = c.get(variable)
    if (session === undefined) {
      throw new TypeError(`There is no c.var.${variable}: app.use(session(…)) must come first.`)
    }
    const res = await refusal(session, c)
    if (res === null) return next()
    if (res.status < 400) return res
    throw new HTTPException(401, { res })
  }
}

export function unauthorized(headers: Record<string, string> = {}): Response {
  return new Response('Unauthorized', { status: 401, headers })
}
