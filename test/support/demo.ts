import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

export interface Demo {
  readonly origin: string
  stop(): Promise<void>
  /** Stops it and starts it again, on the same port, with what wrangler kept. */
  restart(): Promise<void>
}

export interface DemoOptions {
  readonly secret: string
  /** A mode of examples/demo/sessions.ts; without it the demo is in that of its own. */
  readonly sessions?: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The demo as `npm start` runs it, on a free port, under a secret of the test's own and from the sources. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const port = await freePort()
  const state = mkdtempSync(join(tmpdir(), 'wafer-demo-'))
  const start = () => run(port, state, options)
  let stop = await start()
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      await stop()
      rmSync(state, { recursive: true, force: true })
    },
    async restart() {
      await stop()
      stop = await start()
    },
  }
}

/** @returns What stops it. */
async function run(port: number, state: string, { secret, sessions }: DemoOptions) {
  const args = [
    ...['--persist-to', state, '--var', `SESSION_SECRET:${secret}`],
    ...[
      'index',
      'hono',
      'stores/cloudflare-kv',
      'stores/durable-object',
      'monitor/index',
      'totp/index',
      'totp/qr-code',
    ].flatMap(sourceOf),
  ]
  const child = spawn(process.execPath, ['scripts/start.ts', ...args], {
    cwd: root,
    env: { ...process.env, PORT: String(port), SESSIONS: sessions ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes(`Ready on http://127.0.0.1:${port}`)) resolve()
      })
    }
    child.on('exit', (code) =>
      reject(new Error(`The demo ended with ${code} before it was ready:\n${output}`)),
    )
  })
  return async () => {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
}

/** Takes an entry of the package from the sources. */
function sourceOf(path: string): string[] {
  const name = `wafer-session/${path}`.replace(/\/index$/, '')
  return ['--alias', `${name}:./src/${path}.ts`]
}
