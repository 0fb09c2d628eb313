import { betterAuth } from 'better-auth'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { type Context, Hono } from 'hono'
import { ABSOLUTE_TIMEOUT, type CreateApp, type KeyValue } from './peer.ts'

/** Whole, with its sessions in a secondary storage; the data is a field of the user. */
const createApp: CreateApp = ({ secret, payload, store }) => {
  if (store === undefined) throw new TypeError('It needs a store.')
  const auth = authOver(store, secret)
  const body = { email: 'u@example.test', password: 'correct horse', name: payload.theme }

  function answer(c: Context, headers: Headers | null | undefined, text: string) {
    for (const line of headers?.getSetCookie() ?? []) c.header('Set-Cookie', line, { append: true })
    return c.text(text)
  }
  const app = new Hono()
  app.get('/read', async (c) => {
    const { response, headers } = await auth.api.getSession({
      headers: c.req.raw.headers,
      returnHeaders: true,
    })
    return answer(c, headers, response?.user.name ?? 'none')
  })
  app.post('/sign-in', async (c) => {
    const { headers } = await auth.api.signUpEmail({ body, returnHeaders: true })
    return answer(c, headers, 'in')
  })
  app.post('/sign-out', async (c) => {
    const { headers } = await auth.api.signOut({ headers: c.req.raw.headers, returnHeaders: true })
    return answer(c, headers, 'out')
  })
  return (request) => app.fetch(request)
}

function authOver(store: KeyValue, secret: string) {
  return betterAuth({
    baseURL: 'https://example.test',
    secret,
    database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
    secondaryStorage: {
      get: (key) => store.get(key),
      set: (key, value, seconds = ABSOLUTE_TIMEOUT) => store.set(key, value, seconds),
      delete: (key) => store.delete(key),
      getAndDelete: unused,
      increment: unused,
    },
    emailAndPassword: { enabled: true },
    session: { expiresIn: ABSOLUTE_TIMEOUT },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
  })
}

/** For verification and rate limits. */
function unused(): never {
  throw new Error('No session needs this.')
}

export default createApp
