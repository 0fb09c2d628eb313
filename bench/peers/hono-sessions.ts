import { Hono } from 'hono'
import { CookieStore, type Session, type SessionData, sessionMiddleware } from 'hono-sessions'
import type { Payload } from '../payload.ts'
import { COOKIE, type CreateApp, IDLE_TIMEOUT, type KeyValue } from './peer.ts'

interface Env {
  Variables: { session: Session<Payload>; session_key_rotation: boolean }
}

const createApp: CreateApp = ({ secret, payload, store }) => {
  const app = new Hono<Env>()
  app.use(
    sessionMiddleware({
      store: store ? storeOver(store) : new CookieStore(),
      encryptionKey: secret,
      expireAfterSeconds: IDLE_TIMEOUT,
      cookieOptions: { ...COOKIE, sameSite: 'Lax' },
    }),
  )
  app.get('/read', (c) => c.text(c.var.session.get('theme') ?? 'none'))
  app.post('/write', (c) => {
    const n = (c.var.session.get('n') ?? 0) + 1
    c.var.session.set('n', n)
    return c.text(String(n))
  })
  app.post('/sign-in', (c) => {
    const session = c.var.session as Session
    for (const [key, value] of Object.entries(payload)) session.set(key, value)
    c.set('session_key_rotation', true)
    return c.text('in')
  })
  app.post('/sign-out', (c) => {
    c.var.session.deleteSession()
    return c.text('out')
  })
  return (request) => app.fetch(request)
}

function storeOver({ get, set, delete: remove }: KeyValue) {
  const save = (id: string, data: SessionData) => set(id, JSON.stringify(data), IDLE_TIMEOUT)
  return {
    getSessionById: async (id = ''): Promise<SessionData | null> => JSON.parse((await get(id)) ?? 'null'),
    createSession: save,
    persistSessionData: save,
    deleteSession: remove,
  }
}

export default createApp
