import { env } from 'cloudflare:workers'
import { kvStore } from 'wafer-session/stores/cloudflare-kv'
import { durableObjectStore } from 'wafer-session/stores/durable-object'
import { describeSessionsIn } from '../support/store-rows.ts'

describeSessionsIn('kvStore', { strong: false, atomic: false, list: true }, (clock) =>
  kvStore(env.KV, { clock }),
)

describeSessionsIn('durableObjectStore', { strong: true, atomic: true, list: true }, () =>
  durableObjectStore(env.SESSIONS),
)
