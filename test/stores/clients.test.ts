import { expect, test } from 'vitest'
import { kvStore } from 'wafer-session/stores/cloudflare-kv'
import { memcachedStore } from 'wafer-session/stores/memcached'
import { redisStore } from 'wafer-session/stores/redis'
import { unstorageStore } from 'wafer-session/stores/unstorage'
import { upstashStore } from 'wafer-session/stores/upstash'

/** What a misspelt binding, or something that is no client, looks like. */
const NO_CLIENTS = [undefined, null, 'redis://127.0.0.1', {}, { get: 'no function' }]

const STORES: Record<string, (client: never) => unknown> = {
  kvStore,
  memcachedStore,
  redisStore,
  unstorageStore,
  upstashStore,
}

test.each(Object.entries(STORES))(
  '%s says at once what it wants when it is given something else',
  (name, store) => {
    for (const client of NO_CLIENTS) {
      expect(() => store(client as never)).toThrow(TypeError)
      expect(() => store(client as never)).toThrow(new RegExp(`^${name} wants a|^${name} wants the`))
    }
  },
)
