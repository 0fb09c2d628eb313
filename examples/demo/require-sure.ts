import type { MiddlewareHandler } from 'hono'
import { createMiddleware } from 'hono/factory'
import { requireFresh, type SignedInEnv } from 'wafer-session/hono'
import type { DemoEnv } from './env.ts'
import { SecondFactor } from './second-factor.ts'

/**
 * Before what must not be done in a session that was left open: those who have a second factor must have given it a moment
 * ago, the others their password.
 *
 * @param maxAge Seconds.
 */
export function requireSure(maxAge: number) {
  const withCode: MiddlewareHandler = requireFresh({ acr: 'aal2', maxAge, redirectTo: '/confirm' })
  const withPassword: MiddlewareHandler = requireFresh({ maxAge, redirectTo: '/confirm' })
  return createMiddleware<DemoEnv & SignedInEnv>(async (c, next) => {
    const { userId } = c.var.session
    const has = userId !== undefined && (await SecondFactor.of(c.var.sessions)?.isOn(userId))
    return (has ? withCode : withPassword)(c, next)
  })
}
