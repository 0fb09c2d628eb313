import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../support/dist.ts'

/** The servers of the runtimes, each on a free port of this machine, which it prints. */
const SERVERS = {
  node: `import { serve } from '@hono/node-server'
serve({ fetch: addressApp().fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port))`,
  deno: `Deno.serve({ hostname: '127.0.0.1', port: 0, onListen: ({ port }) => console.log(port) }, addressApp().fetch)`,
  bun: `console.log(Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: addressApp().fetch }).port)`,
}

/** Made at the first request: before it a Worker has no random numbers, and so no secret. */
const WORKER = `let app
export default {
  fetch(...request) {
    app ??= addressApp()
    return app.fetch(...request)
  },
}`

type Runtime = keyof typeof SERVERS

const directory = mkdtempSync(join(tmpdir(), 'wafer-address-'))
const started: ChildProcess[] = []

afterAll(() => {
  for (const child of started) child.kill()
  rmSync(directory, { recursive: true })
})

describe.each<Runtime>(['node', 'deno', 'bun'])('on a server of %s', (runtime) => {
  let origin = ''

  beforeAll(async () => {
    origin = await start(runtime)
  }, 60_000)

  test('the address is that of the connection, whatever the client says', async () => {
    expect(await ask(origin, '/')).toEqual(['127.0.0.1', null, null])
    const claims = {
      'X-Forwarded-For': '198.51.100.66',
      'CF-Connecting-IP': '198.51.100.66',
      Forwarded: 'for=198.51.100.66',
    }
    expect(await ask(origin, '/', claims)).toEqual(['127.0.0.1', null, null])
  })

  test('a proxy that is trusted says who the client is', async () => {
    const forwarded = { 'X-Forwarded-For': '198.51.100.66, 203.0.113.9, 127.0.0.2' }
    expect(await ask(origin, '/proxied', forwarded)).toEqual(['203.0.113.9', null, null])
  })
})

describe('on workerd', () => {
  let worker: Miniflare | undefined
  afterAll(() => worker?.dispose())

  test('address, network and location are what request.cf and its header say', async () => {
    const script = await bundle(WORKER)
    const cf = { asn: 64500, city: 'Lisbon', country: 'PT' }
    worker = new Miniflare({ modules: true, script, compatibilityDate: '2026-04-01', host: '127.0.0.1', cf })
    const { origin } = await worker.ready
    const headers = { 'CF-Connecting-IP': '192.0.2.1', 'X-Forwarded-For': '198.51.100.66' }
    expect(await ask(origin, '/', headers)).toEqual(['192.0.2.1', 'AS64500', 'Lisbon, PT'])
  }, 60_000)
})

async function ask(origin: string, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(new URL(path, origin), { method: 'POST', headers })
  expect(response.status).toBe(200)
  return response.json()
}

async function start(runtime: Runtime): Promise<string> {
  const script = join(directory, `${runtime}.mjs`)
  writeFileSync(script, await bundle(SERVERS[runtime]))
  const args = runtime === 'deno' ? ['run', '--no-config', '--allow-net=127.0.0.1', script] : [script]
  const child = spawn(join(root, 'node_modules/.bin', runtime), args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  started.push(child)
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(String(line).trim()))
    child.once('exit', (code) => reject(new Error(`The server of ${runtime} ended with ${code}.`)))
  })
  return `http://127.0.0.1:${port}`
}

async function bundle(program: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { addressApp } from './address-app.ts'\n${program}`,
      resolveDir: join(root, 'test/runtimes'),
      loader: 'ts',
    },
    alias: {
      'wafer-session/hono': join(root, 'src/hono.ts'),
      'wafer-session': join(root, 'src/index.ts'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
  })
  return outputFiles[0]?.text as string
}
