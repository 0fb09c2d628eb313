import { Hono } from 'hono'
import { generateSecret, type SessionInfo } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'

/** Answers a sign-in with what the session middleware knows of its client; at `/proxied` it trusts this machine's proxy. */
export function addressApp(): Hono<SessionEnv> {
  const app = new Hono<SessionEnv>()
  for (const [path, trustedProxies] of Object.entries({ '/': [], '/proxied': ['127.0.0.0/8'] })) {
    let seen = ''
    const value = (_: Request, { address, network, location }: SessionInfo) => {
      seen = JSON.stringify([address ?? null, network ?? null, location ?? null])
      return seen
    }
    const binding = { custom: { action: 'report', value } } as const
    app.use(path, session({ secret: generateSecret(), binding }, { trustedProxies }))
    app.post(path, async (c) => {
      c.var.session.signIn('u1')
      await c.var.session.commit()
      return c.text(seen)
    })
  }
  return app
}
