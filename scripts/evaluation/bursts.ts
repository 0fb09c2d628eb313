import type { Monitor } from '../../src/monitor/index.ts'
import { drawDesktop, userAgentOf } from './agent.ts'
import { addressOn, lineIn } from './line.ts'
import { random } from './random.ts'
import { observed } from './request.ts'
import { createWorld } from './world.ts'

export interface BurstFigures {
  /** Which refused cookie of a forger raised the alarm; 0 for none. From one address, and from a thousand. */
  readonly forgingFromOneAddress: number
  readonly forgingFromManyAddresses: number
  /** The share of accounts, entered with the right password from one address, that were stopped. */
  readonly stuffingStopped: number
}

const COUNT = 1000
const SECOND = 1000

/** Attacks on no one in particular, against a monitor that has seen its users. */
export function burstFigures(
  monitor: Monitor,
  { userIds, seed, at }: { userIds: readonly string[]; seed: number; at: number },
): BurstFigures {
  return {
    stuffingStopped: stuffing(monitor, { userIds, seed, at }),
    forgingFromOneAddress: forging(monitor, at, () => '203.0.113.7'),
    forgingFromManyAddresses: forging(monitor, at + 86_400_000, (n) => `198.${n >> 8}.${n & 255}.9`),
  }
}

function forging(monitor: Monitor, from: number, address: (n: number) => string): number {
  for (let n = 1; n <= COUNT; n++) {
    const event = { type: 'reject', reason: 'forged', cookie: '__Host-session', at: from + n * 100 } as const
    if (monitor.onEvent(event, { address: address(n) }) !== null) return n
  }
  return 0
}

/** A list of stolen passwords, one account every ten seconds. */
function stuffing(
  monitor: Monitor,
  { userIds, seed, at }: { userIds: readonly string[]; seed: number; at: number },
): number {
  const draw = random('stuffing', seed)
  const world = createWorld(seed)
  const line = lineIn(
    draw.pick(world.countries.flatMap(({ cities }) => cities)),
    draw.pick(world.hosting),
    draw,
  )
  const [userAgent, address] = [userAgentOf(drawDesktop(draw), 60), addressOn({ ...line, ipv6: 0 }, draw)]
  const stopped = userIds.filter((userId, n) => {
    const sent = {
      at: at + n * 10 * SECOND,
      userId,
      sessionId: `stuffed-${n}`,
      kind: 'sign-in',
      userAgent,
    } as const
    const observation = { ...observed({ ...sent, line }, draw), address }
    const assessment = monitor.assess(observation)
    monitor.learn(observation, assessment)
    return assessment.action !== 'allow'
  })
  return stopped.length / userIds.length
}
