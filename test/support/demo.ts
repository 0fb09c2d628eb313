import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Demo {
  readonly port: number
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The demo as `npm start` runs it, on a free port, under a secret of the test's own and from the sources. */
export async function startDemo(secret: string): Promise<Demo> {
  const port = await freePort()
  const state = mkdtempSync(join(tmpdir(), 'wafer-demo-'))
  const child = spawn(
    process.execPath,
    [
      ...['scripts/start.ts', '--persist-to', state, '--var', `SESSION_SECRET:${secret}`],
      ...['--alias', 'wafer-session/hono:./src/hono.ts'],
    ],
    { cwd: root, env: { ...process.env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  const ready = new Promise<void>((resolve, reject) => {
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
  await ready
  return {
    port,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      rmSync(state, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
