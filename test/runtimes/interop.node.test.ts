import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { root } from '../support/dist.ts'
import type { Sealed, Shown, Task } from './program.ts'

type Runtime = 'node' | 'deno' | 'bun' | 'workerd'

const RUNTIMES: readonly Runtime[] = ['node', 'deno', 'bun', 'workerd']

/** The same program as a script that answers on its standard output, and as a Worker that answers a request. */
const SCRIPT = `import { run } from './program.ts'
console.log(navigator.userAgent)
console.log(JSON.stringify(await run(JSON.parse(process.argv[2]))))`
const WORKER = `import { run } from './program.ts'
export default {
  fetch: async (request) => new Response(navigator.userAgent + '\\n' + JSON.stringify(await run(await request.json()))),
}`

/** What each runtime calls itself: a cookie that Node sealed under another name would prove nothing. */
const USER_AGENT: Record<Runtime, RegExp> = {
  node: /^Node\.js\//,
  deno: /^Deno\//,
  bun: /^Bun\//,
  workerd: /^Cloudflare-Workers$/,
}

const secret = generateSecret()
const now = Date.now()
const directory = mkdtempSync(join(tmpdir(), 'wafer-interop-'))
const script = join(directory, 'program.mjs')
const sealed = new Map<Runtime, readonly Sealed[]>()
let worker: Miniflare | undefined

beforeAll(async () => {
  writeFileSync(script, await bundle(SCRIPT))
  worker = new Miniflare({ modules: true, script: await bundle(WORKER), compatibilityDate: '2026-04-01' })
  for (const runtime of RUNTIMES) sealed.set(runtime, (await answer(runtime, { secret, now })) as Sealed[])
}, 120_000)

afterAll(async () => {
  await worker?.dispose()
  rmSync(directory, { recursive: true })
})

describe.each(RUNTIMES)('on %s', (opener) => {
  let opened: Map<string, Shown>

  beforeAll(async () => {
    const cookies = RUNTIMES.flatMap((runtime) => sealedOn(runtime).map(({ cookie }) => cookie))
    const shown = (await answer(opener, { secret, now: now + 60_000, cookies })) as Shown[]
    opened = new Map(cookies.map((cookie, i) => [cookie, shown[i] as Shown]))
  }, 60_000)

  test.each(RUNTIMES)('what %s sealed opens', (sealer) => {
    expect(sealedOn(sealer)).toHaveLength(3)
    for (const { cookie, shown } of sealedOn(sealer)) {
      expect(opened.get(cookie)).toEqual(shown)
      expect(shown.isNew).toBe(false)
    }
  })

  test('under another secret nothing opens', async () => {
    const cookies = RUNTIMES.flatMap((runtime) => sealedOn(runtime).map(({ cookie }) => cookie))

    const shown = (await answer(opener, { secret: generateSecret(), now, cookies })) as Shown[]

    expect(shown.map(({ isNew, userId }) => [isNew, userId])).toEqual(Array(12).fill([true, undefined]))
  })
})

test('a value of several parts is among them', () => {
  for (const runtime of RUNTIMES) expect(sealedOn(runtime)[2]?.cookie).toMatch(/=2\..*; __Host-session\.1=/)
})

function sealedOn(runtime: Runtime): readonly Sealed[] {
  const list = sealed.get(runtime)
  if (list === undefined) throw new Error(`${runtime} has sealed nothing.`)
  return list
}

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(root, 'test/runtimes'), loader: 'ts' },
    alias: { 'wafer-session': join(root, 'src/index.ts') },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2023',
  })
  return outputFiles[0]?.text as string
}

async function answer(runtime: Runtime, task: Task): Promise<unknown> {
  const output = runtime === 'workerd' ? await byWorker(task) : await byScript(runtime, task)
  const [userAgent, json] = output.split('\n')
  expect(userAgent).toMatch(USER_AGENT[runtime])
  return JSON.parse(json as string)
}

async function byWorker(task: Task): Promise<string> {
  if (worker === undefined) throw new Error('workerd is not running.')
  const response = await worker.dispatchFetch('https://example.test/', {
    method: 'POST',
    body: JSON.stringify(task),
  })
  return response.text()
}

async function byScript(runtime: Exclude<Runtime, 'workerd'>, task: Task): Promise<string> {
  const args = runtime === 'deno' ? ['run', '--no-config', script] : [script]
  const { stdout } = await promisify(execFile)(
    join(root, 'node_modules/.bin', runtime),
    [...args, JSON.stringify(task)],
    { env: { ...process.env, NO_COLOR: '1' } },
  )
  return stdout
}
