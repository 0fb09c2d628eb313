/**
 * Records in memcached, through the npm package `memcache`.
 *
 * @module
 */

import type { SessionStore, StoreCapabilities } from '../store.ts'
import { checkClient } from './check-client.ts'
import { type MemcachedClient, memcachedCommands } from './memcached-commands.ts'
import { safeKey } from './safe-key.ts'

export type { MemcachedClient, MemcachedNode } from './memcached-commands.ts'

export interface MemcachedStoreOptions {
  /** In front of every key. @default 'session:' */
  readonly prefix?: string | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

/** A write: the server's number of it, and when what was written expires. */
interface Write {
  readonly cas: string
  readonly expiresAt: number
}

const CAPABILITIES: StoreCapabilities = { consistency: 'strong', atomicUpdate: true, index: false }

/** Bytes; and a key has no white space and no control characters. */
const MAX_KEY = 250
const UNSAFE = /[^a-zA-Z0-9.:-]/g

/** Seconds. Above it memcached takes a lifetime for a moment, in 32 bits of seconds since the epoch. */
const MAX_LIFETIME = 30 * 86_400
const MAX_MOMENT = 2 ** 31 - 1

/**
 * Keeps records in memcached 1.6 or later, by its own compare-and-set. Give it a client that nothing else uses.
 *
 * Memcached evicts: when memory is short any record may go, and its session with it. So there is no index, as an entry
 * that was evicted would hide a live session from "sign out everywhere"; and it is no place for `revocations`, as a mark
 * that was evicted would let in whom it had shut out. A server that is down is an error, never a miss. Do not add or
 * remove servers while they hold sessions: one that comes back still has what was deleted elsewhere. A value over the
 * server's limit (1 MB) is an error, and takes the record that it was to replace with it.
 *
 * @throws {RangeError} On writing, when a key becomes longer than the 250 bytes that memcached takes.
 */
export function memcachedStore(
  client: MemcachedClient,
  { prefix = 'session:', clock = Date.now }: MemcachedStoreOptions = {},
): SessionStore {
  checkClient('memcachedStore', 'a Memcache of memcache', client?.hash, 'getNodesByKey')
  const memcached = memcachedCommands(client)
  const nameOf = (key: string) => safeKey(prefix + key, UNSAFE)

  async function find(name: string) {
    const item = fits(name) ? await memcached.get(name) : null
    return item && { cas: item.cas, ...recordOf(item.data) }
  }

  async function read(key: string) {
    const record = await find(nameOf(key))
    return record && record.expiresAt > clock() ? { value: record.value, version: versionOf(record) } : null
  }

  async function write(name: string, value: string, expiresAt: number, condition: string) {
    if (!fits(name)) {
      throw new RangeError(`Memcached takes keys of at most ${MAX_KEY} bytes: this one has ${name.length}.`)
    }
    const data = JSON.stringify([expiresAt, value])
    const cas = await memcached.set(name, data, condition, lifetimeOf(expiresAt, clock()))
    return cas && versionOf({ cas, expiresAt })
  }

  return {
    capabilities: CAPABILITIES,
    get: read,
    // What goes to one server shares its connection, and so is one round trip.
    getMany: (keys) => Promise.all(keys.map(read)),
    async create(key, value, { expiresAt }) {
      const name = nameOf(key)
      const version = await write(name, value, expiresAt, 'ME')
      if (version !== null) return version
      // Memcached counts in seconds: what holds the key may have expired by the millisecond.
      const held = await find(name)
      if (held && held.expiresAt > clock()) return null
      return write(name, value, expiresAt, held ? `C${held.cas}` : 'ME')
    },
    async update(key, value, { expiresAt, version }) {
      const old = writeOf(version)
      return old && old.expiresAt > clock() ? write(nameOf(key), value, expiresAt, `C${old.cas}`) : null
    },
    async delete(key, { version } = {}) {
      const name = nameOf(key)
      const old = version === undefined ? undefined : writeOf(version)
      if (old !== null && fits(name)) await memcached.delete(name, old?.cas)
    },
  }
}

/** Safe names are ASCII. */
function fits(name: string): boolean {
  return name.length <= MAX_KEY
}

function recordOf(data: string): { expiresAt: number; value: string } {
  try {
    const [expiresAt, value] = JSON.parse(data) as [number, string]
    return { expiresAt, value }
  } catch {
    // Without the cause, whose message would show some of it.
    throw new Error(
      'Memcached has something under a key of this store that it did not write: choose another prefix.',
    )
  }
}

/** With the expiry, so that `update` need not read the record to know that it has expired. */
function versionOf({ cas, expiresAt }: Write): string {
  return `${expiresAt}:${cas}`
}

/** A number of 20 digits may not fit in the 64 bits of a cas, and no server has counted so far. */
function writeOf(version: string): Write | null {
  const [, expiresAt, cas] = /^([^:]+):([1-9]\d{0,18})$/.exec(version) ?? []
  return cas === undefined ? null : { cas, expiresAt: Number(expiresAt) }
}

/** In seconds, and two more than asked for at most, as memcached's own seconds may end early. */
function lifetimeOf(expiresAt: number, now: number): number {
  const seconds = Math.ceil(Math.max(expiresAt - now, 0) / 1000) + 1
  return seconds <= MAX_LIFETIME ? seconds : Math.min(Math.ceil(expiresAt / 1000) + 1, MAX_MOMENT)
}
