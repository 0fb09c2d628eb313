import { afterAll, beforeAll, describe } from 'vitest'
import { type RedisClient, redisStore } from 'wafer-session/stores/redis'
import { describeStore } from 'wafer-session/testing'

/** What ioredis calls `disconnect`, and node-redis `destroy`. */
type Closable = RedisClient & ({ disconnect(): unknown } | { connect(): unknown; destroy(): unknown })

/** The contract of `redisStore` through each kind of client, two of a kind. */
export function describeClients(kinds: Readonly<Record<string, () => Closable>>): void {
  // Side by side: what expires is waited for.
  describe.concurrent.each(Object.entries(kinds))('%s', (name, create) => {
    let clients: readonly [Closable, Closable]
    let tests = 0

    beforeAll(async () => {
      clients = [create(), create()]
      for (const client of clients) if ('destroy' in client) await client.connect()
    })

    afterAll(async () => {
      for (const client of clients) await ('destroy' in client ? client.destroy() : client.disconnect())
    })

    describeStore('redisStore', () => {
      const prefix = `${name} ${++tests}:`
      return { store: redisStore(clients[0], { prefix }), peer: redisStore(clients[1], { prefix }) }
    })
  })
}
