import { bringsOf, tokenOf } from '../world/ledger.ts'
import { TIMEOUTS } from '../world/modes.ts'
import type { Invariant } from './invariant.ts'

export const copiesAreFound: Invariant = {
  name: 'copies-are-found',
  sentence:
    'A token that was replaced longer ago than renewalGrace opens nothing, and with onReuse: end the session is over for ' +
    'everybody once the request that brought it is done.',
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
    if (world.setting.onReuse === 'end' && !exchange.isTroubled && life.born)
      world.ledger.ends(life, 'reuse seen')
    return
  },
}
