import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { redisStore } from '../../src/stores/redis.ts'
import { redisServer } from '../../test/support/redis-server.ts'
import type { AtRest } from './at-rest.ts'

const RECORDS = 20_000
const IN_FLIGHT = 128

/** Of one redis-server, over one connection. */
export interface RedisShard {
  /** Microseconds of a processor for each call. */
  readonly create: number
  readonly read: number
  readonly write: number
  /** Of marks, two that are not there. */
  readonly check: number
  /** Bytes that it holds for a session, with the list of its user, and for a mark. */
  readonly session: number
  readonly mark: number
}

/** The server tells its own time and memory, so that a slow client does not count. */
export async function redisShard({ record }: AtRest): Promise<RedisShard> {
  const { url, admin, stop } = await redisServer()
  const client = new Redis(url)
  try {
    const store = redisStore(client)
    const expiresAt = Date.now() + 86_400_000
    const names = Array.from({ length: RECORDS }, () => handle())
    const tags = names.map(() => [handle()])
    const versions: string[] = []
    const spent = (call: (at: number) => Promise<unknown>) => processorTime(admin, () => inTurns(call))
    const grown = (call: (at: number) => Promise<unknown>) => memory(admin, () => inTurns(call))
    let create = 0
    const session = await memory(admin, async () => {
      create = await spent(async (at) => {
        const options = { expiresAt, tags: tags[at] ?? [] }
        versions[at] = (await store.create(names[at] ?? '', record.value, options)) ?? ''
      })
    })
    const read = await spent((at) => store.get(names[at] ?? ''))
    const write = await spent((at) => {
      const options = { expiresAt, tags: tags[at] ?? [], version: versions[at] ?? '' }
      return store.update(names[at] ?? '', record.value, options)
    })
    const check = await spent((at) => store.getMany([`${names[at]}-`, `${tags[at]}-`]))
    const mark = await grown(() => store.create(handle(), String(Number.MAX_SAFE_INTEGER), { expiresAt }))
    return { create, read, write, check, session, mark }
  } finally {
    client.disconnect()
    await stop()
  }
}

/** As long as a handle or a tag is. */
function handle(): string {
  return randomUUID().replaceAll('-', '').slice(0, 22)
}

async function inTurns(call: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0
  async function worker(): Promise<void> {
    while (next < RECORDS) await call(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
}

async function processorTime(admin: Redis, work: () => Promise<void>): Promise<number> {
  const used = async () => (await field(admin, 'used_cpu_user')) + (await field(admin, 'used_cpu_sys'))
  const before = await used()
  await work()
  return (((await used()) - before) * 1e6) / RECORDS
}

async function memory(admin: Redis, work: () => Promise<void>): Promise<number> {
  const before = await field(admin, 'used_memory')
  await work()
  return ((await field(admin, 'used_memory')) - before) / RECORDS
}

async function field(admin: Redis, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(await admin.info())?.[1])
}
