import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { bundlePeer } from './bundle-peer.ts'
import type { Host, Runtime, Took } from './runtime.ts'

const tool = (name: string) => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url))

const COMMANDS = {
  node: [process.execPath],
  deno: [tool('deno'), 'run', '-A', '--quiet', '--no-config'],
  bun: [tool('bun')],
} as const

/** A process of the runtime for each peer; only one works at a time. */
export async function startProcesses(
  runtime: keyof typeof COMMANDS,
  peers: readonly string[],
  redis?: string,
): Promise<Runtime> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-bench-'))
  const children: ChildProcess[] = []
  const hosts = new Map<string, Host>()
  for (const peer of peers) {
    const file = join(folder, `${peer}.mjs`)
    writeFileSync(file, await bundlePeer(peer, 'process'))
    const [command = '', ...options] = COMMANDS[runtime]
    const child = spawn(command, [...options, file], {
      cwd: folder,
      stdio: ['pipe', 'pipe', process.env.BENCH_DEBUG ? 'inherit' : 'ignore'], // What peers log is not read.
      env: { ...process.env, NODE_ENV: 'production', ...(redis && { BENCH_REDIS: redis }) },
    })
    children.push(child)
    hosts.set(peer, hostOf(child, `${peer} on ${runtime}`))
  }
  return {
    hosts,
    async stop() {
      await Promise.all(children.map((child) => ended(child)))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function hostOf(child: ChildProcess, name: string): Host {
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error(`${name} has no pipes.`)
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]()
  return {
    async time(batch) {
      stdin.write(`${JSON.stringify(batch)}\n`)
      for (;;) {
        const { value, done } = await answers.next()
        if (done) throw new Error(`${name} ended: BENCH_DEBUG=1 shows why.`)
        if (!String(value).startsWith('\u0000')) continue // What the peer logs.
        const answer: unknown = JSON.parse(value.slice(1))
        if (typeof answer === 'string') throw new Error(`${name}: ${answer}`)
        return answer as Took
      }
    },
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.stdin?.end()
  await exit
}
