import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { BroadcastHash, Memcache } from 'memcache'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { SessionStore, StoredValue } from 'wafer-session'
import { type MemcachedStoreOptions, memcachedStore } from 'wafer-session/stores/memcached'
import { describeStore, type FakeClock, fakeClock } from 'wafer-session/testing'
import { type Memcached, startMemcached } from '../support/memcached.ts'

/** Two, so that the client has to find the right one. */
let servers: Memcached[]

beforeAll(async () => {
  servers = await Promise.all([startMemcached(), startMemcached()])
})

afterAll(() => Promise.all(servers.map((server) => server.kill())))

describeStore('memcachedStore', () => {
  const clock = fakeClock()
  return { ...twoClients(clock), advance: clock.advance, now: clock }
})

describeStore('memcachedStore by the clock on the wall', () => twoClients())

describe('when a server fails', () => {
  test('every method rejects while it is down, and none says null', async () => {
    const { server, store } = await ownServer()
    const version = await created(store, 'key')
    await server.kill()
    await expect(store.get('key')).rejects.toThrow()
    await expect(store.getMany?.(['key', 'other'])).rejects.toThrow()
    await expect(store.create('other', 'value', { expiresAt: soon() })).rejects.toThrow()
    await expect(store.update('key', 'next', { expiresAt: soon(), version })).rejects.toThrow()
    await expect(store.delete('key')).rejects.toThrow()
  })

  test('what is under way when it is killed rejects or is right', async () => {
    const { server, store } = await ownServer()
    const version = await created(store, 'key')
    const results: PromiseSettledResult<StoredValue | null>[] = []
    let running = true
    const reader = async () => {
      while (running) results.push(...(await Promise.allSettled([store.get('key')])))
    }
    const readers = Promise.all(Array.from({ length: 20 }, reader))
    await vi.waitUntil(() => results.length > 200)
    await server.kill()
    await vi.waitUntil(() => results.some(({ status }) => status === 'rejected'))
    running = false
    await readers
    const answers = results.filter(({ status }) => status === 'fulfilled')
    expect(answers.length).toBeGreaterThan(200)
    for (const answer of answers) expect(answer).toHaveProperty('value', { value: 'value', version })
  })

  test('it is found again after a restart, empty', async () => {
    const { server, store } = await ownServer()
    const version = await created(store, 'key')
    await server.kill()
    await expect(store.get('key')).rejects.toThrow()
    await server.start()
    expect(await Promise.all([store.get('key'), store.get('key'), store.get('other')])).toEqual([
      null,
      null,
      null,
    ])
    expect(await store.update('key', 'next', { expiresAt: soon(), version })).toBeNull()
    await created(store, 'key')
  })

  test('a server that hangs is an error, and answers again after that', async () => {
    const { server, store } = await ownServer({ timeout: 200 })
    const version = await created(store, 'key')
    server.suspend()
    try {
      // It may answer once more, until the signal has stopped all its threads.
      await vi.waitUntil(
        () =>
          store
            .get('key')
            .then(() => false)
            .catch(() => true),
        { timeout: 10_000 },
      )
      await expect(store.get('key')).rejects.toThrow()
      await expect(store.create('late', 'value', { expiresAt: soon() })).rejects.toThrow()
    } finally {
      server.resume()
    }
    await vi.waitUntil(() => store.get('key').catch(() => null))
    expect(await store.get('key')).toEqual({ value: 'value', version })
  })

  test('what arrived before a connection broke is no part of the next answer', async () => {
    const item = (value: string) => {
      const data = JSON.stringify([soon(), value])
      return { cut: `HD c7\r\nVALUE session:key 0 ${data.length}\r\n${data}\r\n`, whole: 'END\r\n' }
    }
    const [broken, right] = [item('of another time'), item('right')]
    const store = await scripted(
      [broken.cut, null],
      [broken.cut.slice(0, 40), null],
      [right.cut + right.whole],
    )
    await expect(store.get('key')).rejects.toThrow()
    await expect(store.get('key')).rejects.toThrow()
    expect((await store.get('key'))?.value).toBe('right')
  })

  test('of two servers one is down: its keys reject, the keys of the other are served', async () => {
    const pair = await Promise.all([startMemcached(), startMemcached()])
    onTestFinished(async () => void (await Promise.all(pair.map((server) => server.kill()))))
    const { store } = storeOf(pair)
    const keys = Array.from({ length: 100 }, () => crypto.randomUUID())
    for (const key of keys) await created(store, key)
    await pair[0]?.kill()
    const results = await Promise.allSettled(keys.map((key) => store.get(key)))
    const served = results.filter(({ status }) => status === 'fulfilled')
    expect(served.length).toBeGreaterThan(0)
    expect(served.length).toBeLessThan(keys.length)
    for (const answer of served) expect(answer).toHaveProperty('value.value', 'value')
  })
})

