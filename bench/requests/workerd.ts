import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { bundlePeer } from './bundle-peer.ts'
import type { Batch } from './runner.ts'
import type { Host, Runtime, Took } from './runtime.ts'

/** It has no types. */
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string }

/** One workerd; each peer is a Worker of its own, with a port of its own. */
export async function startWorkerd(peers: readonly string[]): Promise<Runtime> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-bench-'))
  for (const peer of peers) writeFileSync(join(folder, `${peer}.js`), await bundlePeer(peer, 'worker'))
  writeFileSync(join(folder, 'config.capnp'), configOf(peers))
  const child = spawn(workerd, ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: folder,
    // What peers log is not read.
    stdio: ['ignore', 'ignore', process.env.BENCH_DEBUG ? 'inherit' : 'ignore', 'pipe'],
  })
  const ports = await listening(child, peers.length)
  return {
    pid: child.pid,
    hosts: new Map(Array.from(ports, ([peer, port]) => [peer, hostOf(peer, port, child.pid ?? 0)])),
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @see https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configOf(peers: readonly string[]): string {
  const services = peers.map((name, at) => `(name = "${name}", worker = .worker${at})`)
  const sockets = peers.map(
    (name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`,
  )
  const workers = peers.map(
    (name, at) => `const worker${at} :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${name}.js")],
  compatibilityDate = "2026-11-01",
);`,
  )
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [${services}], sockets = [${sockets}]);
${workers.join('\n')}
`
}

async function listening(child: ChildProcess, sockets: number): Promise<Map<string, number>> {
  const ports = new Map<string, number>()
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const { event, socket, port } = JSON.parse(line)
    if (event === 'listen') ports.set(socket, port)
    if (ports.size === sockets) return ports
  }
  throw new Error('workerd ended before it listened: BENCH_DEBUG=1 shows why.')
}

function hostOf(peer: string, port: number, pid: number): Host {
  async function send(batch: Batch): Promise<Took> {
    const cpu = processorTime(pid)
    const started = performance.now()
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(batch) })
    const answer = await response.text()
    const wall = performance.now() - started
    if (response.status !== 200) throw new Error(`${peer} on workerd: ${answer}`)
    return { wall, cpu: processorTime(pid) - cpu }
  }
  const empty: Took = { wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY }
  return {
    async time(batch) {
      // What the call costs without a request: what disturbs a call only adds, so the least is right.
      const { wall, cpu } = await send({ ...batch, requests: 0 })
      empty.wall = Math.min(empty.wall, wall)
      empty.cpu = Math.min(empty.cpu, cpu)
      const full = await send(batch)
      return { wall: full.wall - empty.wall, cpu: full.cpu - empty.cpu }
    },
  }
}

/** Milliseconds of all threads of a process; only Linux tells. */
function processorTime(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN
  const threads = readdirSync(`/proc/${pid}/task`)
  const spent = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'))
  return spent.reduce((sum, text) => sum + Number(text.slice(0, text.indexOf(' '))), 0) / 1e6
}
