import { createHash } from 'node:crypto'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type RedisClient, type RedisStoreOptions, redisStore } from 'wafer-session/stores/redis'
import { SCRIPT, SCRIPT_SHA } from '../../src/stores/redis-script.ts'
import { type RedisCluster, redisCluster } from '../support/redis-cluster.ts'
import { commandsOf } from '../support/redis-monitor.ts'
import { HOST, type RedisServer, redisServer } from '../support/redis-server.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'

let server: RedisServer
let cluster: RedisCluster

beforeAll(async () => {
  ;[server, cluster] = await Promise.all([redisServer(), redisCluster()])
}, 60_000)

afterAll(() => Promise.all([server?.stop(), cluster?.stop()]))

beforeEach(() => server.admin.flushall())

test('SCRIPT_SHA is the SHA-1 of SCRIPT, so that EVALSHA finds it', () => {
  expect(SCRIPT_SHA).toBe(createHash('sha1').update(SCRIPT).digest('hex'))
})

describe('round trips', () => {
  test('every method is one command, once the server knows the script', async () => {
    await server.admin.script('FLUSH')
    const { store } = storeOf()
    expect(await sent(() => store.get('key'))).toEqual(['EVALSHA', 'EVAL'])
    expect(await sent(() => store.get('key'))).toEqual(['EVALSHA'])
    const expiresAt = soon()
    let version = ''
    const create = async () => {
      version = (await store.create('key', 'v', { expiresAt, tags: ['a', 'b'] })) ?? ''
    }
    expect(await sent(create)).toEqual(['EVALSHA'])
    const update = () => store.update('key', 'w', { expiresAt, version, tags: ['b', 'c'] })
    expect(await sent(update)).toEqual(['EVALSHA'])
    expect(await sent(() => store.getMany(['key', 'b', 'c']))).toEqual(['EVALSHA'])
    expect(await sent(() => store.getMany([]))).toEqual([])
    expect(await sent(() => store.list('b'))).toEqual(['EVALSHA'])
    expect(await sent(() => store.delete('key', { version }))).toEqual(['EVALSHA'])
    expect(await sent(() => store.delete('key'))).toEqual(['EVALSHA'])
  })

  test('a cluster takes one more for each tag that is written, and for each record that is listed', async () => {
    const store = redisStore(closing(new Cluster(rootNodes())))
    const expiresAt = soon()
    const key = 'round'
    expect(await clusterCalls(() => store.get(key))).toBe(1)
    let version = ''
    const create = async () => {
      version = (await store.create(key, 'v', { expiresAt, tags: ['a', 'b'] })) ?? ''
    }
    expect(await clusterCalls(create)).toBe(3)
    expect(await clusterCalls(() => store.update(key, 'w', { expiresAt, version: 'other' }))).toBe(1)
    expect(await clusterCalls(() => store.list('a'))).toBe(2)
    expect(await clusterCalls(() => store.getMany([key, 'b', 'c']))).toBe(3)
    expect(await clusterCalls(() => store.delete(key, { version }))).toBe(1)
  })
})

