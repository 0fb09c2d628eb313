import { Hono } from 'hono'
import { type SessionEnv, session } from '../../src/hono.ts'
import { PAYLOAD, type Payload } from '../payload.ts'
import type { CreateApp } from '../peers/peer.ts'

const HOUR = 3_600_000

/** What is new with every sign-in: nothing; the hour, so that one key is derived; the secret, as to a new process. */
export type Fresh = 'nothing' | 'hour' | 'secret'

/** The same application, with options that arrive per request, as on Workers. */
export function freshApp(fresh: Fresh): CreateApp {
  return ({ secret }) => {
    const start = Date.now()
    let signIns = 0
    const passed = (what: Fresh) => (fresh === what ? signIns : 0)
    const app = new Hono<SessionEnv<Partial<Payload>>>()
    app.use(
      session(() => ({ secret: secret + passed('secret'), clock: () => start + passed('hour') * HOUR })),
    )
    app.get('/read', (c) => c.text(c.var.session.data.theme ?? 'none'))
    app.post('/sign-in', (c) => {
      c.var.session.signIn('u-1')
      Object.assign(c.var.session.data, PAYLOAD)
      return c.text('in')
    })
    return (request) => {
      if (request.method === 'POST') signIns += 1
      return app.fetch(request)
    }
  }
}
