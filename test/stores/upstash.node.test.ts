import { Redis, type RedisConfigNodejs } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type UpstashStoreOptions, upstashStore } from 'wafer-session/stores/upstash'
import { describeStore } from 'wafer-session/testing'
import { type RedisServer, redisServer } from '../support/redis-server.ts'
import { type UpstashBridge, upstashBridge } from '../support/upstash-bridge.ts'

let server: RedisServer
/** A read region that nothing has arrived in yet. */
let lagging: RedisServer
let bridge: UpstashBridge
let global: UpstashBridge

beforeAll(async () => {
  ;[server, lagging] = await Promise.all([redisServer(), redisServer()])
  bridge = await upstashBridge(server.admin)
  global = await upstashBridge(server.admin, lagging.admin)
})

afterAll(async () => {
  await Promise.all([bridge?.stop(), global?.stop()])
  await Promise.all([server?.stop(), lagging?.stop()])
})

/** As applications configure the client. */
const CONFIGURATIONS: Record<string, Partial<RedisConfigNodejs>> = {
  'as it comes': {},
  'without automatic deserialisation': { automaticDeserialization: false },
  'without automatic pipelines': { enableAutoPipelining: false },
  'without base64': { responseEncoding: false },
}

describe.each(Object.entries(CONFIGURATIONS))('@upstash/redis %s', (_, configuration) => {
  describeStore('upstashStore', () => twoClients(configuration))
})

describe("reads: 'nearest'", () => {
  describeStore('upstashStore', () => twoClients({}, 'nearest'))
})

describe('with a read region that lags', () => {
  test("by default, or with reads: 'primary', every read shows every write", async () => {
    for (const options of [{}, { reads: 'primary' }] as const) {
      const key = crypto.randomUUID()
      const [writer, reader] = [storeOf({}, options, global), storeOf({}, options, global)]
      expect(reader.capabilities).toEqual({ consistency: 'strong', atomicUpdate: true, index: 'atomic' })
      const version = await writer.create(key, 'value', { expiresAt: soon(), tags: ['tag'] })
      expect(await reader.get(key)).toEqual({ value: 'value', version })
      expect(await reader.getMany([key, 'none'])).toEqual([{ value: 'value', version }, null])
      expect(await reader.list('tag')).toEqual([key])
      await writer.delete(key)
      expect(await reader.get(key)).toBeNull()
      expect(await reader.list('tag')).toEqual([])
    }
  })

  test("with reads: 'nearest' only records are old, of any age; writes and list are not", async () => {
    const store = storeOf({}, { reads: 'nearest' }, global)
    const consistency = { staleFor: Number.POSITIVE_INFINITY }
    expect(store.capabilities).toEqual({ consistency, atomicUpdate: true, index: 'atomic' })
    const version = (await store.create('old', 'value', { expiresAt: soon(), tags: ['tag'] })) ?? ''
    expect(await store.get('old')).toBeNull()
    expect(await store.create('old', 'second', { expiresAt: soon() })).toBeNull()
    expect(await store.list('tag')).toEqual(['old'])
    expect(await store.update('old', 'next', { expiresAt: soon(), version })).not.toBeNull()
    expect(await store.update('old', 'late', { expiresAt: soon(), version })).toBeNull()
  })

  test('any other reads is a TypeError', () => {
    const reads = 'closest' as 'nearest'
    expect(() => upstashStore(redis(), { reads })).toThrow(
      new TypeError("reads must be 'primary' or 'nearest': current value is closest."),
    )
  })
})

describe('round trips', () => {
  test('every method is one request of one command, once the server knows the script', async () => {
    const store = storeOf()
    await server.admin.script('FLUSH')
    expect(await requestsOf(() => store.get('trips'))).toEqual(['EVALSHA', 'EVAL'])
    const expiresAt = soon()
    let version = ''
    const write = async () => {
      version = (await store.create('trips', 'v', { expiresAt, tags: ['a', 'b'] })) ?? ''
    }
    expect(await requestsOf(() => store.get('trips'))).toEqual(['EVALSHA'])
    expect(await requestsOf(write)).toEqual(['EVALSHA'])
    expect(await requestsOf(() => store.getMany(['trips', 'b', 'c']))).toEqual(['EVALSHA'])
    expect(
      await requestsOf(() => store.update('trips', 'w', { expiresAt, version, tags: ['b', 'c'] })),
    ).toEqual(['EVALSHA'])
    expect(await requestsOf(() => store.list('b'))).toEqual(['EVALSHA'])
    expect(await requestsOf(() => store.delete('trips', { version }))).toEqual(['EVALSHA'])
    expect(await requestsOf(() => store.delete('trips'))).toEqual(['EVALSHA'])
  })

  test("getMany() of no keys is none, and with reads: 'nearest' get() and getMany() are one MGET", async () => {
    const store = storeOf({}, { reads: 'nearest' })
    expect(await requestsOf(() => store.getMany([]))).toEqual([])
    expect(await requestsOf(() => store.get('trips'))).toEqual(['MGET'])
    expect(await requestsOf(() => store.getMany(['a', 'b']))).toEqual(['MGET'])
  })
})

