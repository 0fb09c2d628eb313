/**
 * Records in Upstash Redis, or any server that speaks its REST protocol, over HTTP.
 *
 * @module
 */

import type { SessionStore } from '../store.ts'
import { checkClient } from './check-client.ts'
import { type Evaluate, scriptedStore } from './scripted-store.ts'

/** The part of the `Redis` of `@upstash/redis` that the store uses. */
export interface UpstashRedis {
  evalsha(sha: string, keys: string[], args: string[]): Promise<unknown>
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
  mget(...keys: string[]): Promise<unknown>
}

export interface UpstashStoreOptions {
  /** What every key in Redis begins with. @default 'session:' */
  readonly prefix?: string | undefined
  /**
   * Where records are read. `primary`: where they are written, so that a sign-out holds everywhere at once. `nearest`:
   * in the closest region, as old as its copy is. Only a database with read regions knows the difference.
   *
   * @default 'primary'
   */
  readonly reads?: 'primary' | 'nearest' | undefined
}

/**
 * Keeps records in Upstash Redis. Every call is one request, also a list and a write under a condition.
 *
 * Upstash answers GET and MGET in any region, with what has arrived there; its read-your-writes token only covers what
 * the same client wrote, and each isolate has a client of its own. A script that may write runs in the primary region, so
 * records are read by one, and the store is `strong`. With `reads: 'nearest'` they are read by MGET, and no bound is
 * given for their age; writes and `list` are as with `primary`.
 *
 * Upstash copies to its replicas after it has answered: what was not copied when the primary failed may be lost, a
 * sign-out too. The database must not evict: an evicted tag hides live sessions from `list`.
 *
 * @throws {TypeError} When `reads` is neither of the two.
 * @see https://upstash.com/docs/redis/features/consistency
 * @see https://upstash.com/docs/redis/features/globaldatabase
 */
export function upstashStore(
  redis: UpstashRedis,
  { prefix = 'session:', reads = 'primary' }: UpstashStoreOptions = {},
): Required<SessionStore> {
  checkClient('upstashStore', 'a Redis of @upstash/redis', redis, 'evalsha')
  if (reads !== 'primary' && reads !== 'nearest') {
    throw new TypeError(`reads must be 'primary' or 'nearest': current value is ${String(reads)}.`)
  }
  const evaluate: Evaluate = (command, script, keys, args) =>
    command === 'EVAL' ? redis.eval(script, keys, args) : redis.evalsha(script, keys, args)
  if (reads === 'primary') {
    return scriptedStore(evaluate, { prefix, index: 'atomic', consistency: 'strong' })
  }
  return scriptedStore(evaluate, {
    prefix,
    index: 'atomic',
    consistency: { staleFor: Number.POSITIVE_INFINITY },
    read: (keys) => redis.mget(...keys),
  })
}