describe('what stands in Redis', () => {
  test('one key for a record and one for each tag, which Redis forgets by itself', async () => {
    const { store } = storeOf()
    const expiresAt = Math.round(soon())
    await store.create('key', 'value', { expiresAt, tags: ['tag'] })
    expect((await server.admin.keys('*')).toSorted()).toEqual(['session:s:key', 'session:t:tag'])
    // A key is there while the clock shows its last millisecond.
    expect(await server.admin.pexpiretime('session:s:key')).toBe(expiresAt - 1)
    expect(await server.admin.pexpiretime('session:t:tag')).toBe(expiresAt - 1 + 60_000)
  })

  test('a tag lives as long as the record that lives longest', async () => {
    const { store } = storeOf()
    const [sooner, later] = [soon(), soon() + 60_000]
    const version = (await store.create('long', 'value', { expiresAt: later, tags: ['tag'] })) ?? ''
    await store.create('short', 'value', { expiresAt: sooner, tags: ['tag'] })
    expect(await server.admin.pexpiretime('session:t:tag')).toBe(later - 1 + 60_000)
    await store.update('long', 'value', { expiresAt: sooner, version })
    expect(await server.admin.pexpiretime('session:t:tag')).toBe(sooner - 1 + 60_000)
  })

  test('a prefix keeps applications apart, also one that the client puts before it', async () => {
    const stores = [
      storeOf({ prefix: 'one:' }).store,
      storeOf({ prefix: '' }).store,
      storeOf({}, { keyPrefix: 'app:' }).store,
    ]
    for (const [i, store] of stores.entries()) {
      await store.create('key', `of ${i}`, { expiresAt: soon(), tags: ['tag'] })
      await store.create(`key ${i}`, 'value', { expiresAt: soon(), tags: ['tag'] })
    }
    for (const [i, store] of stores.entries()) {
      expect((await store.get('key'))?.value).toBe(`of ${i}`)
      expect((await store.list('tag')).toSorted()).toEqual(['key', `key ${i}`])
    }
    expect(await server.admin.keys('app:*')).toHaveLength(3)
    expect(await server.admin.keys('app:session:*')).toHaveLength(3)
  })

  test('entries of records that expired a minute ago leave the index with the next write', async () => {
    const { store } = storeOf()
    const now = Date.now()
    await server.admin.zadd('session:t:tag', now - 65_000, 's:dead', now - 30_000, 's:recent')
    await store.create('key', 'value', { expiresAt: soon(), tags: ['tag'] })
    expect(await server.admin.zrange('session:t:tag', 0, -1)).toEqual(['s:recent', 's:key'])
    expect(await store.list('tag')).toEqual(['key'])
    expect(await server.admin.zrange('session:t:tag', 0, -1)).toEqual(['s:key'])
  })

  test('a record that Redis evicted is not listed, so that signing out everywhere comes to an end', async () => {
    const { store } = storeOf()
    await store.create('evicted', 'value', { expiresAt: soon(), tags: ['tag'] })
    await server.admin.del('session:s:evicted')
    expect(await store.list('tag')).toEqual([])
    expect(await server.admin.exists('session:t:tag')).toBe(0)
  })
})

describe('on a cluster', () => {
  test('a create() that loses takes nothing out of the index', async () => {
    const store = redisStore(closing(new Cluster(rootNodes())))
    await store.create('taken', 'value', { expiresAt: soon(), tags: ['contested'] })
    const longAgo = Date.now() - 120_000
    expect(await store.create('taken', 'late', { expiresAt: longAgo, tags: ['contested'] })).toBeNull()
    await store.create('next', 'value', { expiresAt: soon(), tags: ['contested'] })
    expect((await store.list('contested')).toSorted()).toEqual(['next', 'taken'])
  })

  test('a record is only written once its tags are', async () => {
    const client = closing(new Cluster(rootNodes()))
    const store = redisStore(client)
    await client.set('session:t:broken', 'no set')
    const creating = store.create('untagged', 'value', { expiresAt: soon(), tags: ['sound', 'broken'] })
    await expect(creating).rejects.toThrow('WRONGTYPE')
    expect(await store.get('untagged')).toBeNull()
    const version = (await store.create('untagged', 'value', { expiresAt: soon() })) ?? ''
    const updating = store.update('untagged', 'next', { expiresAt: soon(), version, tags: ['broken'] })
    await expect(updating).rejects.toThrow('WRONGTYPE')
    expect(await store.get('untagged')).toEqual({ value: 'value', version })
  })
})

test('keys, tags and values that are no well-formed Unicode are kept apart, and whole', async () => {
  const { store } = storeOf()
  const names = ['\ud800', '\udfff', '\ufffd', '%d800', '%0025']
  for (const name of names) await store.create(name, name, { expiresAt: soon(), tags: [name, 'all'] })
  for (const name of names) {
    expect((await store.get(name))?.value).toBe(name)
    expect(await store.list(name)).toEqual([name])
  }
  expect((await store.list('all')).toSorted()).toEqual(names.toSorted())
})