describe('when memory is short', () => {
  const keys = Array.from({ length: 400 }, (_, i) => `key-${i}`)
  const value = 'v'.repeat(20_000)

  test('memcached evicts: a record is there as it was, or not at all', async () => {
    const { store } = await ownServer({}, ['-m', '2'])
    const versions = new Map<string, string>()
    for (const key of keys) versions.set(key, await created(store, key, value))
    const records = await Promise.all(keys.map((key) => store.get(key)))
    const evicted = keys.filter((_, i) => records[i] === null)
    expect(evicted.length).toBeGreaterThan(0)
    expect(evicted.length).toBeLessThan(keys.length)
    keys.forEach((key, i) => {
      if (records[i]) expect(records[i]).toEqual({ value, version: versions.get(key) })
    })
    const [key = ''] = evicted
    expect(await store.update(key, 'x', { expiresAt: soon(), version: versions.get(key) ?? '' })).toBeNull()
    expect(await store.get(key)).toBeNull()
  })

  test('without evictions a write that finds no room rejects', async () => {
    const { store } = await ownServer({}, ['-m', '2', '-M'])
    const results = await Promise.allSettled(keys.map((key) => created(store, key, value)))
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
  })

  test('there is no list, as an evicted entry would hide a live session', () => {
    const { store } = storeOf(servers)
    expect(store.capabilities).toEqual({ consistency: 'strong', atomicUpdate: true, index: false })
    expect(store).not.toHaveProperty('list')
  })

  test('a value over the limit of the server rejects', async () => {
    const { store } = storeOf(servers)
    const large = 'v'.repeat(2 ** 20)
    await expect(store.create('large', large, { expiresAt: soon() })).rejects.toThrow('too large')
    expect(await store.get('large')).toBeNull()
    await created(store, 'still answered')
  })
})

describe('expiry', () => {
  const DAY = 86_400

  test.each([
    ['a minute', 60],
    ['30 days', 30 * DAY],
    ['more than 30 days', 30 * DAY + 1],
    ['400 days', 400 * DAY],
  ])('memcached itself forgets a record of %s, a little late', async (_, seconds) => {
    const { client, store } = storeOf([servers[0] as Memcached])
    const key = crypto.randomUUID()
    await store.create(key, 'value', { expiresAt: Date.now() + seconds * 1000 })
    expect((await store.get(key))?.value).toBe('value')
    const [, left] = /^HD t(\d+)$/.exec(await client.nodes[0]?.command(`mg session:${key} t`)) ?? []
    expect(Number(left)).toBeGreaterThanOrEqual(seconds)
    expect(Number(left)).toBeLessThanOrEqual(seconds + 3)
  })

  test('a record beyond 2038 is kept, as far as memcached can count', async () => {
    const { store } = storeOf(servers)
    await created(store, 'far', 'value', Date.UTC(2100, 0, 1))
    expect((await store.get('far'))?.value).toBe('value')
    await store.delete('far')
  })

  test('of many that create what has just expired one wins', async () => {
    const clock = fakeClock()
    const { store, peer, close } = twoClients(clock)
    onTestFinished(async () => void (await close()))
    for (let round = 0; round < 10; round++) {
      const key = crypto.randomUUID()
      await store.create(key, 'old', { expiresAt: clock() + 1000 })
      clock.advance(1)
      const rivals = Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? store : peer).create(key, String(i), { expiresAt: clock() + 1000 }),
      )
      const versions = await Promise.all(rivals)
      expect(versions.filter((version) => version !== null)).toHaveLength(1)
      const winner = versions.findIndex((version) => version !== null)
      expect(await peer.get(key)).toEqual({ value: String(winner), version: versions[winner] })
    }
  })
})

describe('keys', () => {
  test('prefixes keep applications apart, and may be any string', async () => {
    const prefixes = ['one:', 'two:', 'one ', 'one_0020', '\n', '\ud800']
    const stores = prefixes.map((prefix) => storeOf(servers, { prefix }).store)
    for (const [i, store] of stores.entries()) await created(store, 'key', `of ${i}`)
    const records = await Promise.all(stores.map((store) => store.get('key')))
    expect(records.map((record) => record?.value)).toEqual(prefixes.map((_, i) => `of ${i}`))
  })

  test('250 bytes are a key; one more holds nothing, and create throws a RangeError', async () => {
    const { store } = storeOf(servers, { prefix: '' })
    const [longest, tooLong] = ['k'.repeat(250), 'k'.repeat(251)]
    const version = await created(store, longest)
    expect(await store.get(longest)).toEqual({ value: 'value', version })
    await expect(store.create(tooLong, 'value', { expiresAt: soon() })).rejects.toThrow(RangeError)
    await expect(store.update(tooLong, 'value', { expiresAt: soon(), version })).rejects.toThrow(RangeError)
    expect(await store.get(tooLong)).toBeNull()
    await store.delete(tooLong)
    expect(await store.get(longest)).toEqual({ value: 'value', version })
  })

  test('what others wrote under a key of the store is an error that does not quote it', async () => {
    const { client, store } = storeOf(servers)
    await client.set('session:foreign', 'somebody else wrote this')
    const error: Error = await store.get('foreign').then(
      () => expect.unreachable(),
      (reason) => reason,
    )
    expect(error.message).toContain('choose another prefix')
    expect(String(error.cause) + error.message).not.toContain('somebody')
  })
})

