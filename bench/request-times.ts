import { Hono } from 'hono'
import { createSessionManager, generateSecret } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'
import { createTestSession } from 'wafer-session/testing'
import { PAYLOAD, type Table } from './figure.ts'

const ROUNDS = 15
const REQUESTS = 400

type Data = Partial<typeof PAYLOAD>

/** Medians of interleaved rounds; the app without a session is timed in the same rounds and taken off. */
export async function requestTimes(): Promise<Table> {
  const secret = generateSecret()
  const { cookie } = await createTestSession(createSessionManager<Data>({ secret }), { data: PAYLOAD })
  const plain = new Hono().get('/read', (c) => c.text('ok'))
  const medians = await interleaved({
    none: () => plain.request('/read'),
    anonymous: request(secret, '/read', ''),
    read: request(secret, '/read', cookie),
    write: request(secret, '/write', cookie),
    floor: await bareDecrypt(cookie.slice(cookie.indexOf('=') + 1)),
  })
  const over = (time: number) => Math.round((time - medians.none) * 10) / 10
  return {
    'anonymous, over no session': { value: over(medians.anonymous), reach: 'noise' },
    'sealed read, over no session': { value: over(medians.read), reach: '' },
    'sealed read and write, over no session': { value: over(medians.write), reach: '' },
    'floor: base64url, one bare decrypt, JSON': { value: Math.round(medians.floor * 10) / 10, reach: '' },
  }
}

function request(secret: string, path: string, cookie: string) {
  const app = new Hono<SessionEnv<Data>>()
  app.use(session({ secret }))
  app.get('/read', (c) => c.text(c.var.session.data.theme ?? 'ok'))
  app.get('/write', (c) => {
    c.var.session.data.n = (c.var.session.data.n ?? 0) + 1
    return c.text('ok')
  })
  const init = cookie === '' ? {} : { headers: { Cookie: cookie } }
  return () => app.request(path, init)
}

async function bareDecrypt(cookie: string) {
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const plaintext = new TextEncoder().encode(JSON.stringify(PAYLOAD))
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plaintext))
  return async () => {
    Buffer.from(cookie, 'base64url')
    JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed)))
  }
}

async function interleaved<Name extends string>(
  cases: Record<Name, () => unknown>,
): Promise<Record<Name, number>> {
  const times = new Map<string, number[]>()
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries<() => unknown>(cases)) {
      const started = performance.now()
      for (let i = 0; i < REQUESTS; i++) await work()
      const each = ((performance.now() - started) / REQUESTS) * 1000
      if (round >= 0) times.set(name, [...(times.get(name) ?? []), each])
    }
  }
  return Object.fromEntries(Array.from(times, ([name, all]) => [name, median(all)])) as Record<Name, number>
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
