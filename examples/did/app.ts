import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { csrf } from 'hono/csrf'
import type { SessionManager } from 'wafer-session'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { ALGORITHMS, verifySelfIssued } from './self-issued.ts'
import { SUBJECT_SYNTAX_TYPES } from './subject-key.ts'

export interface DidAppOptions {
  /** What wallets know the site by, such as `https://example.com`. */
  readonly origin: string
  /** With a store or revocations: else a token could be given twice, with an older cookie. */
  readonly sessions: SessionManager
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number
}

const NONCE = 'siop:nonce'

/** Signs in whoever has a key, by an ID token that they issue themselves: no provider, no password, nobody to ask. */
export function didApp({ origin, sessions, clock = Date.now }: DidAppOptions): Hono<SessionEnv> {
  const app = new Hono<SessionEnv>()
  app.use(csrf())
  app.use(session(sessions))

  // What to give a wallet, as the query of siopv2:// or of its own address. It answers to this session and no other.
  app.post('/request', (c) =>
    c.json({
      response_type: 'id_token',
      scope: 'openid',
      client_id: origin,
      redirect_uri: `${origin}/response`,
      nonce: c.var.session.challenge.put(NONCE),
      client_metadata: {
        subject_syntax_types_supported: SUBJECT_SYNTAX_TYPES,
        id_token_signed_response_alg: ALGORITHMS[0],
      },
    }),
  )

  app.post('/response', bodyLimit({ maxSize: 8192 }), async (c) => {
    const { session } = c.var
    // First of all, so that no second token has it, whatever becomes of this one.
    const asked = await session.challenge.take(NONCE)
    const { id_token } = await c.req.parseBody()
    if (asked === undefined || typeof id_token !== 'string') return c.text('Unauthorized', 401)
    const sub = await verifySelfIssued(id_token, { audience: origin, nonce: asked.value, now: clock() })
    if (sub === null) return c.text('Unauthorized', 401)
    session.signIn(sub, { amr: ['pop'] })
    return c.json({ sub })
  })

  app.get('/me', requireUser(), (c) => c.json({ userId: c.var.session.userId, amr: c.var.session.amr }))

  app.post('/sign-out', (c) => {
    c.var.session.signOut()
    return c.body(null, 204)
  })

  return app
}