describe('round trips', () => {
  /** One letter for each command sent, another for each reply. */
  async function trace(run: (store: SessionStore) => Promise<unknown>): Promise<string> {
    const { client, store } = storeOf([servers[0] as Memcached])
    await store.get('connects')
    let events = ''
    const [node] = client.nodes
    if (node === undefined) throw new Error('The client has no server.')
    const command = node.command.bind(node)
    vi.spyOn(node, 'command').mockImplementation(async (...given) => {
      events += 's'
      return command(...given).finally(() => {
        events += 'r'
      })
    })
    await run(store)
    return events
  }

  test('every method takes one: all is sent before anything is answered', async () => {
    const key = crypto.randomUUID()
    const expiresAt = soon()
    expect(await trace((store) => store.get(key))).toBe('ssrr')
    expect(await trace((store) => store.getMany?.([key, 'a', 'b']) as Promise<unknown>)).toBe('ssssssrrrrrr')
    let version = ''
    expect(
      await trace(async (store) => (version = (await store.create(key, 'v', { expiresAt })) ?? '')),
    ).toBe('sr')
    expect(await trace((store) => store.update(key, 'w', { expiresAt, version }))).toBe('sr')
    expect(await trace((store) => store.delete(key, { version }))).toBe('sr')
    expect(await trace((store) => store.delete(key))).toBe('sr')
  })
})

describe('races', () => {
  test('increments of two clients all count', async () => {
    const { store, peer, close } = twoClients()
    onTestFinished(async () => void (await close()))
    const key = crypto.randomUUID()
    await created(store, key, '0')
    const increment = async (through: SessionStore): Promise<void> => {
      const record = await through.get(key)
      if (record === null) throw new Error('The record is gone.')
      const value = String(Number(record.value) + 1)
      const version = await through.update(key, value, { expiresAt: soon(), version: record.version })
      if (version === null) await increment(through)
    }
    await Promise.all(Array.from({ length: 40 }, (_, i) => increment(i % 2 ? store : peer)))
    expect((await store.get(key))?.value).toBe('40')
  })
})

describe('what cannot work is refused', () => {
  test('a server that keeps no versions', async () => {
    const { store } = await ownServer({}, ['--disable-cas'])
    await expect(store.create('key', 'value', { expiresAt: soon() })).rejects.toThrow('without --disable-cas')
  })

  test('a client that keeps a key on several servers, or has to speak the binary protocol', async () => {
    const broadcast = storeOf(servers, {}, { hash: new BroadcastHash() }).store
    await expect(broadcast.get('key')).rejects.toThrow(TypeError)
    const authenticated = storeOf(servers, {}, { sasl: { username: 'name', password: 'word' } }).store
    await expect(authenticated.get('key')).rejects.toThrow(TypeError)
  })
})

function storeOf(nodes: readonly Memcached[], options: MemcachedStoreOptions = {}, given: object = {}) {
  const client = new Memcache({ nodes: nodes.map(({ address }) => address), ...given })
  onTestFinished(() => client.disconnect())
  return { client, store: memcachedStore(client, options) }
}

async function ownServer(options: object = {}, flags: readonly string[] = []) {
  const server = await startMemcached(flags)
  onTestFinished(() => server.kill())
  return { server, store: storeOf([server], {}, options).store }
}

function twoClients(clock?: FakeClock) {
  const nodes = servers.map(({ address }) => address)
  const clients = [new Memcache({ nodes }), new Memcache({ nodes })] as const
  return {
    store: memcachedStore(clients[0], { clock }),
    peer: memcachedStore(clients[1], { clock }),
    close: () => Promise.all(clients.map((client) => client.disconnect())),
  }
}

/** A server that answers each connection's first commands so, and hangs up where the list says null. */
async function scripted(...connections: readonly (string | null)[][]): Promise<SessionStore> {
  const waiting = [...connections]
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const [answer = '', end] = waiting.shift() ?? []
    sockets.push(socket)
    socket.once('data', () => (end === null ? socket.end(answer ?? '') : socket.write(answer ?? '')))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const client = new Memcache({ nodes: [`127.0.0.1:${port}`], timeout: 1000 })
  onTestFinished(() => client.disconnect())
  return memcachedStore(client)
}

/** Milliseconds since the epoch. */
function soon(): number {
  return Date.now() + 60_000
}

async function created(
  store: SessionStore,
  key: string,
  value = 'value',
  expiresAt = soon(),
): Promise<string> {
  const version = await store.create(key, value, { expiresAt })
  if (version === null) throw new Error(`${key} is taken.`)
  return version
}
