import { kvStore } from 'wafer-session/stores/cloudflare-kv'
import { durableObjectStore, SessionObject } from 'wafer-session/stores/durable-object'

// Cloudflare's own types fit the stores, as `wrangler types` writes them for a Worker.

export { SessionObject }

export class OwnObject extends SessionObject {}

interface Env {
  KV: KVNamespace
  SESSIONS: DurableObjectNamespace<SessionObject>
  OWN: DurableObjectNamespace<OwnObject>
  UNTYPED: DurableObjectNamespace
}

export default {
  async fetch(_, { KV, SESSIONS, OWN, UNTYPED }) {
    const stores = [kvStore(KV), kvStore(KV, { prefix: 'other:' }), durableObjectStore(SESSIONS)]
    stores.push(durableObjectStore(SESSIONS.jurisdiction('eu')), durableObjectStore(OWN))
    // @ts-expect-error Nothing says that its objects are sessions.
    stores.push(durableObjectStore(UNTYPED))
    return Response.json(stores.map(({ capabilities }) => capabilities))
  },
} satisfies ExportedHandler<Env>
