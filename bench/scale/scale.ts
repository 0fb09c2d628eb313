import type { RuntimeName } from '../requests/request-times.ts'
import type { Table } from '../table.ts'
import { atRest } from './at-rest.ts'
import { type DerivationTimes, derivationTable, derivationTimes } from './derivation-times.ts'
import { isolates } from './isolates.ts'
import { marksTable } from './marks.ts'
import { redisShard } from './redis-shard.ts'
import { MAX_SEALS_PER_SECOND, sealBound } from './seal-bound.ts'
import { shardTable, storageTable } from './storage.ts'
import { REQUESTS_PER_SECOND, traffic, trafficTable } from './traffic.ts'

/** The figures of docs/scale.md. @param runtimes Whose derivations are timed. */
export async function scale(runtimes: readonly RuntimeName[]): Promise<Table[]> {
  const times = new Map<RuntimeName, DerivationTimes>()
  for (const runtime of runtimes) times.set(runtime, await derivationTimes(runtime))
  const measured = await traffic()
  const sealed = (title: string) => (measured.get(title)?.cookies ?? Number.NaN) * REQUESTS_PER_SECOND
  const found = await atRest()
  const shard = await redisShard(found)
  const [first] = times // workerd, unless the command line names others.
  return [
    sealBound({
      'a thousand seals a second': 1000,
      'a million requests, sealed, mostly read': sealed('sealed'),
      'the same with marks every minute': sealed('marks in KV, 60 s'),
      'a million requests, each writes': REQUESTS_PER_SECOND,
      'the bound': MAX_SEALS_PER_SECOND,
    }),
    derivationTable(times),
    ...(first ? [isolates(...first)] : []),
    trafficTable(measured),
    storageTable(found, shard),
    shardTable(shard, measured),
    marksTable(found, shard),
  ]
}
