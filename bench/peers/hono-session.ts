import { type SessionEnv, useSession } from '@hono/session'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import type { Payload } from '../payload.ts'
import { ABSOLUTE_TIMEOUT, COOKIE, type CreateApp, IDLE_TIMEOUT } from './peer.ts'

const createApp: CreateApp = ({ secret, payload }) => {
  const app = new Hono<SessionEnv<Partial<Payload>>>()
  app.use(
    useSession<Partial<Payload>>({
      secret,
      duration: { absolute: ABSOLUTE_TIMEOUT, inactivity: IDLE_TIMEOUT },
      setCookie: (c, name, value, options) => setCookie(c, name, value, { ...options, ...COOKIE }),
    }),
  )
  app.get('/read', async (c) => c.text((await c.var.session.get())?.theme ?? 'none'))
  app.post('/write', async (c) => {
    await c.var.session.update((data) => ({ ...data, n: (data?.n ?? 0) + 1 }))
    return c.text(String(c.var.session.data?.n))
  })
  app.post('/sign-in', async (c) => {
    await c.var.session.update(payload)
    return c.text('in')
  })
  app.post('/sign-out', (c) => {
    c.var.session.delete()
    return c.text('out')
  })
  return (request) => app.fetch(request)
}

export default createApp