describe('when an answer does not come', () => {
  test('the client sends the write again, and it still counts once', async () => {
    const store = storeOf({ retry: { retries: 2, backoff: () => 1 } })
    await store.get('resent')
    bridge.loseAnswer()
    const created = await store.create('resent', 'first', { expiresAt: soon() })
    expect(await store.get('resent')).toEqual({ value: 'first', version: created })
    bridge.loseAnswer()
    const updated = await store.update('resent', 'second', { expiresAt: soon(), version: created ?? '' })
    expect(await store.get('resent')).toEqual({ value: 'second', version: updated })
    expect(created).not.toBeNull()
    expect(updated).not.toBeNull()
  })

  test('an aborted request, which the client takes for an answer, rejects: it is never null', async () => {
    const noAnswer = 'Redis gave an answer that the script never gives'
    for (const reason of [undefined, 'Aborted']) {
      const store = storeOf({ signal: AbortSignal.abort(reason), enableAutoPipelining: false })
      await expect(store.get('key')).rejects.toThrow(noAnswer)
      await expect(store.getMany(['a', 'b'])).rejects.toThrow(noAnswer)
      await expect(store.list('tag')).rejects.toThrow(noAnswer)
      await expect(store.create('key', 'value', { expiresAt: soon() })).rejects.toThrow(noAnswer)
      await expect(store.delete('key')).rejects.toThrow(noAnswer)
    }
  })

  test('errors of the client go through', async () => {
    const wrong = upstashStore(new Redis({ url: bridge.url, token: 'wrong', retry: false }))
    await expect(wrong.get('key')).rejects.toThrow('WRONGPASS')
    const nowhere = upstashStore(new Redis({ url: 'http://127.0.0.1:1', token: 't', retry: false }))
    await expect(nowhere.get('key')).rejects.toThrow('fetch failed')
  })

  test('a key that looks like the answer of a server without the script changes nothing', async () => {
    const store = storeOf({ enableAutoPipelining: false }) // Then an error ends with the command.
    await server.admin.config('SET', 'maxmemory', '1')
    onTestFinished(async () => void (await server.admin.config('SET', 'maxmemory', '0')))
    const create = () => store.create('NOSCRIPT', 'NOSCRIPT', { expiresAt: soon() })
    const requests = await requestsOf(() => expect(create()).rejects.toThrow('OOM'))
    expect(requests).toEqual(['EVALSHA'])
  })
})

test('row 88: what others wrote under a key is a value that can be removed by its version', async () => {
  for (const garbage of ['garbage', '{"a":1}', '1', '', 'dead-beef\nv', '\0']) {
    await server.admin.set('session:s:garbage', garbage)
    const store = storeOf()
    const record = await store.get('garbage')
    expect(record?.value).toBeTypeOf('string')
    expect(await store.create('garbage', 'value', { expiresAt: soon() })).toBeNull()
    await store.delete('garbage', { version: record?.version })
    expect(await store.get('garbage')).toBeNull()
  }
})

function redis(
  configuration: Partial<RedisConfigNodejs> = {},
  { url, token }: UpstashBridge = bridge,
): Redis {
  return new Redis({ url, token, retry: false, ...configuration } as RedisConfigNodejs)
}

function storeOf(
  configuration: Partial<RedisConfigNodejs> = {},
  options: UpstashStoreOptions = {},
  server: UpstashBridge = bridge,
) {
  return upstashStore(redis(configuration, server), options)
}

/** Apart from all other tests. */
function twoClients(configuration: Partial<RedisConfigNodejs>, reads?: 'nearest') {
  const options = { prefix: `${crypto.randomUUID()}:`, reads }
  return { store: storeOf(configuration, options), peer: storeOf(configuration, options) }
}

/** Milliseconds since the epoch. */
function soon(): number {
  return Date.now() + 60_000
}

/** The commands of each request that the bridge saw. */
async function requestsOf(call: () => Promise<unknown>): Promise<string[]> {
  const before = bridge.requests.length
  await call()
  return bridge.requests
    .slice(before)
    .map((commands) => commands.map(([name]) => name?.toUpperCase()).join(' '))
}
