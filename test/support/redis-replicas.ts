import { vi } from 'vitest'
import { HOST, type RedisServer, redisSentinel, redisServer } from './redis-server.ts'

export interface RedisReplicas {
  /** What the sentinels call the primary. */
  readonly name: string
  readonly sentinels: readonly { readonly host: string; readonly port: number }[]
  /** At first. */
  readonly primary: RedisServer
  readonly replicas: readonly RedisServer[]
  stop(): Promise<void>
}

const NAME = 'sessions'

/** A primary with two replicas, watched by three sentinels that take it for dead after half a second. */
export async function redisReplicas(): Promise<RedisReplicas> {
  const primary = await redisServer('--repl-diskless-sync-delay', '0')
  const following = ['--replicaof', `${HOST} ${primary.port}`]
  const replicas = await Promise.all([redisServer(...following), redisServer(...following)])
  const sentinels = await Promise.all(Array.from({ length: 3 }, () => redisSentinel(...watching(primary))))
  for (const { admin } of sentinels) await vi.waitUntil(() => seesAll(admin), { timeout: 20_000 })
  const servers = [primary, ...replicas, ...sentinels]
  return {
    name: NAME,
    sentinels: sentinels.map(({ port }) => ({ host: HOST, port })),
    primary,
    replicas,
    stop: async () => void (await Promise.all(servers.map(({ stop }) => stop()))),
  }
}

function watching({ port }: RedisServer): string[] {
  return [
    `sentinel monitor ${NAME} ${HOST} ${port} 2`,
    `sentinel down-after-milliseconds ${NAME} 500`,
    `sentinel failover-timeout ${NAME} 2000`,
  ]
}

/** A sentinel that does not know the others cannot vote. */
async function seesAll(admin: RedisServer['admin']): Promise<boolean> {
  const reply = (await admin.call('SENTINEL', 'MASTER', NAME)) as string[]
  const field = (name: string) => reply[reply.indexOf(name) + 1]
  return field('num-slaves') === '2' && field('num-other-sentinels') === '2'
}
