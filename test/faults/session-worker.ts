import type { KVBinding } from 'wafer-session/stores/cloudflare-kv'
import { kvStore } from 'wafer-session/stores/cloudflare-kv'
import {
  durableObjectStore,
  SessionObject,
  type SessionObjectNamespace,
} from 'wafer-session/stores/durable-object'
import { faultSite } from './site.ts'

export { SessionObject }

export type Mode = 'kv' | 'durable-object'

export interface Env {
  readonly SECRET: string
  readonly KV: KVBinding
  readonly SESSIONS: SessionObjectNamespace
}

/** Sessions in both: `/kv` has its own, and all else is in Durable Objects. */
export default faultSite((c) => {
  const { SECRET, KV, SESSIONS } = c.env as Env
  return { secret: SECRET, store: c.req.path === '/kv' ? kvStore(KV) : durableObjectStore(SESSIONS) }
})
