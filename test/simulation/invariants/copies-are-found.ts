import { bringsOf, tokenOf } from '../world/ledger.ts'
import type { Life } from '../world/life.ts'
import { TIMEOUTS } from '../world/modes.ts'
import type { World } from '../world/world.ts'
import type { Invariant } from './invariant.ts'

export const copiesAreFound: Invariant = {
  name: 'copies-are-found',
  sentence:
    'A token that was replaced longer ago than renewalGrace opens nothing, and with onReuse: end the session is over for ' +
    'everybody once the request that brought it is done; within renewalGrace of a new id it opens nothing, and no more.',
  exceptions: {
    'kv-store': 'Nothing is renewed where nothing can be compared.',
    'sealed-marks': 'There is no token.',
    'sealed-kv-marks': 'There is no token.',
    sealed: 'There is no token.',
  },
  settled(exchange, world) {
    const { asked, opened, life: seen } = exchange
    const [value, ...others] = bringsOf(asked.header)
    const token = value === undefined || others.length > 0 ? null : tokenOf(value)
    const life = value === undefined ? undefined : world.ledger.cookies.get(value)?.life
    const replaced = token === null ? undefined : life?.tokens.get(token)?.replaced
    if (life === undefined || replaced === undefined || asked.brings !== 'jar' || life.app !== asked.app)
      return
    const clock = Math.min(asked.begun.clock, exchange.settled?.clock ?? 0)
    if (clock <= replaced + (TIMEOUTS.grace + 1) * 1000) return
    world.count('copies brought')
    if (opened !== undefined && seen === life)
      return 'a token from before a renewal is let in after the grace.'
    const isJudged = exchange.rejects.includes('reused') || !isMoving(life, world)
    if (world.setting.onReuse === 'end' && !exchange.isTroubled && life.born && isJudged)
      world.ledger.ends(life, 'reuse seen')
    return
  },
}

/** Milliseconds in which the write of a new id may still land after nobody waits for it any more. */
const LATE = 10_000

/** A tombstone may be there that is not older than the grace, by some clock. */
function isMoving({ moving, lastMove }: Life, { now, setting }: World): boolean {
  return moving > 0 || now - lastMove <= (TIMEOUTS.grace + 1) * 1000 + 2 * setting.skew + LATE
}
