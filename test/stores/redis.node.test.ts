import { Redis } from 'ioredis'
import { createClient, createClientPool, createSentinel } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { type RedisReplicas, redisReplicas } from '../support/redis-replicas.ts'
import { type RedisServer, redisServer } from '../support/redis-server.ts'
import { describeClients } from '../support/redis-suite.ts'

let server: RedisServer
let replicas: RedisReplicas

beforeAll(async () => {
  ;[server, replicas] = await Promise.all([redisServer(), redisReplicas()])
}, 60_000)

afterAll(() => Promise.all([server?.stop(), replicas?.stop()]))

describeClients({
  ioredis: () => new Redis(server.url),
  'ioredis, a key prefix of its own': () => new Redis(server.url, { keyPrefix: 'app:' }),
  'ioredis, pipelining': () => new Redis(server.url, { enableAutoPipelining: true }),
  'ioredis, Sentinel': () => new Redis({ name: replicas.name, sentinels: [...replicas.sentinels] }),
  'node-redis': () => createClient({ url: server.url }),
  'node-redis, RESP 2': () => createClient({ url: server.url, RESP: 2 }),
  'node-redis, pool': () => createClientPool({ url: server.url }),
  'node-redis, sentinel': () =>
    createSentinel({ name: replicas.name, sentinelRootNodes: [...replicas.sentinels] }),
})
