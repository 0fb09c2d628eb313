import type { KVBinding } from '../../src/stores/cloudflare-kv.ts'
import type { KeyValue } from '../peers/peer.ts'
import type { Calls } from './calls.ts'

/** Keeps values in memory until they expire, and counts. */
export function keyValue(calls: Calls): KeyValue {
  const entries = new Map<string, { value: string; expiresAt: number }>()
  const find = (key: string) => {
    const entry = entries.get(key)
    return entry && entry.expiresAt > Date.now() ? entry : undefined
  }
  const expiry = (seconds: number) => Date.now() + seconds * 1000
  return {
    async get(key) {
      calls.reads += 1
      return find(key)?.value ?? null
    },
    async set(key, value, seconds) {
      calls.writes += 1
      entries.set(key, { value, expiresAt: expiry(seconds) })
    },
    async touch(key, seconds) {
      calls.writes += 1
      const entry = find(key)
      if (entry) entry.expiresAt = expiry(seconds)
    },
    async delete(key) {
      calls.writes += 1
      entries.delete(key)
    },
  }
}

/** The same as Workers KV; a list costs what a write does, and a key of a bulk read what a read does. */
export function kvBinding(calls: Calls): KVBinding {
  const store = keyValue(calls)
  const names = new Set<string>()
  async function get(key: string): Promise<string | null>
  async function get(keys: string[]): Promise<Map<string, string | null>>
  async function get(keys: string | string[]) {
    if (typeof keys === 'string') return store.get(keys)
    return new Map(await Promise.all(keys.map(async (key) => [key, await store.get(key)] as const)))
  }
  return {
    get,
    async put(key, value, { expirationTtl }) {
      names.add(key)
      await store.set(key, value, expirationTtl)
    },
    async delete(key) {
      names.delete(key)
      await store.delete(key)
    },
    async list({ prefix }) {
      calls.writes += 1
      const keys = [...names].filter((name) => name.startsWith(prefix)).map((name) => ({ name }))
      return { keys, list_complete: true }
    },
  }
}
