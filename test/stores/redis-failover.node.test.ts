import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { SessionStore, StoredValue } from 'wafer-session'
import { redisStore } from 'wafer-session/stores/redis'
import { type RedisReplicas, redisReplicas } from '../support/redis-replicas.ts'
import { HOST, redisServer } from '../support/redis-server.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'

/** What its only writer knows of a record. */
interface Page {
  readonly key: string
  /** Every version that was acknowledged, with its number. */
  readonly versions: Map<string, number>
  acknowledged: number
  sent: number
}

const PAGES = 40
const LIVE = 'live'
const ENDED = 'ended'

test('redisStore goes on when the primary is killed: whole records only, and no old version wins', async () => {
  const replicas = await redisReplicas()
  onTestFinished(() => replicas.stop())
  const store = redisStore(connected(replicas))
  const load = startLoad(store)

  await vi.waitUntil(() => load.writes > 2000, { timeout: 20_000 })
  expect([load.errors, load.faults, load.lost]).toEqual([[], [], 0])
  const ended = load.ended.length
  await replicas.primary.kill()
  load.primaryIsDead = true
  const [killedAt, before] = [Date.now(), load.writes]
  await vi.waitUntil(() => load.errors.length > 0 || load.writes > before + 2000, { timeout: 20_000 })
  await vi.waitUntil(() => load.servedAgain !== undefined && load.writes > before + 2000, { timeout: 20_000 })
  await load.stop()

  expect(load.faults).toEqual([])
  for (const error of load.errors) expect(error).toBeInstanceOf(Error)
  const records = await Promise.all(load.pages.map(({ key }) => store.get(key)))
  const alive = load.pages.filter((_, i) => records[i] !== null).map(({ key }) => key)
  expect((await store.list(LIVE)).toSorted()).toEqual(alive.toSorted())
  const kept = await Promise.all(load.ended.map((key) => store.get(key)))
  const undone = load.ended.filter((_, i) => kept[i] !== null)
  expect(await store.list(ENDED)).toEqual(expect.arrayContaining(undone))
  console.log(
    `failover: ${load.lost} of ${before} acknowledged writes lost, ${undone.length} of ${ended} sign-outs undone,`,
    `${load.errors.length} calls failed, writing again after ${(load.servedAgain ?? 0) - killedAt} ms`,
  )
}, 60_000)

test('what the primary had not copied is lost with it: a sign-out is undone, and an old version is there again', async () => {
  const primary = await redisServer('--repl-diskless-sync-delay', '0')
  const line = await tcpProxy(primary.port)
  const replica = await redisServer('--replicaof', `${HOST} ${line.port}`)
  onTestFinished(async () => {
    line.stop()
    await Promise.all([primary.stop(), replica.stop()])
  })
  await vi.waitUntil(async () => (await primary.admin.info('replication')).includes('state=online'), {
    timeout: 20_000,
  })
  const old = redisStore(primary.admin)
  const ended = await old.create('ended', 'value', { expiresAt: soon(), tags: [LIVE] })
  const first = (await old.create('changed', 'first', { expiresAt: soon() })) ?? ''
  await primary.admin.wait(1, 5000)

  line.holdAnswers()
  await old.delete('ended')
  const second = await old.update('changed', 'second', { expiresAt: soon(), version: first })
  await old.create('new', 'value', { expiresAt: soon(), tags: [LIVE] })
  expect(second).not.toBeNull()
  await primary.kill()
  await replica.admin.replicaof('NO', 'ONE')

  const store = redisStore(replica.admin)
  expect(await store.getMany(['ended', 'changed', 'new'])).toEqual([
    { value: 'value', version: ended },
    { value: 'first', version: first },
    null,
  ])
  expect(await store.list(LIVE)).toEqual(['ended'])
  expect(await store.update('changed', 'lost', { expiresAt: soon(), version: second ?? '' })).toBeNull()
  expect(await store.update('changed', 'third', { expiresAt: soon(), version: first })).not.toBeNull()
})

function connected({ name, sentinels }: RedisReplicas): Redis {
  const soon = () => 50
  const retrying = { retryStrategy: soon, sentinelRetryStrategy: soon, reconnectOnError: () => false }
  const client = new Redis({ name, sentinels: [...sentinels], ...retrying, commandTimeout: 1000 })
  client.on('error', () => {})
  onTestFinished(() => client.disconnect())
  return client
}

/** Each page has a writer that turns it again and again; beside them sessions are created and ended. */
function startLoad(store: SessionStore) {
  const load = {
    pages: Array.from({ length: PAGES }, (_, i) => newPage(`page ${i}`)),
    ended: [] as string[],
    errors: [] as unknown[],
    faults: [] as string[],
    lost: 0,
    writes: 0,
    primaryIsDead: false,
    servedAgain: undefined as number | undefined,
    async stop() {
      running = false
      await Promise.all(loops)
    },
  }
  let running = true
  const repeating = async (step: () => Promise<void>) => {
    while (running) await step().catch((error) => load.errors.push(error))
  }

  async function turn(page: Page): Promise<void> {
    const record = await store.get(page.key)
    const n = record === null ? 0 : Number(record.value.split(' ')[2])
    if (record !== null && record.value !== textOf(page.key, n)) load.faults.push(`${page.key} is not whole`)
    if (n > page.sent) load.faults.push(`${page.key}: ${n} was never written`)
    if (n < page.acknowledged) load.lost += page.acknowledged - n
    page.acknowledged = n
    await overtake(page, record)
    const version = await write(page, record)
    if (version === null) return
    page.versions.set(version, page.sent)
    page.acknowledged = page.sent
    load.writes++
    if (load.primaryIsDead) load.servedAgain ??= Date.now()
  }

  function write(page: Page, record: StoredValue | null): Promise<string | null> {
    const value = textOf(page.key, ++page.sent)
    if (record === null) return store.create(page.key, value, { expiresAt: soon(), tags: [LIVE] })
    return store.update(page.key, value, { expiresAt: soon(), version: record.version })
  }

  /** What another request may try that read the page a while ago. */
  async function overtake(page: Page, record: StoredValue | null): Promise<void> {
    const old = [...page.versions.keys()].at(-2)
    if (old === undefined || old === record?.version) return
    const won = await store.update(page.key, 'overtaken', { expiresAt: soon(), version: old })
    if (won !== null) load.faults.push(`${page.key}: an old version won`)
  }

  async function signInAndOut(): Promise<void> {
    const key = crypto.randomUUID()
    const version = await store.create(key, 'value', { expiresAt: soon(), tags: [ENDED] })
    if (version === null) load.faults.push('a new key was taken')
    await store.delete(key)
    load.ended.push(key)
  }

  const loops = [...load.pages.map((page) => repeating(() => turn(page))), repeating(signInAndOut)]
  return load
}

function newPage(key: string): Page {
  return { key, versions: new Map(), acknowledged: 0, sent: 0 }
}

/** Its number stands on both ends. */
function textOf(key: string, n: number): string {
  return `${key} ${n} ${'.'.repeat(2000)} ${n}`
}

/** Milliseconds since the epoch. */
function soon(): number {
  return Date.now() + 600_000
}
