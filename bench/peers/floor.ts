import { Hono } from 'hono'
import type { Payload } from '../payload.ts'
import type { CreateApp } from './peer.ts'

const AES = { name: 'AES-GCM', length: 256 }
const IV = 12

/** The least that a sealed cookie can cost: base64url, one bare `subtle` call each way, JSON. No library does less. */
const createApp: CreateApp = async ({ payload }) => {
  const key = await crypto.subtle.generateKey(AES, false, ['encrypt', 'decrypt'])
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()]

  async function open(cookie: string): Promise<Payload> {
    const sealed = fromBase64url(cookie.slice('session='.length))
    const algorithm = { name: 'AES-GCM', iv: sealed.subarray(0, IV) }
    const plain = await crypto.subtle.decrypt(algorithm, key, sealed.subarray(IV))
    return JSON.parse(decoder.decode(plain))
  }
  async function seal(data: Payload): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(IV))
    const plain = encoder.encode(JSON.stringify(data))
    const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain))
    const sealed = new Uint8Array(IV + ciphertext.length)
    sealed.set(iv)
    sealed.set(ciphertext, IV)
    return `session=${toBase64url(sealed)}; Path=/; HttpOnly; Secure; SameSite=Lax`
  }

  const app = new Hono()
  app.get('/read', async (c) => {
    const cookie = c.req.header('Cookie')
    return c.text(
      cookie === undefined
        ? 'none'
        : await open(cookie).then(
            ({ theme }) => theme,
            () => 'none',
          ),
    )
  })
  app.post('/write', async (c) => {
    const data = await open(c.req.header('Cookie') ?? '')
    data.n += 1
    c.header('Set-Cookie', await seal(data), { append: true })
    return c.text(String(data.n))
  })
  app.post('/sign-in', async (c) => {
    c.header('Set-Cookie', await seal(payload), { append: true })
    return c.text('in')
  })
  return (request) => app.fetch(request)
}

interface Base64 {
  fromBase64?(text: string, options: { alphabet: 'base64url' }): Uint8Array<ArrayBuffer>
}
interface ToBase64 {
  toBase64?(options: { alphabet: 'base64url'; omitPadding: true }): string
}

/** The runtime's own; Node 24 has none on arrays. */
function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64 } = Uint8Array as Base64
  return fromBase64?.(text, { alphabet: 'base64url' }) ?? new Uint8Array(Buffer.from(text, 'base64url'))
}

function toBase64url(bytes: Uint8Array): string {
  const native = (bytes as ToBase64).toBase64?.({ alphabet: 'base64url', omitPadding: true })
  return native ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}

export default createApp