describe('row 88: what others wrote under a key', () => {
  test.each(['garbage', '{"a":1}', '', 'dead-beef', '\0', 'v:', '\n'])(
    '%j is a value that can be removed by its version',
    async (garbage) => {
      const { store } = storeOf()
      await server.admin.set('session:s:key', garbage)
      const record = await store.get('key')
      expect(record).toEqual({ value: garbage, version: '' })
      expect(await store.create('key', 'value', { expiresAt: soon() })).toBeNull()
      expect(await store.update('key', 'value', { expiresAt: soon(), version: 'other' })).toBeNull()
      await store.delete('key', { version: 'other' })
      expect(await store.get('key')).toEqual(record)
      await store.delete('key', { version: '' })
      expect(await store.get('key')).toBeNull()
    },
  )

  test('it can be replaced by its version', async () => {
    const { store } = storeOf()
    await server.admin.set('session:s:key', 'garbage')
    const version = await store.update('key', 'value', { expiresAt: soon(), version: '', tags: ['tag'] })
    expect(await store.get('key')).toEqual({ value: 'value', version })
    expect(await store.list('tag')).toEqual(['key'])
  })

  test('bytes that are no text, and a key of another type, are not in the way', async () => {
    const { store } = storeOf()
    await server.admin.set('session:s:bytes', Buffer.from([0xff, 0x00, 0xc3]))
    expect((await store.get('bytes'))?.version).toBe('')
    await server.admin.rpush('session:s:list', 'a')
    expect(await store.getMany(['list', 'bytes'])).toEqual([null, expect.anything()])
    const version = await store.create('list', 'value', { expiresAt: soon() })
    expect(await store.get('list')).toEqual({ value: 'value', version })
  })

  test('in the place of a tag it is an error, and the record is not written', async () => {
    const { store } = storeOf()
    await server.admin.set('session:t:tag', 'garbage')
    const creating = store.create('key', 'value', { expiresAt: soon(), tags: ['tag'] })
    await expect(creating).rejects.toThrow('WRONGTYPE')
    expect(await store.get('key')).toBeNull()
  })
})

describe('how clients are set up', () => {
  test('numbers as strings, and strings as buffers, are read all the same', async () => {
    const buffers = await createClient({ url: server.url }).connect()
    onTestFinished(() => buffers.destroy())
    const clients = [
      closing(new Redis(server.url, { stringNumbers: true })),
      buffers.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }),
    ]
    for (const [i, client] of clients.entries()) {
      const store = redisStore(client)
      const version = (await store.create(`key ${i}`, 'value', { expiresAt: soon(), tags: ['tag'] })) ?? ''
      expect(await store.get(`key ${i}`)).toEqual({ value: 'value', version })
      expect(await store.list('tag')).toContain(`key ${i}`)
      expect(await store.update(`key ${i}`, 'next', { expiresAt: soon(), version: 'other' })).toBeNull()
      expect(await store.update(`key ${i}`, 'next', { expiresAt: soon(), version })).not.toBeNull()
    }
  })

  test('a cluster whose reads go to replicas is read at its primaries', async () => {
    const client = closing(new Cluster(rootNodes(), { scaleReads: 'slave' }))
    const store = redisStore(client)
    const stats = () => cluster.replica.admin.info('commandstats')
    const reaches = async () => {
      await client.get('b') // In slot 3300, of the primary that has a replica.
      return (await stats()).includes('cmdstat_get:')
    }
    await vi.waitUntil(reaches, { timeout: 20_000 })
    const keys = Array.from({ length: 30 }, (_, i) => `key ${i}`)
    for (const key of keys) {
      const version = await store.create(key, 'value', { expiresAt: soon(), tags: ['scaled'] })
      expect(await store.get(key)).toEqual({ value: 'value', version })
    }
    expect(await store.list('scaled')).toHaveLength(keys.length)
    expect(await stats()).not.toMatch(/cmdstat_(?:eval|evalsha|mget|zrange):/)
    expect(store.capabilities).toEqual({ consistency: 'strong', atomicUpdate: true, index: 'ordered' })
  })

  test('a client that asks Sentinel for a replica, and what is no client, are a TypeError', () => {
    const sentinels = [{ host: HOST, port: 1 }]
    const replica = closing(new Redis({ name: 'sessions', sentinels, role: 'slave', lazyConnect: true }))
    expect(() => redisStore(replica)).toThrow(TypeError)
    expect(() => redisStore(replica)).toThrow("leave out role: 'slave'")
    for (const wrong of [{}, undefined, 'redis://127.0.0.1']) {
      expect(() => redisStore(wrong as RedisClient)).toThrow(
        'redisStore wants a client of ioredis or node-redis',
      )
    }
  })

  test('errors of the client go through', async () => {
    const nowhere = closing(new Redis({ port: 1, host: HOST, maxRetriesPerRequest: 0 }))
    await expect(redisStore(nowhere).get('key')).rejects.toThrow('Reached the max retries')
    const { store } = storeOf()
    await server.admin.config('SET', 'maxmemory', '1')
    onTestFinished(async () => void (await server.admin.config('SET', 'maxmemory', '0')))
    await expect(store.create('key', 'value', { expiresAt: soon() })).rejects.toThrow('OOM')
  })

  test('row 86: create() with tags is refused too when memory is full, and enters nothing; a session can still end', async () => {
    const { store } = storeOf()
    const expiresAt = soon()
    const version = (await store.create('old', 'value', { expiresAt, tags: ['tag'] })) ?? ''
    await server.admin.config('SET', 'maxmemory', '1')
    onTestFinished(async () => void (await server.admin.config('SET', 'maxmemory', '0')))
    await expect(store.create('new', 'value', { expiresAt, tags: ['tag', 'other'] })).rejects.toThrow('OOM')
    expect((await server.admin.keys('*')).toSorted()).toEqual(['session:s:old', 'session:t:tag'])
    expect(await server.admin.zcard('session:t:tag')).toBe(1)
    expect(await store.update('old', 'over', { expiresAt, version, tags: [] })).not.toBeNull()
    await store.delete('old')
    expect(await store.list('tag')).toEqual([])
  })

  test('row 86: a write without tags, and any on a cluster, is refused when memory is full, and leaves what there was', async () => {
    const alone = closing(new Redis(server.port, HOST))
    const ofCluster = Object.assign(closing(new Redis(server.port, HOST)), { isCluster: true })
    for (const [client, tags] of [
      [alone, []],
      [ofCluster, ['tag']],
    ] as const) {
      const store = redisStore(client, { prefix: `${tags.length}:` })
      const expiresAt = soon()
      const version = (await store.create('old', 'value', { expiresAt, tags })) ?? ''
      await server.admin.config('SET', 'maxmemory', '1')
      onTestFinished(async () => void (await server.admin.config('SET', 'maxmemory', '0')))
      await expect(store.update('old', 'next', { expiresAt, version })).rejects.toThrow('OOM')
      await expect(store.create('new', 'value', { expiresAt, tags })).rejects.toThrow('OOM')
      expect(await store.getMany(['old', 'new'])).toEqual([{ value: 'value', version }, null])
      await server.admin.config('SET', 'maxmemory', '0')
    }
  })

  test('a server that has forgotten the script is told it again', async () => {
    const { store } = storeOf()
    for (const key of ['a', 'b']) {
      await server.admin.script('FLUSH')
      expect(await store.create(key, 'value', { expiresAt: soon() })).not.toBeNull()
    }
  })
})

