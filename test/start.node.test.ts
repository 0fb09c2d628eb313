import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

/** Stands in for wrangler: says how it was called, then waits for the signal that ends it. */
const FAKE_WRANGLER = `
process.on('SIGTERM', () => process.exit(7))
if (!process.argv.includes('--wait')) process.exitCode = 3
else setInterval(() => {}, 1000)
console.log(JSON.stringify({ args: process.argv.slice(2), metrics: process.env.WRANGLER_SEND_METRICS }))
`

function repository(): string {
  const root = mkdtempSync(join(tmpdir(), 'wafer-start-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  cpSync(fileURLToPath(new URL('../scripts/start.ts', import.meta.url)), join(root, 'scripts/start.ts'))
  mkdirSync(join(root, 'node_modules/wrangler/bin'), { recursive: true })
  writeFileSync(join(root, 'node_modules/wrangler/bin/wrangler.js'), FAKE_WRANGLER)
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  return root
}

function start(root: string, { args = [], env = {} }: { args?: string[]; env?: NodeJS.ProcessEnv } = {}) {
  const child = spawn(process.execPath, [join(root, 'scripts/start.ts'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit').then(([code]) => code as number)
  const said = once(child.stdout, 'data').then(([line]) => JSON.parse(String(line)))
  return { child, ended, said }
}

const secretOf = (root: string) => readFileSync(join(root, '.dev.vars'), 'utf8')

test('npm start makes a secret of 32 random bytes that only its owner can read', async () => {
  const [one, two] = [repository(), repository()]
  await Promise.all([start(one).ended, start(two).ended])
  const [, secret = ''] = /^SESSION_SECRET="(.+)"\n$/.exec(secretOf(one)) ?? []
  expect(Buffer.from(secret, 'base64')).toHaveLength(32)
  expect(secretOf(two)).not.toBe(secretOf(one))
  expect(statSync(join(one, '.dev.vars')).mode & 0o777).toBe(0o600)
})

test('npm start leaves a .dev.vars that is there as it is', async () => {
  const root = repository()
  writeFileSync(join(root, '.dev.vars'), 'SESSION_SECRET="mine"\n')
  await start(root).ended
  expect(secretOf(root)).toBe('SESSION_SECRET="mine"\n')
})

test('npm start listens on loopback only, on PORT or 8787, without telemetry, and passes arguments on', async () => {
  const root = repository()
  const { args, metrics } = await start(root, { env: { PORT: undefined }, args: ['--minify'] }).said
  expect(args.join(' ')).toMatch(/^dev --ip 127\.0\.0\.1 --port 8787 .* --minify$/)
  expect(metrics).toBe('false')
  const other = await start(root, { env: { PORT: '9000' } }).said
  expect(other.args.join(' ')).toMatch(/^dev --ip 127\.0\.0\.1 --port 9000 /)
})

test('npm start hands the mode in SESSIONS to the Worker, and none when there is none', async () => {
  const root = repository()
  const { args } = await start(root, { env: { SESSIONS: 'kv' } }).said
  expect(args.join(' ')).toContain('--var SESSIONS:kv')
  const other = await start(root, { env: { SESSIONS: undefined } }).said
  expect(other.args).not.toContain('--var')
})

test('npm start ends when its child ends, with the same status', async () => {
  expect(await start(repository()).ended).toBe(3)
})

test('npm start passes a signal on and waits for its child to end', async () => {
  const { child, said, ended } = start(repository(), { args: ['--wait'] })
  await said
  child.kill('SIGTERM')
  expect(await ended).toBe(7)
})

test('npm start ends with the shell that npm runs it in, to which npm passes signals', async () => {
  const root = repository()
  const shell = spawn('sh', ['-c', '"$0" "$1" --wait; :', process.execPath, join(root, 'scripts/start.ts')], {
    env: { ...process.env, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(shell.stdout, 'data')
  const closed = once(shell.stdout, 'close') // By the last process that holds it.
  shell.kill('SIGTERM')
  await closed
})
