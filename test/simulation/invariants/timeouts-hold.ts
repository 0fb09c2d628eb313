import { TIMEOUTS } from '../world/modes.ts'
import type { Invariant } from './invariant.ts'

const [IDLE, ABSOLUTE] = [TIMEOUTS.rememberIdle * 1000, TIMEOUTS.rememberAbsolute * 1000]

export const timeoutsHold: Invariant = {
  name: 'timeouts-hold',
  sentence:
    'Nothing opens for a request that comes later than the absolute timeout after its last authentication (or its ' +
    'beginning, when nobody has signed in), nor later than the idle timeout after the last request that it served.',
  exceptions: {},
  opened({ opened, life, asked }) {
    if (opened === undefined || life === undefined) return
    const idle = life.isRemembered ? IDLE : TIMEOUTS.idle * 1000
    const absolute = life.isRemembered ? ABSOLUTE : TIMEOUTS.absolute * 1000
    const { clock, expiresAt } = opened
    const last = life.lastUse
    life.lastUse = Math.max(last, clock)
    // The store may take a while to tell who it is.
    const arrived = asked.begun.clock
    if (arrived >= life.lastStart + absolute) return 'the absolute timeout has passed.'
    if (arrived >= last + idle + 1000) return 'the idle timeout has passed.'
    if (life.isPending && arrived >= life.lastStart + 600_000)
      return 'half a sign-in is older than 10 minutes.'
    return expiresAt > life.lastStart + absolute && 'expiresAt is later than the absolute timeout.'
  },
}
