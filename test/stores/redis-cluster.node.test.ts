import { Cluster } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import { type RedisCluster, redisCluster } from '../support/redis-cluster.ts'
import { HOST } from '../support/redis-server.ts'
import { describeClients } from '../support/redis-suite.ts'

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await redisCluster()
}, 60_000)

afterAll(() => cluster?.stop())

const addresses = () => cluster.primaries.map(({ port }) => ({ host: HOST, port }))
const rootNodes = () => cluster.primaries.map(({ url }) => ({ url }))

describeClients({
  'ioredis, Cluster': () => new Cluster(addresses()),
  'ioredis, Cluster that reads from replicas': () => new Cluster(addresses(), { scaleReads: 'slave' }),
  'node-redis, cluster': () => createCluster({ rootNodes: rootNodes() }),
  'node-redis, cluster that reads from replicas': () =>
    createCluster({ rootNodes: rootNodes(), useReplicas: true }),
})
