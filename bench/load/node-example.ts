import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundleExample } from './bundle-example.ts'
import { SECRET, type Server } from './server.ts'

/** A program of `examples/` on Node. */
export async function startNodeExample(name: string, sessions: boolean, redis?: string): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-load-'))
  const file = join(folder, 'example.mjs')
  writeFileSync(file, await bundleExample(name, 'node', sessions))
  const child = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      NODE_ENV: 'production',
      SESSION_SECRET: SECRET,
      ...(redis && { REDIS_URL: redis }),
    },
  })
  const exited = once(child, 'exit')
  return {
    url: await firstLine(child.stdout),
    async stop() {
      child.kill()
      await exited
      rmSync(folder, { recursive: true })
    },
  }
}

async function firstLine(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) return line
  throw new Error('The example ended before it listened.')
}
