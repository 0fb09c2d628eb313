import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { generateSecret } from 'wafer-session'
import { ensureDist, root } from './dist.ts'

export interface Program {
  readonly url: URL
  stop(): Promise<void>
}

/** An example that prints its URL once it listens, on a runtime of node_modules. It has the package as it is built. */
export async function startProgram(
  [runtime = '', ...args]: readonly string[],
  env: Record<string, string> = {},
): Promise<Program> {
  ensureDist()
  const child = spawn(join(root, 'node_modules/.bin', runtime), args, {
    cwd: root,
    env: { ...process.env, PORT: '0', SESSION_SECRET: generateSecret(), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { url: new URL(await listening(child)), stop: () => stopped(child) }
}

async function listening(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })
  for await (const line of lines) {
    const url = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(line)?.[0]
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
