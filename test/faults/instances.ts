import { Redis as UpstashRedis } from '@upstash/redis'
import { Redis, type RedisOptions } from 'ioredis'
import { createClient } from 'redis'
import {
  createSessionManager,
  type SessionEvent,
  type SessionManager,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { redisStore } from 'wafer-session/stores/redis'
import { upstashStore } from 'wafer-session/stores/upstash'
import { HOST } from '../support/redis-server.ts'
import { upstashBridge } from '../support/upstash-bridge.ts'
import { faultSite, type Kept } from './site.ts'
import type { Send } from './user.ts'

/** A way to reach Redis. */
interface Connection {
  readonly store: SessionStore
  close(): unknown
}

/** One process of the application. */
export interface Instance {
  readonly manager: SessionManager<Kept>
  readonly events: SessionEvent[]
  readonly send: Send
  close(): Promise<void>
}

/** The clients as they come, and told to hold nothing back while Redis is away. */
export const CLIENTS = {
  ioredis: (port) => ioredis(port),
  'ioredis without a queue': (port) => ioredis(port, { enableOfflineQueue: false }),
  'node-redis': (port) => nodeRedis(port, false),
  'node-redis without a queue': (port) => nodeRedis(port, true),
  '@upstash/redis': upstash,
} satisfies Record<string, (port: number) => Promise<Connection>>

export type ClientName = keyof typeof CLIENTS

export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[]

type InstanceOptions = Pick<SessionManagerOptions<Kept>, 'secret'> &
  Partial<SessionManagerOptions<Kept>> & {
    /** Runs when the handler is done and nothing is written yet. */
    readonly beforeAnswer?: () => unknown
  }

/** @param port Of a Redis. */
export async function startInstance(
  client: ClientName,
  port: number,
  { beforeAnswer, ...options }: InstanceOptions,
): Promise<Instance> {
  const { store, close } = await CLIENTS[client](port)
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => events.push(event)
  const manager = createSessionManager<Kept>({ store, onEvent, ...options })
  const site = faultSite(manager, beforeAnswer)
  return {
    manager,
    events,
    send: async (request) => site.fetch(request),
    close: async () => void (await close()),
  }
}

async function ioredis(port: number, options: RedisOptions = {}): Promise<Connection> {
  const client = await readyRedis(port, options)
  return { store: redisStore(client), close: () => client.disconnect() }
}

async function readyRedis(port: number, options: RedisOptions): Promise<Redis> {
  const client = new Redis({ host: HOST, port, lazyConnect: true, ...options })
  client.on('error', () => {})
  await client.connect()
  return client
}

async function nodeRedis(port: number, disableOfflineQueue: boolean): Promise<Connection> {
  const client = createClient({ url: `redis://${HOST}:${port}`, disableOfflineQueue })
  client.on('error', () => {})
  await client.connect()
  return { store: redisStore(client), close: () => client.destroy() }
}

/** A REST server in front that gives up at once when Redis is away. */
async function upstash(port: number): Promise<Connection> {
  const redis = await readyRedis(port, { enableOfflineQueue: false })
  const { url, token, stop } = await upstashBridge(redis)
  return {
    store: upstashStore(new UpstashRedis({ url, token, enableTelemetry: false })),
    async close() {
      redis.disconnect()
      await stop()
    },
  }
}
