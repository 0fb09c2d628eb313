import { type SessionEnv, useSession, useSessionStorage } from '@hono/session'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import type { Payload } from '../payload.ts'
import { ABSOLUTE_TIMEOUT, COOKIE, type CreateApp, IDLE_TIMEOUT, type KeyValue } from './peer.ts'

type Data = Partial<Payload>

const createApp: CreateApp = ({ secret, payload, store }) => {
  const app = new Hono<SessionEnv<Data>>()
  if (store) app.use(useSessionStorage(storageOver(store)))
  app.use(
    useSession<Data>({
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
  app.post('/sign-out', async (c) => {
    await c.var.session.get() // Without it the record stays.
    c.var.session.delete()
    return c.text('out')
  })
  return (request) => app.fetch(request)
}

function storageOver(store: KeyValue) {
  return {
    get: async (id: string): Promise<Data | null> => JSON.parse((await store.get(id)) ?? 'null'),
    set: (id: string, data: Data) => void store.set(id, JSON.stringify(data), IDLE_TIMEOUT),
    delete: (id: string) => void store.delete(id),
  }
}

export default createApp
