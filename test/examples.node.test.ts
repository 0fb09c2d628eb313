import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { cookieJar } from 'wafer-session/testing'
import { ensureDist, root } from './support/dist.ts'
import { redisServer } from './support/redis-server.ts'
import { upstashBridge } from './support/upstash-bridge.ts'

interface Server {
  readonly url: URL
  stop(): Promise<void>
}

/** Each example on the runtime it is for, listening on a free port. */
const examples: Record<string, () => Promise<Server>> = {
  'node.ts': () => started(['node', 'examples/node.ts']),
  'deno.ts': () => started(['deno', 'run', '--allow-net', '--allow-env', 'examples/deno.ts']),
  'bun.ts': () => started(['bun', 'examples/bun.ts']),
  'redis.ts': withRedis,
  'upstash.ts': withUpstash,
  'workers.ts': workerd,
}

/** The session ends on the server too. */
const STORED = ['redis.ts', 'upstash.ts']

beforeAll(ensureDist, 120_000)

describe.each(Object.entries(examples))('examples/%s', (example, start) => {
  let server: Server

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
function visitor({ url }: Server) {
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

/** A program that prints its URL once it listens. */
async function started([runtime = '', ...args]: readonly string[], env: object = {}): Promise<Server> {
  const child = spawn(join(root, 'node_modules/.bin', runtime), args, {
    cwd: root,
    env: { ...process.env, PORT: '0', SESSION_SECRET: generateSecret(), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { url: new URL(await listening(child)), stop: () => stopped(child) }
}

async function withRedis(): Promise<Server> {
  const redis = await redisServer()
  const { url, stop } = await started(['node', 'examples/redis.ts'], { REDIS_URL: redis.url })
  return {
    url,
    async stop() {
      await stop()
      await redis.stop()
    },
  }
}

async function withUpstash(): Promise<Server> {
  const redis = await redisServer()
  const bridge = await upstashBridge(redis.admin)
  const env = { UPSTASH_REDIS_REST_URL: bridge.url, UPSTASH_REDIS_REST_TOKEN: bridge.token }
  const { url, stop } = await started(['node', 'examples/upstash.ts'], env)
  return {
    url,
    async stop() {
      await stop()
      await bridge.stop()
      await redis.stop()
    },
  }
}

async function listening(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
  for await (const line of lines) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (url !== undefined) return url
  }
  throw new Error(`${child.spawnargs.join(' ')} ended before it listened.`)
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

/** The Worker, bundled as wrangler would, on a real workerd. */
async function workerd(): Promise<Server> {
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
