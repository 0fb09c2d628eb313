/**
 * Records in Redis 6.2 or later, or Valkey, over TCP.
 *
 * @module
 */
import type { SessionStore } from '../store.ts'
import { type Evaluate, scriptedStore } from './scripted-store.ts'

/** The part of ioredis that the store uses: of `Redis`, also behind Sentinel, and of `Cluster`. */
export interface IORedisClient {
  call(...args: [command: string, ...args: string[]]): Promise<unknown>
  readonly isCluster?: boolean
  readonly options?: object
}

/** The part of node-redis that the store uses: of a client, a pool, a sentinel and a cluster. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** The part of Bun's `RedisClient` that the store uses. */
export interface BunRedisClient {
  send(command: string, args: string[]): Promise<unknown>
}

export type RedisClient = IORedisClient | NodeRedisClient | BunRedisClient

export interface RedisStoreOptions {
  /** What every key in Redis begins with. @default 'session:' */
  readonly prefix?: string | undefined
}

/**
 * Keeps records in Redis, through the client of the application: ioredis, node-redis or Bun's own.
 *
 * Every call is one script on the primary, one round trip, whatever the client is told about reading from replicas. Only
 * on a cluster, where a record and its tags live apart, do more scripts run: one for each tag before a write, one for
 * each record of a list. Redis forgets by its own clock what has expired.
 *
 * Redis copies to its replicas after it has answered. What a primary acknowledged and had not copied when it failed is
 * lost, a sign-out too; `min-replicas-to-write` bounds it, nothing in Redis rules it out. It must not evict either
 * (`maxmemory-policy noeviction`): an evicted tag hides live sessions from `list`.
 *
 * @throws {TypeError} When the client is none of the three, or reads from replicas only.
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 */
export function redisStore(
  client: RedisClient,
  { prefix = 'session:' }: RedisStoreOptions = {},
): Required<SessionStore> {
  const evaluate = evaluator(client)
  const index = isCluster(client) ? 'ordered' : 'atomic'
  return scriptedStore(evaluate, { prefix, index, consistency: 'strong' })
}

function evaluator(client: RedisClient): Evaluate {
  if (Object(client) !== client) throw noClient()
  if ('call' in client) {
    refuseReplica(client)
    return (command, script, keys, args) => client.call(command, script, ...counted(keys), ...args)
  }
  if ('evalSha' in client) {
    return (command, script, keys, args) =>
      command === 'EVAL'
        ? client.eval(script, { keys, arguments: args })
        : client.evalSha(script, { keys, arguments: args })
  }
  if ('send' in client) {
    return (command, script, keys, args) => client.send(command, [script, ...counted(keys), ...args])
  }
  throw noClient()
}

function noClient(): TypeError {
  return new TypeError(
    'redisStore wants a client of ioredis or node-redis, or a RedisClient of Bun: this one has neither call, evalSha nor send.',
  )
}

function refuseReplica({ options }: IORedisClient): void {
  const { role } = (options ?? {}) as { readonly role?: unknown }
  if (role !== 'slave') return
  throw new TypeError(`redisStore cannot write to a replica: leave out role: 'slave', or make it 'master'.`)
}

function counted(keys: readonly string[]): string[] {
  return [String(keys.length), ...keys]
}

function isCluster(client: RedisClient): boolean {
  return ('isCluster' in client && client.isCluster === true) || 'slots' in client
}
