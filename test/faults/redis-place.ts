import { setTimeout as sleep } from 'node:timers/promises'
import { HOST, type RedisServer, redisServer } from '../support/redis-server.ts'
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts'
import type { Window } from './ledger/device.ts'

/** What happens while a fault lasts. */
export type During = () => Promise<unknown>

export interface FailoverOptions {
  /** What happens while the primary answers and copies nothing any more; without it, it copies to the end. */
  readonly uncopied?: During | undefined
  /** Is told what may be lost, before anybody can see that it is. */
  readonly onLoss?: ((window: Window) => void) | undefined
}

/** A primary that keeps on disk what it acknowledges, its replica, and an address that leads to the primary. */
export interface RedisPlace {
  /** Where applications connect to, whichever server is the primary. */
  readonly port: number
  readonly primary: RedisServer
  readonly replica: RedisServer
  /** Killed and, after that, started again with what is on its disk. */
  restart(during: During): Promise<void>
  /** The same with nothing on its disk. */
  restartEmpty(during: During): Promise<void>
  /** Stopped in the middle of what it does: connections stay, and nothing is answered until it goes on. */
  pause(during: During): Promise<void>
  /** As with `maxmemory` reached and `noeviction`. */
  fillMemory(during: During): Promise<void>
  /** The primary steps down, and applications still talk to it. */
  demote(during: During): Promise<void>
  /** The primary is killed, its replica takes its place, and the address leads there; then it comes back as the replica. */
  failover(during: During, options?: FailoverOptions): Promise<void>
  /** Every connection of the applications breaks. */
  breakConnections(): void
  stop(): Promise<void>
}

const KEEPING = ['--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0']

export async function redisPlace(): Promise<RedisPlace> {
  let [primary, replica] = await Promise.all([redisServer(...KEEPING), redisServer(...KEEPING)])
  const line = await tcpProxy(primary.port)
  let copying = await follow(replica, primary)

  const place: RedisPlace = {
    port: line.port,
    get primary() {
      return primary
    },
    get replica() {
      return replica
    },
    async restart(during) {
      await primary.kill()
      await during()
      await primary.start()
    },
    async restartEmpty(during) {
      await primary.admin.flushall()
      await place.restart(during)
    },
    async pause(during) {
      primary.suspend()
      try {
        await during()
      } finally {
        primary.resume()
      }
    },
    async fillMemory(during) {
      await primary.admin.config('SET', 'maxmemory', '1')
      await during()
      await primary.admin.config('SET', 'maxmemory', '0')
    },
    async demote(during) {
      await primary.admin.replicaof(HOST, 1) // Of one that is not there: it keeps what it has.
      await during()
      await primary.admin.replicaof('NO', 'ONE')
    },
    async failover(during, { uncopied, onLoss = () => {} } = {}) {
      // All that was acknowledged before is with the replica then; of what comes after nobody knows.
      const since = Date.now()
      await inSync(primary, replica)
      if (uncopied !== undefined) copying.holdAnswers()
      await uncopied?.()
      const killedAt = Date.now()
      await primary.kill()
      copying.stop()
      await during()
      await replica.admin.replicaof('NO', 'ONE')
      onLoss({ since, killedAt, until: Date.now() })
      line.leadTo(replica.port)
      ;[primary, replica] = [replica, primary]
      await replica.start()
      copying = await follow(replica, primary)
    },
    breakConnections: () => line.leadTo(primary.port),
    async stop() {
      for (const proxy of [line, copying]) proxy.stop()
      await Promise.all([primary.stop(), replica.stop()])
    },
  }
  return place
}

/** @returns The way of what is copied. */
async function follow(replica: RedisServer, primary: RedisServer): Promise<TcpProxy> {
  const copying = await tcpProxy(primary.port)
  await replica.admin.replicaof(HOST, copying.port)
  await inSync(primary, replica)
  return copying
}

/** Until what the primary has acknowledged so far is with the replica too. */
async function inSync(primary: RedisServer, replica: RedisServer): Promise<void> {
  const written = Number(await replication(primary, 'master_repl_offset'))
  for (let tries = 0; tries < 1000; tries++) {
    const isUp = (await replication(replica, 'master_link_status')) === 'up'
    if (isUp && Number(await replication(replica, 'slave_repl_offset')) >= written) return
    await sleep(20)
  }
  throw new Error('The replica does not follow.')
}

async function replication({ admin }: RedisServer, field: string): Promise<string | undefined> {
  return new RegExp(`^${field}:(.*?)\r?$`, 'm').exec(await admin.info('replication'))?.[1]
}
