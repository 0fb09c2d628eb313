import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStorage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs'
import fsLiteDriver from 'unstorage/drivers/fs-lite'
import redisDriver from 'unstorage/drivers/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SessionStore } from 'wafer-session'
import { unstorageStore } from 'wafer-session/stores/unstorage'
import { describeStore, fakeClock } from 'wafer-session/testing'
import { type RedisServer, redisServer } from '../support/redis-server.ts'

const base = mkdtempSync(join(tmpdir(), 'wafer-unstorage-'))
let server: RedisServer

beforeAll(async () => {
  server = await redisServer()
})

afterAll(async () => {
  rmSync(base, { recursive: true, force: true })
  await server.stop()
})

describeStore('unstorageStore over fs', () => {
  const clock = fakeClock()
  const [store, peer] = [fsDriver, fsDriver].map((driver) =>
    unstorageStore(createStorage({ driver: driver({ base }) }), { clock }),
  ) as [SessionStore, SessionStore]
  return { store, peer, advance: clock.advance, now: clock }
})

describeStore('unstorageStore over fs-lite by the clock on the wall', () =>
  unstorageStore(createStorage({ driver: fsLiteDriver({ base: join(base, 'lite') }) })),
)

describeStore('unstorageStore over redis', () => {
  const clock = fakeClock()
  const storages = [1, 2].map(() => createStorage({ driver: redisDriver({ url: server.url, base: 'app' }) }))
  const [store, peer] = storages.map((storage) =>
    unstorageStore(storage, { clock, consistency: 'strong' }),
  ) as [SessionStore, SessionStore]
  return {
    store,
    peer,
    advance: clock.advance,
    now: clock,
    close: () => Promise.all(storages.map((storage) => storage.dispose())),
  }
})

describe('over fs', () => {
  const long = 'long '.repeat(10_000)

  test('readers never see a part of what is written at the same time', async () => {
    const storage = () => createStorage({ driver: fsDriver({ base: join(base, 'torn') }) })
    const [writer, reader] = [unstorageStore(storage()), unstorageStore(storage())]
    const expiresAt = Date.now() + 60_000
    let version = (await writer.create('key', long, { expiresAt })) ?? ''
    let writing = true
    const writes = async () => {
      for (let i = 0; i < 100; i++) {
        version = (await writer.update('key', i % 2 ? long : 'short', { expiresAt, version })) ?? ''
        for (let pause = 0; pause < 5; pause++) await writer.get('key')
      }
      writing = false
    }
    const reads = async () => {
      while (writing) expect([long, 'short']).toContain((await reader.get('key'))?.value)
    }
    await Promise.all([writes(), reads(), reads()])
    expect((await reader.get('key'))?.version).toBe(version)
  })

  test('of several who write one file one stays, whole', async () => {
    const storage = () => createStorage({ driver: fsDriver({ base: join(base, 'together') }) })
    const stores = [1, 2, 3, 4].map(() => unstorageStore(storage()))
    const expiresAt = Date.now() + 60_000
    for (let round = 0; round < 50; round++) {
      const values = stores.map((_, i) => `${i}`.repeat(10 ** i))
      const key = `key${round}`
      await Promise.all(stores.map((store, i) => store.create(key, String(values[i]), { expiresAt })))
      expect(values).toContain((await stores[0]?.get(key))?.value)
    }
  })
})

describe('over redis', () => {
  test('redis itself forgets records and the index', async () => {
    const storage = createStorage({ driver: redisDriver({ url: server.url, base: 'ttl' }) })
    const store = unstorageStore(storage)
    await store.create('key', 'value', { expiresAt: Date.now() + 59_500, tags: ['tag'] })
    const names = await server.admin.keys('ttl:*')
    expect(names).toHaveLength(2)
    for (const name of names) expect(await server.admin.ttl(name)).toBeGreaterThanOrEqual(59)
    for (const name of names) expect(await server.admin.ttl(name)).toBeLessThanOrEqual(60)
    await storage.dispose()
  })

  test('a server that is down is an error, not a miss', async () => {
    const own = await redisServer()
    const storage = createStorage({
      driver: redisDriver({ url: own.url, maxRetriesPerRequest: 0, retryStrategy: () => null }),
    })
    const store = unstorageStore(storage, { consistency: 'strong' })
    const expiresAt = Date.now() + 60_000
    await store.create('key', 'value', { expiresAt, tags: ['tag'] })
    await own.kill()
    await expect(store.get('key')).rejects.toThrow()
    await expect(store.getMany?.(['key'])).rejects.toThrow()
    await expect(store.create('other', 'value', { expiresAt })).rejects.toThrow()
    await expect(store.delete('key')).rejects.toThrow()
    await expect(store.list?.('tag')).rejects.toThrow()
  })
})
