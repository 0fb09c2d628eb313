import { createClient } from 'redis'
import { redisStore } from '../../src/stores/redis.ts'
import type { CreateApp } from './peer.ts'
import { waferApp } from './wafer-session.ts'

const createApp: CreateApp = async ({ redis = '', ...setting }) => {
  const client = createClient({ url: redis })
  await client.connect()
  return waferApp({ store: redisStore(client) })(setting)
}

export default createApp
