import { createCookie } from '@remix-run/cookie'
import { createSession, type Session, type SessionStorage } from '@remix-run/session'
import { createCookieSessionStorage } from '@remix-run/session/cookie-storage'
import { type Context, Hono } from 'hono'
import { ABSOLUTE_TIMEOUT, COOKIE, type CreateApp, IDLE_TIMEOUT, type KeyValue } from './peer.ts'

interface Env {
  Variables: { session: Session }
}

/** As its own middleware does it, which wants a router of its own. */
const createApp: CreateApp = ({ secret, payload, store }) => {
  const cookie = createCookie('session', {
    ...COOKIE,
    sameSite: 'Lax',
    secrets: [secret],
    maxAge: ABSOLUTE_TIMEOUT,
  })
  const storage = store ? storageOver(store) : createCookieSessionStorage()

  const app = new Hono<Env>()
  app.use(async (c, next) => {
    const session = await storage.read(await cookie.parse(c.req.header('Cookie') ?? null))
    c.set('session', session)
    await next()
    const value = await storage.save(session)
    if (value !== null) c.header('Set-Cookie', await cookie.serialize(value), { append: true })
  })
  app.get('/read', (c) => c.text(String(c.var.session.get('theme') ?? 'none')))
  app.post('/write', (c) => {
    const n = Number(c.var.session.get('n') ?? 0) + 1
    c.var.session.set('n', n)
    return c.text(String(n))
  })
  app.post('/sign-in', (c: Context<Env>) => {
    if (store) c.var.session.regenerateId(true)
    for (const [key, value] of Object.entries(payload)) c.var.session.set(key, value)
    return c.text('in')
  })
  app.post('/sign-out', (c) => {
    c.var.session.destroy()
    return c.text('out')
  })
  return (request) => app.fetch(request)
}

/** As its storage for Redis does it. */
function storageOver(store: KeyValue): SessionStorage {
  return {
    async read(id) {
      const text = id === null ? null : await store.get(id)
      return text === null ? createSession() : createSession(id ?? undefined, JSON.parse(text))
    },
    async save(session) {
      if (session.deleteId) await store.delete(session.deleteId)
      if (session.destroyed) {
        await store.delete(session.id)
        return ''
      }
      if (!session.dirty) return null
      await store.set(session.id, JSON.stringify(session.data), IDLE_TIMEOUT)
      return session.id
    },
  }
}

export default createApp
