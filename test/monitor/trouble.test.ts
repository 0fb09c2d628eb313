import { describe, expect, test } from 'vitest'
import type { SessionEvent } from 'wafer-session'
import { createMonitor, openTelemetrySink } from 'wafer-session/monitor'
import { fakeClock } from 'wafer-session/testing'
import { atHome, inTokyo, live, MINUTE, MONDAY } from '../support/sightings.ts'

const about = (at: number) => ({ at, cookie: '__Host-session', sessionId: 'trip', userId: 'ada' }) as const

describe('createMonitor({ act })', () => {
  test.each([
    ['names no action', () => 'explode' as never],
    [
      'throws',
      () => {
        throw new Error('act is broken')
      },
    ],
  ])('that %s leaves what the thresholds say, and is counted', (_, act) => {
    const monitor = createMonitor({ score: () => 0.6, thresholds: { stepUp: 0.5 }, act })
    expect(monitor.assess(atHome()).action).toBe('stepUp')
    expect(monitor.figures().failures).toBe(1)
  })
})

test('onEvent survives a score that throws over a reused token, and counts it', () => {
  const score = () => {
    throw new Error('score is broken')
  }
  const monitor = createMonitor({ score, clock: fakeClock(MONDAY) })
  monitor.onEvent({ type: 'reject', reason: 'reused', ...about(MONDAY) } as SessionEvent, {})
  expect(monitor.figures().failures).toBe(1)
})

describe('a user who has moved', () => {
  /** How risky a second session there is, after whatever came between. */
  function riskThere(between: (monitor: ReturnType<typeof createMonitor>, at: number) => void): number {
    const clock = fakeClock(MONDAY)
    const monitor = createMonitor({ clock })
    const at = live(monitor, 20)
    clock.set(at)
    monitor.assess(inTokyo({ at, sessionId: 'trip', kind: 'sign-in' }))
    between(monitor, at)
    return monitor.assess(inTokyo({ at: at + MINUTE, sessionId: 'another', kind: 'sign-in' })).risk
  }

  test('and authenticates again there is at home there', () => {
    const { address, country, city, latitude, longitude, asn, userAgent } = inTokyo()
    const client = { address, country, city, latitude, longitude, userAgent, network: `AS${asn}` }
    const confirmed = riskThere((monitor, at) => {
      monitor.onEvent(
        { type: 'reauthenticate', ...about(at), previousId: 'before' } as SessionEvent,
        client as never,
      )
    })
    expect(confirmed).toBeLessThan(riskThere(() => {}))
  })
})

test('restore keeps what a user is on probation with', () => {
  const clock = fakeClock(MONDAY)
  const [one, other] = [createMonitor({ clock }), createMonitor({ clock })]
  const at = live(one, 5)
  const trip = inTokyo({ at, sessionId: 'trip' })
  one.learn(trip, { ...one.assess(trip), action: 'report' })
  const kept = one.snapshot()
  expect(kept.users[0]?.[1].probation).not.toEqual([])
  other.restore(JSON.parse(JSON.stringify(kept)))
  expect(other.snapshot().users).toEqual(kept.users)
})

test('openTelemetrySink records the risk of what was found, with what was done', () => {
  const recorded: unknown[] = []
  const meter = {
    createCounter: () => ({ add: () => {} }),
    createHistogram: (name: string) => ({ record: (n: number, a?: object) => recorded.push([name, n, a]) }),
  }
  const monitor = createMonitor({ sink: openTelemetrySink({ metrics: { getMeter: () => meter } }) })
  monitor.onEvent({ type: 'risk', ...about(MONDAY), risk: 0.7, action: 'stepUp' }, {})
  expect(recorded).toEqual([['wafer_session.risk', 0.7, { 'wafer_session.action': 'stepUp' }]])
})
