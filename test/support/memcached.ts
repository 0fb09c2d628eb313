import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { binary } from './debian.ts'
import { freePort } from './free-port.ts'

/** A memcached of the test's own. */
export interface Memcached {
  /** `host:port`, the same after a restart. */
  readonly address: string
  /** Starts again, empty, after a kill. */
  start(): Promise<void>
  /** As a crash does it: no connection is closed in good order. */
  kill(): Promise<void>
  /** Lets it hang, so that it takes connections and never answers. */
  suspend(): void
  resume(): void
}

/** @param options Of the command line, such as `['-m', '1']`. */
export async function startMemcached(options: readonly string[] = []): Promise<Memcached> {
  const path = binary({ package: 'memcached', command: 'memcached', variable: 'MEMCACHED' })
  const port = await freePort()
  const server = ['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-u', 'nobody']
  let child: ChildProcess
  async function start(): Promise<void> {
    child = spawn(path, [...server, ...options], { stdio: ['ignore', 'ignore', 'inherit'] })
    process.once('exit', () => child.kill('SIGKILL')) // Where a test was cut off.
    while (!(await isListening(port))) {
      if (child.exitCode !== null)
        throw new Error(`memcached ended with ${child.exitCode} before it was ready.`)
      await sleep(10)
    }
  }
  await start()
  return {
    address: `127.0.0.1:${port}`,
    start,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    suspend: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
