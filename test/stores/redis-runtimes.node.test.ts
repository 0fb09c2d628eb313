import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeStore } from 'wafer-session/testing'
import { root } from '../support/dist.ts'
import { type RedisServer, redisServer } from '../support/redis-server.ts'
import { type UpstashBridge, upstashBridge } from '../support/upstash-bridge.ts'

/** What came of a test elsewhere; no error, it passed. */
interface Outcome {
  readonly name: string
  readonly error?: string
}

interface Report {
  readonly userAgent: string
  readonly outcomes: readonly Outcome[]
}

let server: RedisServer
let bridge: UpstashBridge
const folder = mkdtempSync(join(tmpdir(), 'wafer-store-'))

beforeAll(async () => {
  server = await redisServer()
  bridge = await upstashBridge(server.admin)
})

afterAll(async () => {
  await bridge?.stop()
  await server?.stop()
  rmSync(folder, { recursive: true })
})

/** The suite as a program; `store` is made of `url` and `prefix`, which is another one for each test. */
const program = (imports: string, store: string) => `
  ${imports}
  import { describeStore } from 'wafer-session/testing'
  import { recordingFramework } from './test/support/recording-framework.ts'
  export async function report(url, token) {
    const framework = recordingFramework()
    const client = () => ${store}
    const clients = [client(), client()]
    let tests = 0
    describeStore('the suite', () => {
      const prefix = navigator.userAgent + ' ' + ++tests + ':'
      const [store, peer] = clients.map((client) => storeOf(client, { prefix }))
      return { store, peer }
    }, framework)
    const outcomes = await framework.run(1)
    return { userAgent: navigator.userAgent, outcomes: outcomes.map(({ name, error }) => ({ name, error: error?.message })) }
  }
`
const SCRIPT = 'console.log(JSON.stringify(await report(process.argv[2]))); process.exit()'
const WORKER = `export default {
  fetch: async (request, { url, token }) => Response.json(await report(url, token)),
}`

const RUNTIMES: Record<string, { userAgent: RegExp; report: () => Promise<Report> }> = {
  "redisStore on Bun, with Bun's own client": {
    userAgent: /^Bun\//,
    report: async () => {
      const imports = `import { RedisClient } from 'bun'; import { redisStore as storeOf } from 'wafer-session/stores/redis'`
      return byScript(['bun'], program(imports, 'new RedisClient(url)'))
    },
  },
  'redisStore on Deno, with ioredis': {
    userAgent: /^Deno\//,
    report: () => {
      const imports = `import { Redis } from 'ioredis'; import { redisStore as storeOf } from 'wafer-session/stores/redis'`
      return byScript(['deno', 'run', '-A', '--no-config'], program(imports, 'new Redis(url)'))
    },
  },
  'upstashStore on workerd': {
    userAgent: /^Cloudflare-Workers$/,
    report: () => {
      const imports = `import { Redis } from '@upstash/redis/cloudflare'; import { upstashStore as storeOf } from 'wafer-session/stores/upstash'`
      return byWorker(program(imports, 'new Redis({ url, token, enableTelemetry: false })'))
    },
  },
}

describe.each(Object.entries(RUNTIMES))('%s', (_, { userAgent, report }) => {
  let outcomes: readonly Outcome[]
  let tests = 0

  beforeAll(async () => {
    const done = await report()
    expect(done.userAgent).toMatch(userAgent)
    outcomes = done.outcomes
  }, 120_000)

  const nothing = () => expect.unreachable('The tests run elsewhere.')
  describeStore('the suite', nothing, {
    describe,
    test: (title) => {
      tests++
      test(title, () => {
        const { currentTestName = '' } = expect.getState()
        const outcome = outcomes.find(({ name }) => currentTestName.endsWith(`> ${name}`))
        expect(outcome).toBeDefined()
        expect(outcome?.error).toBeUndefined()
      })
    },
  })

  test('every test of the suite ran there', () => {
    expect(tests).toBeGreaterThan(40)
    expect(outcomes).toHaveLength(tests)
  })
})

async function byScript([runtime = '', ...args]: readonly string[], source: string): Promise<Report> {
  const script = join(folder, `${runtime}.mjs`)
  writeFileSync(script, await bundle(source + SCRIPT, 'node'))
  const command = join(root, 'node_modules/.bin', runtime)
  const { stdout } = await promisify(execFile)(command, [...args, script, server.url], {
    env: { ...process.env, NO_COLOR: '1' },
  })
  return JSON.parse(stdout)
}

async function byWorker(source: string): Promise<Report> {
  const { url, token } = bridge
  const contents = await bundle(source + WORKER, 'neutral')
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents }],
    compatibilityDate: '2026-04-01',
    bindings: { url, token },
  })
  try {
    return (await (await worker.dispatchFetch('https://example.test/')).json()) as Report
  } finally {
    await worker.dispose()
  }
}

async function bundle(contents: string, platform: 'node' | 'neutral'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    alias: {
      'wafer-session/testing': join(root, 'src/testing/index.ts'),
      'wafer-session/stores': join(root, 'src/stores'),
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform,
    external: ['bun'],
    mainFields: ['module', 'main'],
    conditions: platform === 'node' ? ['node'] : ['workerd'],
    // ioredis is CommonJS, and asks for modules of Node.
    ...(platform === 'node' && {
      banner: {
        js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`,
      },
    }),
  })
  return outputFiles[0]?.text ?? ''
}
