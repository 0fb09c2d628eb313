import { Hono } from 'hono'
import { type SessionEnv, session } from '../../src/hono.ts'
import { PAYLOAD, type Payload } from '../payload.ts'
import { forge } from '../requests/runner.ts'
import { ORIGIN, SECRET, Visitor } from '../visitor.ts'

/** Requests after which a new hour begins, and another secret is in use. */
const CHANGE = 5000
const HOUR = 3_600_000
const IN_FLIGHT = 64

/**
 * Requests of every kind, while hours and secrets change: what a process sees that never ends.
 *
 * @param upTo Requests since the first one, when to stop; the next call goes on from there.
 */
export function churn(): (upTo: number) => Promise<void> {
  let now = Date.now()
  let sent = 0
  let cookie = ''
  let forged = ''
  const app = new Hono<SessionEnv<Partial<Payload>>>()
  // As on Workers: options that arrive with every request.
  app.use(session(() => ({ secret: SECRET + Math.floor(sent / CHANGE), clock: () => now })))
  app.get('/read', (c) => c.text(c.var.session.data.theme ?? 'none'))
  app.post('/sign-in', (c) => {
    c.var.session.signIn('u-1')
    Object.assign(c.var.session.data, PAYLOAD)
    return c.text('in')
  })
  const fetch = (request: Request) => app.fetch(request)

  async function signIn(): Promise<void> {
    now += HOUR
    const visitor = new Visitor(fetch)
    await visitor.send('POST', '/sign-in')
    cookie = visitor.header
    forged = forge(cookie)
  }
  function next(): Promise<Response> {
    sent += 1
    const sign = sent % 10
    if (sign === 0) return Promise.resolve(fetch(new Request(`${ORIGIN}/sign-in`, { method: 'POST' })))
    const headers: HeadersInit = sign < 3 ? {} : { Cookie: sign < 5 ? forged : cookie }
    return Promise.resolve(fetch(new Request(`${ORIGIN}/read`, { headers })))
  }
  return async (upTo) => {
    while (sent < upTo) {
      if (sent % CHANGE < IN_FLIGHT) await signIn()
      await Promise.all(Array.from({ length: IN_FLIGHT }, next))
    }
  }
}
