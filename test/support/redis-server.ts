import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { binary } from './debian.ts'
import { freePort } from './free-port.ts'

/** A redis-server of the test's own, on the loopback interface. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** For what a test sets or wants to know; never the client under test. */
  readonly admin: Redis
  /** As a crash does it. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export const HOST = '127.0.0.1'

/** Ended with the process, where a test was cut off. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** One that keeps nothing on disk. @param options Of the command line. */
export function redisServer(...options: readonly string[]): Promise<RedisServer> {
  return startRedis('--save', '', '--appendonly', 'no', ...options)
}

/** A sentinel. @param config The lines of its configuration file, which it writes to. */
export function redisSentinel(...config: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-sentinel-'))
  const file = join(folder, 'sentinel.conf')
  writeFileSync(file, `${config.join('\n')}\n`)
  return startRedis(file, '--sentinel')
}

/** Fails when it ends before it answers. */
async function startRedis(...options: readonly string[]): Promise<RedisServer> {
  const path = binary({ package: 'redis-server', command: 'redis-server', variable: 'REDIS_SERVER' })
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'wafer-redis-'))
  const args = [...options, '--bind', HOST, '--port', String(port), '--dir', folder, '--loglevel', 'warning']
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  running.add(child)
  const admin = new Redis({ host: HOST, port, retryStrategy: () => 20, maxRetriesPerRequest: null })
  admin.on('error', () => {}) // Until it listens.
  const failed = exited.then(([code]) =>
    Promise.reject(new Error(`redis-server ended with ${code} at once.`)),
  )
  failed.catch(() => {}) // It ends some day, and then on purpose.
  await Promise.race([admin.ping(), failed])

  async function kill(): Promise<void> {
    admin.disconnect()
    child.kill('SIGKILL')
    await exited
    running.delete(child)
    rmSync(folder, { recursive: true, force: true })
  }
  return { port, url: `redis://${HOST}:${port}`, admin, kill, stop: kill }
}
