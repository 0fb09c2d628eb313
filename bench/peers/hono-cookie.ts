import { type Context, Hono } from 'hono'
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import type { Payload } from '../payload.ts'
import { COOKIE, type CreateApp, IDLE_TIMEOUT } from './peer.ts'

/** Hono's own: signed, in clear. */
const createApp: CreateApp = ({ secret, payload }) => {
  const open = async (c: Context): Promise<Partial<Payload>> =>
    JSON.parse((await getSignedCookie(c, secret, 'session')) || '{}')
  const save = (c: Context, data: Partial<Payload>) =>
    setSignedCookie(c, 'session', JSON.stringify(data), secret, { ...COOKIE, maxAge: IDLE_TIMEOUT })

  const app = new Hono()
  app.get('/read', async (c) => c.text((await open(c)).theme ?? 'none'))
  app.post('/write', async (c) => {
    const data = await open(c)
    data.n = (data.n ?? 0) + 1
    await save(c, data)
    return c.text(String(data.n))
  })
  app.post('/sign-in', async (c) => {
    await save(c, payload)
    return c.text('in')
  })
  app.post('/sign-out', (c) => {
    deleteCookie(c, 'session', COOKIE)
    return c.text('out')
  })
  return (request) => app.fetch(request)
}

export default createApp
