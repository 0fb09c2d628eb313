import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as UpstashRedis } from '@upstash/redis'
import { Redis } from 'ioredis'
import { Memcache } from 'memcache'
import { createStorage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'
import { afterAll, beforeAll } from 'vitest'
import { memcachedStore } from 'wafer-session/stores/memcached'
import { redisStore } from 'wafer-session/stores/redis'
import { unstorageStore } from 'wafer-session/stores/unstorage'
import { upstashStore } from 'wafer-session/stores/upstash'
import { type Memcached, startMemcached } from '../support/memcached.ts'
import { type RedisServer, redisServer } from '../support/redis-server.ts'
import { describeSessionsIn } from '../support/store-rows.ts'
import { type UpstashBridge, upstashBridge } from '../support/upstash-bridge.ts'

let server: RedisServer
let bridge: UpstashBridge
let memcached: Memcached
let redis: Redis
let memcache: Memcache
const folder = mkdtempSync(join(tmpdir(), 'wafer-rows-'))

beforeAll(async () => {
  ;[server, memcached] = await Promise.all([redisServer(), startMemcached()])
  bridge = await upstashBridge(server.admin)
  redis = new Redis(server.url)
  memcache = new Memcache({ nodes: [memcached.address] })
}, 60_000)

afterAll(async () => {
  redis?.disconnect()
  await memcache?.disconnect()
  await bridge?.stop()
  await Promise.all([server?.stop(), memcached?.kill()])
  rmSync(folder, { recursive: true, force: true })
})

const ALL = { strong: true, atomic: true, list: true }

describeSessionsIn('redisStore', ALL, () => redisStore(redis))

describeSessionsIn('upstashStore', ALL, () =>
  upstashStore(new UpstashRedis({ url: bridge.url, token: bridge.token })),
)

describeSessionsIn('memcachedStore', { ...ALL, list: false }, () => memcachedStore(memcache))

describeSessionsIn('unstorageStore', { ...ALL, atomic: false }, (clock) =>
  unstorageStore(createStorage({ driver: fsDriver({ base: folder }) }), { clock }),
)