describe('when an answer does not come', () => {
  test('the client connects and sends the write again, and it still counts once', async () => {
    const proxy = await tcpProxy(server.port)
    onTestFinished(() => proxy.stop())
    const { store } = storeOf({}, { port: proxy.port, retryStrategy: () => 5 })
    await store.get('key')
    proxy.loseAnswer()
    const created = await store.create('key', 'first', { expiresAt: soon(), tags: ['tag'] })
    expect(await store.get('key')).toEqual({ value: 'first', version: created })
    proxy.loseAnswer()
    const updated = await store.update('key', 'second', { expiresAt: soon(), version: created ?? '' })
    expect(await store.get('key')).toEqual({ value: 'second', version: updated })
    expect(created).not.toBeNull()
    expect(updated).not.toBeNull()
  })
})

function storeOf(options: RedisStoreOptions = {}, given: RedisOptions = {}) {
  return { store: redisStore(closing(new Redis({ host: HOST, port: server.port, ...given })), options) }
}

function closing<Client extends Redis | Cluster>(client: Client): Client {
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

function rootNodes() {
  return cluster.primaries.map(({ port }) => ({ host: HOST, port }))
}

/** Without what a client says of itself when it connects. */
async function sent(call: () => Promise<unknown>): Promise<string[]> {
  return (await commandsOf(server, call)).filter((name) => name !== 'CLIENT' && name !== 'INFO')
}

/** How many scripts ran meanwhile on the nodes of the cluster. */
async function clusterCalls(call: () => Promise<unknown>): Promise<number> {
  const count = async () => {
    const stats = await Promise.all(cluster.primaries.map(({ admin }) => admin.info('commandstats')))
    const calls = stats.flatMap((text) => [
      ...text.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+),.*failed_calls=(\d+)/g),
    ])
    return calls.reduce((sum, [, all, failed]) => sum + Number(all) - Number(failed), 0)
  }
  const before = await count()
  await call()
  return (await count()) - before
}

/** Milliseconds since the epoch. */
function soon(): number {
  return Date.now() + 60_000
}
