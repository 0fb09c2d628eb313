import { type Context, Hono } from 'hono'
import { getIronSession, webCookies } from 'iron-session'
import type { Payload } from '../payload.ts'
import { ABSOLUTE_TIMEOUT, COOKIE, type CreateApp } from './peer.ts'

const createApp: CreateApp = ({ secret, payload }) => {
  const options = {
    cookieName: 'session',
    password: secret,
    ttl: ABSOLUTE_TIMEOUT,
    cookieOptions: COOKIE,
    chunk: true,
  }
  const open = (c: Context, headers: Headers) =>
    getIronSession<Payload>(webCookies(c.req.raw, headers), options)

  const app = new Hono()
  app.get('/read', async (c) => c.text((await open(c, new Headers())).theme ?? 'none'))
  app.post('/write', async (c) => {
    const headers = new Headers()
    const session = await open(c, headers)
    session.n = (session.n ?? 0) + 1
    await session.save()
    return new Response(String(session.n), { headers })
  })
  app.post('/sign-in', async (c) => {
    const headers = new Headers()
    const session = await open(c, headers)
    await Object.assign(session, payload).save()
    return new Response('in', { headers })
  })
  app.post('/sign-out', async (c) => {
    const headers = new Headers()
    const session = await open(c, headers)
    session.destroy()
    return new Response('out', { headers })
  })
  return (request) => app.fetch(request)
}

export default createApp
