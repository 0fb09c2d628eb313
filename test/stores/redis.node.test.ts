import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { afterAll, beforeAll, describe } from 'vitest'

import { type RedisClient, redisStore } from 'wafer-session/stores/redis'
import { describeStore } from 'wafer-session/testing'
import { type RedisCluster, redisCluster } from '../support/redis-cluster.ts'
import { type RedisReplicas, redisReplicas } from '../support/redis-replicas.ts'
import { HOST, type RedisServer, redisServer } from '../support/redis-server.ts'

let server: RedisServer
let cluster: RedisCluster
let replicas: RedisReplicas
const cleanups: (() => unknown)[] = []

beforeAll(async () => {
  ;[server, cluster, replicas] = await Promise.all([redisServer(), redisCluster(), redisReplicas()])
}, 60_000)

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
  await Promise.all([server?.stop(), cluster?.stop(), replicas?.stop()])
})

/** Every client that the store takes on Node, as applications make them. */
const CLIENTS: Record<string, () => RedisClient | Promise<RedisClient>> = {
  ioredis: () => disconnecting(new Redis(server.url)),
  'ioredis, a key prefix of its own': () => disconnecting(new Redis(server.url, { keyPrefix: 'app:' })),
  'ioredis, pipelining': () => disconnecting(new Redis(server.url, { enableAutoPipelining: true })),
  'ioredis, Sentinel': () => {
    const { name, sentinels } = replicas
    return disconnecting(new Redis({ name, sentinels: [...sentinels] }))
  },
  'ioredis, Cluster': () => disconnecting(new Cluster(rootNodes())),
  'ioredis, Cluster that reads from replicas': () =>
    disconnecting(new Cluster(rootNodes(), { scaleReads: 'slave' })),
  'node-redis': () => connecting(createClient({ url: server.url })),
  'node-redis, RESP 2': () => connecting(createClient({ url: server.url, RESP: 2 })),
  'node-redis, pool': () => connecting(createClientPool({ url: server.url })),
  'node-redis, sentinel': () =>
    connecting(createSentinel({ name: replicas.name, sentinelRootNodes: [...replicas.sentinels] })),
  'node-redis, cluster': () =>
    connecting(createCluster({ rootNodes: cluster.primaries.map(({ url }) => ({ url })) })),
  'node-redis, cluster that reads from replicas': () =>
    connecting(
      createCluster({ rootNodes: cluster.primaries.map(({ url }) => ({ url })), useReplicas: true }),
    ),
}

describe.concurrent.each(Object.entries(CLIENTS))('%s', (name, connect) => {
  let clients: readonly [RedisClient, RedisClient]
  let tests = 0

  beforeAll(async () => {
    clients = [await connect(), await connect()]
  })

  describeStore('redisStore', () => {
    const prefix = `${name} ${++tests}:`
    return { store: redisStore(clients[0], { prefix }), peer: redisStore(clients[1], { prefix }) }
  })
})

function rootNodes() {
  return cluster.primaries.map(({ port }) => ({ host: HOST, port }))
}

function disconnecting<Client extends { disconnect(): unknown }>(client: Client): Client {
  cleanups.push(() => client.disconnect())
  return client
}

async function connecting<Client extends { connect(): unknown; destroy(): unknown }>(
  client: Client,
): Promise<Client> {
  await client.connect()
  cleanups.push(() => client.destroy())
  return client
}
