import type { Context, MiddlewareHandler } from 'hono'

export { returnPath } from '../../src/hono/return-path.ts'

/** Stands in for `wafer-session/hono`: the same application, without a session. */
export function session(): MiddlewareHandler {
  return (c, next) => {
    c.set('session', { data: {}, flash: () => undefined, isNew: true })
    return next()
  }
}

const pass = (): MiddlewareHandler => (_: Context, next) => next()

export const requireAuthoritative: typeof pass = pass
export const requireFresh: typeof pass = pass
export const requireSession: typeof pass = pass
export const requireUser: typeof pass = pass
