/**
 * `npm start`: the demo on this machine, under `wrangler dev`. Arguments go on to wrangler, which prints the address; so
 * does `SESSIONS`, where examples/demo/sessions.ts finds it.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)

makeSecret(new URL('.dev.vars', root))
run('node_modules/wrangler/bin/wrangler.js', [
  ...['dev', '--ip', '127.0.0.1', '--port', process.env.PORT ?? '8787', '--inspector-port', '0', '--local'],
  ...['--show-interactive-dev-session=false'],
  ...(process.env.SESSIONS ? ['--var', `SESSIONS:${process.env.SESSIONS}`] : []),
  ...process.argv.slice(2),
])

/** wrangler gives the Worker what stands in this file. One that is there stays: sessions are sealed under it. */
function makeSecret(file: URL): void {
  try {
    writeFileSync(file, `SESSION_SECRET="${randomBytes(32).toString('base64')}"\n`, {
      flag: 'wx',
      mode: 0o600,
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Runs a Node program, passes signals on to it, and ends as it ends. */
function run(path: string, options: readonly string[]): void {
  const child = spawn(process.execPath, [fileURLToPath(new URL(path, root)), ...options], {
    cwd: fileURLToPath(root),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      // Nothing leaves this machine: no telemetry, no look for updates, no example of `request.cf`.
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  stopWithNpm(() => child.kill())
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal ?? 'SIGTERM']
  })
}

/** npm passes a signal on to its shell, and the shell to nobody: when that shell is gone, so is whoever started us. */
function stopWithNpm(stop: () => void): void {
  const shell = process.ppid
  if (process.env.npm_lifecycle_event !== 'start') return
  setInterval(() => {
    if (process.ppid !== shell) stop()
  }, 500).unref()
}
