import type { SessionStore } from 'wafer-session'
import { type KVBinding, kvStore } from 'wafer-session/stores/cloudflare-kv'
import {
  durableObjectStore,
  SessionObject,
  type SessionObjectNamespace,
} from 'wafer-session/stores/durable-object'

export { SessionObject }

/** A question to a store. */
export interface StoreCall {
  readonly store: 'kv' | 'objects'
  readonly member: keyof SessionStore
  readonly args: readonly unknown[]
  /** What the clock of the caller shows, in milliseconds since the epoch. */
  readonly now: number
}

interface Env {
  readonly KV: KVBinding
  readonly SESSIONS: SessionObjectNamespace
}

/** A Worker that gives from outside what its store gives inside. */
export default {
  async fetch(request: Request, { KV, SESSIONS }: Env): Promise<Response> {
    const { store: kind, member, args, now } = (await request.json()) as StoreCall
    const store = kind === 'kv' ? kvStore(KV, { clock: () => now }) : durableObjectStore(SESSIONS)
    if (member === 'capabilities') return Response.json(store.capabilities)
    const method = store[member] as (...args: readonly unknown[]) => Promise<unknown>
    try {
      return Response.json((await method(...args)) ?? null)
    } catch (error) {
      return new Response(String(error), { status: 500 })
    }
  },
}
