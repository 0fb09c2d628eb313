import { PRICES } from '../prices.ts'
import { rounded, type Table } from '../table.ts'
import type { AtRest } from './at-rest.ts'
import type { RedisShard } from './redis-shard.ts'
import { REQUESTS_PER_SECOND, type Traffic, USERS } from './traffic.ts'

/**
 * Bytes of a Durable Object that holds next to nothing: Cloudflare's "approximately 12 KB" for an empty database.
 *
 * @see https://developers.cloudflare.com/durable-objects/reference/faq/
 */
const EMPTY_OBJECT = 12_000

export function storageTable({ record, kvSession }: AtRest, shard: RedisShard): Table {
  const objects = 2 * (EMPTY_OBJECT + record.value.length)
  const rows: [string, number, number][] = [
    ['the record itself, sealed, base64url', record.value.length, Number.NaN],
    ['KV: record and entry of the list', kvSession, PRICES.kv.gigabyte],
    ['Durable Objects: one for it, one for its user', objects, PRICES.durableObject.gigabyte],
    ['Redis: record and list of its user', shard.session, Number.NaN],
  ]
  return {
    title: `At rest, ${USERS.toLocaleString('en')} sessions with 133 bytes of data, each of another user`,
    columns: ['', 'bytes each', 'GB', '$ a month'],
    rows: rows.map(([title, bytes, price]) => {
      const gigabytes = (bytes * USERS) / 1e9
      const dollars = gigabytes * price
      return [title, Math.round(bytes), rounded(gigabytes), Number.isNaN(dollars) ? '-' : rounded(dollars)]
    }),
  }
}

/** Half of a processor is left for what comes at once. */
const BUSY = 0.5

export function shardTable(shard: RedisShard, measured: ReadonlyMap<string, Traffic>): Table {
  const stored = measured.get('stored in Upstash') as Traffic
  const marked = measured.get('marks in Upstash, 60 s') as Traffic
  const calls = {
    'new session': shard.create,
    read: shard.read,
    write: shard.write,
    'check of two marks': shard.check,
  }
  return {
    title: 'One redis-server, a connection with 128 calls in flight',
    columns: ['', 'processor us', 'calls/s of one core'],
    rows: Object.entries(calls).map(([title, time]) => [title, rounded(time), Math.round(1e6 / time)]),
    notes: [
      shards('Sessions in Redis', stored.reads * shard.read + stored.writes * shard.write),
      shards('Marks every minute', marked.reads * shard.check),
    ],
  }
}

/** @param time Of a processor for a request on average, in microseconds. */
function shards(title: string, time: number): string {
  const perSecond = (BUSY * 1e6) / time
  const [some, all] = [perSecond, REQUESTS_PER_SECOND].map((rate) => Math.round(rate).toLocaleString('en'))
  return `${title}: half of a core serves ${some} requests/s; ${all} want ${Math.ceil(REQUESTS_PER_SECOND / perSecond)} shards.`
}
