import { Hono } from 'hono'
import { type HonoSessionOptions, type SessionEnv, session } from '../../src/hono.ts'
import type { Payload } from '../payload.ts'
import { ABSOLUTE_TIMEOUT, type CreateApp, IDLE_TIMEOUT } from './peer.ts'

type Data = Partial<Payload>

/** @param options Of the session, such as a store. */
export function waferApp(options: Partial<HonoSessionOptions<Data>>): CreateApp {
  return ({ secret, payload }) => {
    const { userId, ...data } = payload
    const app = new Hono<SessionEnv<Data>>()
    app.use(
      session({
        secret,
        idleTimeout: IDLE_TIMEOUT,
        absoluteTimeout: ABSOLUTE_TIMEOUT,
        maxChunks: 2,
        ...options,
      }),
    )
    app.get('/read', (c) => c.text(c.var.session.data.theme ?? 'none'))
    app.post('/write', (c) => {
      const { data } = c.var.session
      data.n = (data.n ?? 0) + 1
      return c.text(String(data.n))
    })
    app.post('/sign-in', (c) => {
      c.var.session.signIn(userId)
      Object.assign(c.var.session.data, data)
      return c.text('in')
    })
    app.post('/sign-out', (c) => {
      c.var.session.signOut()
      return c.text('out')
    })
    return (request) => app.fetch(request)
  }
}

export default waferApp({})
