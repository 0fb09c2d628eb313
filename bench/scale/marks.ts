import { rounded, type Table } from '../table.ts'
import type { AtRest } from './at-rest.ts'
import type { RedisShard } from './redis-shard.ts'

const DAY = 86_400
/** Beside the longest absolute timeout: `revocationMaxAge`, what KV may be late, and the leeway of clocks. */
const MARGIN = 60 + 60 + 60

const SIGN_OUTS = [10_000, 1_000_000, 10_000_000]
const TIMEOUTS = { '24 hours': DAY, '30 days': 30 * DAY }

/** Marks that live at a time. */
export function marksTable({ kvMark }: AtRest, { mark }: RedisShard): Table {
  const rows = Object.entries(TIMEOUTS).flatMap(([title, timeout]) =>
    SIGN_OUTS.map((perDay) => {
      const live = (perDay * (timeout + MARGIN)) / DAY
      return [
        perDay.toLocaleString('en'),
        title,
        Math.round(live).toLocaleString('en'),
        rounded(perDay / DAY),
        rounded((live * kvMark) / 1e6),
        rounded((live * mark) / 1e6),
      ]
    }),
  )
  return {
    title: `Revocation marks, of ${kvMark} bytes in KV and ${Math.round(mark)} in Redis`,
    columns: [
      'sign-outs a day',
      'longest absolute timeout',
      'live marks',
      'written/s',
      'MB in KV',
      'MB in Redis',
    ],
    rows,
  }
}
