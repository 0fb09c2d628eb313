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
  /** Again after a kill, on the same port and with what it had on disk. */
  start(): Promise<void>
  /** Lets it hang: connections stay, and nothing is answered. */
  suspend(): void
  resume(): void
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
  const admin = new Redis({
    host: HOST,
    port,
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    lazyConnect: true,
  })
  admin.on('error', () => {}) // Until it listens.
  let child: ChildProcess
  let exited: Promise<unknown[]>

  async function start(): Promise<void> {
    child = spawn(path, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    exited = once(child, 'exit')
    running.add(child)
    const failed = exited.then(([code]) =>
      Promise.reject(new Error(`redis-server ended with ${code} at once.`)),
    )
    failed.catch(() => {}) // It ends some day, and then on purpose.
    admin.connect().catch(() => {}) // It tries again.
    await Promise.race([admin.ping(), failed])
  }

  async function kill(): Promise<void> {
    const closed = admin.status === 'end' ? undefined : once(admin, 'end')
    admin.disconnect()
    child.kill('SIGKILL')
    await exited
    await closed // Else it would take its next connection for the one that closes.
    running.delete(child)
  }

  async function stop(): Promise<void> {
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }

  await start()
  return {
    port,
    url: `redis://${HOST}:${port}`,
    admin,
    kill,
    start,
    suspend: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
  }
}
