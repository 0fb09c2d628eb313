import { type Context, Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { base64url, EncryptJWT, jwtDecrypt } from 'jose'
import type { Payload } from '../payload.ts'
import { COOKIE, type CreateApp, IDLE_TIMEOUT } from './peer.ts'

/** What a careful author writes by hand: a JWE under a key that is imported once. */
const createApp: CreateApp = async ({ payload }) => {
  const bytes = base64url.decode('AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8')
  const key = await crypto.subtle.importKey('raw', new Uint8Array(bytes), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ])

  async function open(c: Context): Promise<Partial<Payload>> {
    const token = getCookie(c, 'session')
    if (token === undefined) return {}
    const opened = await jwtDecrypt<{ data: Payload }>(token, key).catch(() => undefined)
    return opened?.payload.data ?? {}
  }
  async function save(c: Context, data: Partial<Payload>): Promise<void> {
    const token = new EncryptJWT({ data }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    token.setIssuedAt().setExpirationTime(`${IDLE_TIMEOUT}s`)
    setCookie(c, 'session', await token.encrypt(key), COOKIE)
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
    deleteCookie(c, 'session', COOKIE)
    return c.text('out')
  })
  return (request) => app.fetch(request)
}

export default createApp
