import { getCookieCache } from 'better-auth/cookies'
import { symmetricEncodeJWT } from 'better-auth/crypto'
import { type Context, Hono } from 'hono'
import { deleteCookie, setCookie } from 'hono/cookie'
import type { Payload } from '../payload.ts'
import { COOKIE, type CreateApp, IDLE_TIMEOUT } from './peer.ts'

const NAME = '__Secure-better-auth.session_data'

/** Its cookie cache with the strategy that encrypts, apart from its database; reading is public, writing as it does it. */
const createApp: CreateApp = ({ secret, payload }) => {
  async function open(c: Context): Promise<Partial<Payload>> {
    const cache = await getCookieCache(c.req.raw, { secret, strategy: 'jwe', isSecure: true })
    return (cache?.user as { data?: Payload } | undefined)?.data ?? {}
  }
  async function save(c: Context, data: Partial<Payload>): Promise<void> {
    const now = Date.now()
    const dates = { createdAt: new Date(now), updatedAt: new Date(now) }
    const cache = {
      session: {
        id: 's1',
        token: 't1',
        userId: payload.userId,
        expiresAt: new Date(now + IDLE_TIMEOUT * 1000),
        ...dates,
      },
      user: { id: payload.userId, email: 'u@example.test', emailVerified: true, name: 'U', data, ...dates },
      updatedAt: now,
      version: '1',
    }
    setCookie(c, NAME, await symmetricEncodeJWT(cache, secret, 'better-auth-session', IDLE_TIMEOUT), COOKIE)
  }

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
    deleteCookie(c, NAME, COOKIE)
    return c.text('out')
  })
  return (request) => app.fetch(request)
}

export default createApp
