import { connect } from 'node:net'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { cookieJar } from 'wafer-session/testing'
import { ensureDist, root } from './support/dist.ts'
import { type Program, startProgram } from './support/program.ts'
import { redisServer } from './support/redis-server.ts'
import { upstashBridge } from './support/upstash-bridge.ts'

/** Each example on the runtime it is for, listening on a free port. */
const examples: Record<string, () => Promise<Program>> = {
  'node.ts': () => startProgram(['node', 'examples/node.ts']),
  'deno.ts': () => startProgram(['deno', 'run', '--allow-net', '--allow-env', 'examples/deno.ts']),
  'bun.ts': () => startProgram(['bun', 'examples/bun.ts']),
  'redis.ts': withRedis,
  'upstash.ts': withUpstash,
  'workers.ts': workerd,
}

/** The session ends on the server too. */
const STORED = ['redis.ts', 'upstash.ts']

beforeAll(ensureDist, 120_000)

describe.each(Object.entries(examples))('examples/%s', (example, start) => {
  let server: Program

  beforeAll(async () => {
    server = await start()
  }, 60_000)
  afterAll(() => server?.stop())

  test('counts visits, signs in, keeps the count, signs out', async () => {
    const { visit, post, jar } = visitor(server)
    expect(await visit()).toContain('Hello stranger, visit 1.')
    expect(await visit()).toContain('Hello stranger, visit 2.')

    const signedIn = await post('/login', { user: 'ada' })
    expect(signedIn.status).toBe(303)
    expect(await visit()).toContain('Hello ada, visit 3.')

    const signedOut = await post('/logout')
    expect(signedOut.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')])
    expect(jar.header()).toBe('')
    expect(await visit()).toContain('Hello stranger, visit 1.')
  })

  test('sets one cookie with every attribute, and says that nobody may cache it', async () => {
    const response = await fetch(server.url)
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-session=[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/),
    ])
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('Vary')).toBe('Cookie')
  })

  // workerd joins the lines by comma, and a comma may as well come from inside a cookie that a sibling domain planted:
  // `x=1, __Host-session=…` must not open. Browsers send one line, and HTTP/2 joins by semicolon (RFC 9113 §8.2.3).
  const outcome = example === 'workers.ts' ? 'stranger, visit 1.' : 'stranger, visit 2.'
  test(`row 61: several Cookie header lines are tolerated: ${outcome}`, async () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const { visit, jar } = visitor(server)
      await visit()
      const lines = ['Cookie: theme=dark', `Cookie: ${jar.header()}`, 'Cookie: lang=en; seen=1']
      const response = await rawGet(
        server.url,
        order.map((i) => lines[i]),
      )
      expect(response).toMatch(new RegExp(`^HTTP/1.1 200 OK\r\n[^]*Hello ${outcome}`))
    }
  })

  const copy = STORED.includes(example) ? 'stranger, visit 1.' : 'ada, visit 2.'
  test(`a copy of the cookie, shown after the sign-out: ${copy}`, async () => {
    const { visit, post, jar } = visitor(server)
    await post('/login', { user: 'ada' })
    expect(await visit()).toContain('Hello ada, visit 1.')
    const stolen = jar.header()
    await post('/logout')
    expect(await rawGet(server.url, [`Cookie: ${stolen}`])).toContain(`Hello ${copy}`)
  })

  test('a form on another site signs nobody in', async () => {
    const { post } = visitor(server)
    const response = await post('/login', { user: 'mallory' }, 'https://evil.test')
    expect(response.status).toBe(403)
    expect(response.headers.getSetCookie()).toEqual([])
  })
})

/** A browser, as far as cookies go. */
function visitor({ url }: Program) {
  const jar = cookieJar({ origin: url.origin })
  const browser = { fetch: (request: Request) => fetch(request, { redirect: 'manual' }) }
  return {
    jar,
    async visit() {
      return (await jar.request(browser, '/')).text()
    },
    post: (path: string, form: Record<string, string> = {}, origin = url.origin) =>
      jar.request(browser, path, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { Origin: origin },
      }),
  }
}

/** The response to a GET with exactly these header lines: `fetch` would join them. */
async function rawGet({ hostname, port, host }: URL, lines: readonly (string | undefined)[]) {
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  socket.write(['GET / HTTP/1.1', `Host: ${host}`, ...lines, '', ''].join('\r\n'))
  let response = ''
  for await (const chunk of socket) {
    response += chunk
    if (response.includes('</form>')) break
  }
  return response
}

async function withRedis(): Promise<Program> {
  const redis = await redisServer()
  const { url, stop } = await startProgram(['node', 'examples/redis.ts'], { REDIS_URL: redis.url })
  return {
    url,
    async stop() {
      await stop()
      await redis.stop()
    },
  }
}

async function withUpstash(): Promise<Program> {
  const redis = await redisServer()
  const bridge = await upstashBridge(redis.admin)
  const env = { UPSTASH_REDIS_REST_URL: bridge.url, UPSTASH_REDIS_REST_TOKEN: bridge.token }
  const { url, stop } = await startProgram(['node', 'examples/upstash.ts'], env)
  return {
    url,
    async stop() {
      await stop()
      await bridge.stop()
      await redis.stop()
    },
  }
}

/** The Worker, bundled as wrangler would, on a real workerd. */
async function workerd(): Promise<Program> {
  const bundle = await build({
    absWorkingDir: root,
    entryPoints: ['examples/workers.ts'],
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
  })
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    modules: true,
    compatibilityDate: '2026-04-01',
    script: bundle.outputFiles[0]?.text ?? '',
    bindings: { SESSION_SECRET: generateSecret() },
  })
  return { url: await miniflare.ready, stop: () => miniflare.dispose() }
}
