import { describe, expect, test } from 'vitest'
import { createMonitor, type Findings, type Observation, type Surprise, score } from 'wafer-session/monitor'
import {
  atHome,
  chrome,
  crowd,
  DAY,
  FIREFOX,
  HOUR,
  inTokyo,
  live,
  MINUTE,
  MONDAY,
  pass,
} from '../support/sightings.ts'

/** A monitor, and what it found last. */
function watched(options: Parameters<typeof createMonitor>[0] = {}) {
  let last: Findings | undefined
  const monitor = createMonitor({
    ...options,
    score: (findings) => {
      last = findings
      return score(findings)
    },
  })
  const surpriseAt = (observation: Observation, feature: string): Surprise | undefined => {
    monitor.assess(observation)
    return last?.surprise.find((one) => one.feature === feature)
  }
  return { monitor, surpriseAt }
}

const COUNTRIES = ['PT', 'ES', 'FR', 'DE', 'JP', 'BR', 'IN']

describe('surprise', () => {
  test('is a probability over all values, which add up to one', () => {
    const { monitor, surpriseAt } = watched()
    for (const [i, country] of COUNTRIES.entries()) {
      for (let day = 0; day < 4; day++) {
        monitor.learn(
          atHome({ at: MONDAY + day * DAY, userId: `u${i % 3}`, sessionId: `${i}-${day}`, country }),
        )
      }
    }
    for (const userId of ['u0', 'u1', 'nobody']) {
      const shares = [...COUNTRIES, 'ZW'].map((country) => {
        return surpriseAt(atHome({ at: MONDAY + 9 * DAY, userId, country }), 'country')?.probability ?? 0
      })
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9)
      expect(Math.min(...shares)).toBeGreaterThan(0)
    }
  })

  test('adds up to one over values that all other users have forgotten as well', () => {
    const { monitor, surpriseAt } = watched()
    monitor.learn(atHome({ asn: 1, sessionId: 'first' }))
    for (let i = 0; i < 3000; i++) {
      monitor.learn(atHome({ at: MONDAY + i, userId: `u${i}`, asn: 70_000 + i, sessionId: `s${i}` }))
    }
    const share = (asn: number) => surpriseAt(atHome({ asn }), 'network')?.probability ?? 0
    const shares = Array.from({ length: 3000 }, (_, i) => share(70_000 + i))
    const other = share(4_000_000_000)
    // A value that was dropped has the share of "any other", once.
    const kept = shares.filter((one) => Math.abs(one - other) > 1e-12)
    expect(kept.length).toBeLessThanOrEqual(1024)
    expect(kept.reduce((sum, one) => sum + one, share(1) + other)).toBeCloseTo(1, 6)
  })

  test('is a probability over the hours of the day', () => {
    const { monitor, surpriseAt } = watched()
    const at = live(monitor, 20)
    const hours = Array.from({ length: 24 }, (_, hour) =>
      surpriseAt(atHome({ at: at + hour * HOUR }), 'hour'),
    )
    expect(hours.reduce((sum, one) => sum + (one?.probability ?? 0), 0)).toBeCloseTo(1, 3) // It fades from one hour to the next.
    expect(new Set(hours.map((one) => one?.value)).size).toBe(24)
  })

  test('is nothing without a history', () => {
    const { surpriseAt } = watched()
    for (const feature of ['country', 'network', 'device', 'address', 'place', 'hour']) {
      expect(surpriseAt(atHome(), feature)?.bits).toBeCloseTo(0, 9)
    }
  })

  test('of what is new grows with the history', () => {
    let before = 0
    for (const days of [2, 4, 10, 30]) {
      const { monitor, surpriseAt } = watched()
      const at = live(monitor, days)
      const bits = surpriseAt(inTokyo({ at }), 'network')?.bits ?? 0
      expect(bits).toBeGreaterThan(before)
      before = bits
    }
  })

  test('of what is new is less for those who often have something new', () => {
    const steady = watched()
    const varied = watched()
    const at = live(steady.monitor, 20)
    for (let day = 0; day < 20; day++) {
      varied.monitor.learn(atHome({ at: MONDAY + day * DAY, sessionId: `d${day}`, address: `10.${day}.0.1` }))
    }
    const unseen = atHome({ at, address: '203.0.113.9' })
    const bits = (one: typeof steady) => one.surpriseAt(unseen, 'address')?.bits ?? 0
    expect(bits(steady)).toBeGreaterThan(bits(varied) + 2)
  })

  test('halves what it knows with the half-life', () => {
    const { monitor, surpriseAt } = watched({ halfLife: 10 * 86_400 })
    for (let i = 0; i < 64; i++) monitor.learn(atHome({ sessionId: `s${i}` }))
    const odds = (days: number) => {
      const bits = surpriseAt(inTokyo({ at: MONDAY + days * DAY }), 'country')?.bits ?? 0
      return 2 ** bits - 1 // Visits, for each one left for what is new.
    }
    // 64 visits and 1 new thing; one more is there from the start. Both fade but for that one.
    expect(odds(0)).toBeCloseTo(64 / 2, 5)
    expect(odds(10)).toBeCloseTo(32 / 1.5, 5)
    expect(odds(20)).toBeCloseTo(16 / 1.25, 5)
  })

  test('tells nothing of what all have forgotten, and is a number', () => {
    const { monitor, surpriseAt } = watched({ halfLife: 3600 })
    monitor.learn(atHome())
    const later = atHome({ at: MONDAY + 60 * DAY, userId: 'another' })
    expect(surpriseAt(later, 'country')?.bits).toBe(0)
    expect(monitor.assess(later).risk).toBeLessThan(0.5)
  })

  test('fades nothing when the clock is set back', () => {
    const { monitor, surpriseAt } = watched()
    for (let i = 0; i < 64; i++) monitor.learn(atHome({ sessionId: `s${i}` }))
    const now = surpriseAt(inTokyo(), 'country')?.bits
    expect(surpriseAt(inTokyo({ at: MONDAY - 1000 * DAY }), 'country')?.bits).toBe(now)
  })
})

describe('score', () => {
  test('adds up: the parts explain the risk', () => {
    const monitor = createMonitor()
    const at = live(monitor, 20)
    for (const observation of [atHome({ at }), inTokyo({ at, kind: 'sign-in', userAgent: FIREFOX })]) {
      const { risk, parts } = monitor.assess(observation)
      const sum = parts.reduce((bits, part) => bits + part.bits, 0)
      expect(risk).toBeCloseTo(1 / (1 + 2 ** -sum), 12)
      expect(parts[0]?.name).toBe('prior')
      for (const { name, text } of parts) expect(`${name}: ${text}`).toMatch(/\w: .+/)
    }
  })

  test('never falls when something more is unusual', () => {
    const monitor = createMonitor()
    const at = live(monitor, 30)
    // Soon enough after the last visit that no airliner would be there.
    const base = atHome({ at: at - DAY + HOUR, kind: 'sign-in', sessionId: 'x' })
    const { address, asn, country, latitude, longitude } = inTokyo()
    const steps = [{}, { userAgent: FIREFOX }, { address }, { asn }, { country }, { latitude, longitude }]
    let observation = base
    let before = 0
    for (const step of steps) {
      observation = { ...observation, ...step }
      const { risk } = monitor.assess(observation)
      expect(risk).toBeGreaterThanOrEqual(before)
      before = risk
    }
    expect(before).toBeGreaterThan(0.9)
  })

  test('finds usual use unsuspicious, and a cookie at the other end of the world suspicious', () => {
    const monitor = createMonitor()
    crowd(monitor)
    const at = live(monitor, 20)
    pass(monitor, atHome({ at, kind: 'sign-in', sessionId: 'now' }))
    const usual = monitor.assess(atHome({ at: at + MINUTE, sessionId: 'now' }))
    const stolen = monitor.assess(inTokyo({ at: at + MINUTE, sessionId: 'now' }))
    expect(usual.risk).toBeLessThan(0.02)
    expect(usual.action).toBe('allow')
    expect(stolen.risk).toBeGreaterThan(0.9)
    expect(stolen.action).not.toBe('allow')
  })

  test('can be a function of your own, which gives a risk or its parts as well', () => {
    const plain = createMonitor({ score: () => 0.7 }).assess(atHome())
    expect(plain).toMatchObject({ risk: 0.7, parts: [], action: 'stepUp' })
    const parts = [{ name: 'mine', bits: 1, text: 'so I say' }]
    expect(createMonitor({ score: () => ({ risk: 0.1, parts }) }).assess(atHome())).toMatchObject({ parts })
  })

  test.each([[Number.NaN], [2], [-1], [undefined], ['high'], [null]])(
    'of your own that gives %j is not used, and is counted',
    (risk) => {
      const monitor = createMonitor({ score: () => risk as number })
      expect(monitor.assess(atHome()).parts[0]?.name).toBe('prior')
      expect(monitor.figures().failures).toBe(1)
    },
  )

  test('and signals of your own that throw take nothing down', () => {
    const fail = () => {
      throw new Error('mine')
    }
    const monitor = createMonitor({ score: fail, signals: [fail] })
    expect(monitor.assess(atHome()).action).toBe('allow')
    expect(monitor.figures().failures).toBe(2)
  })
})

describe('learn', () => {
  test('learns nothing from what was stopped', () => {
    const monitor = createMonitor()
    const at = live(monitor, 20)
    pass(monitor, atHome({ at, kind: 'sign-in', sessionId: 'now' }))
    const before = JSON.stringify(monitor.profile('ada'))
    const risks = Array.from({ length: 5 }, () => {
      return pass(monitor, inTokyo({ at: at + MINUTE, sessionId: 'now' })).risk
    })
    expect(new Set(risks).size).toBe(1)
    expect(JSON.stringify(monitor.profile('ada'))).toBe(before)
  })

  test('is not taught in a hurry: what was let through is new until the next day', () => {
    const monitor = createMonitor({ thresholds: { report: 1, stepUp: 1, end: 1 } })
    const at = live(monitor, 20)
    const sneak = (hours: number, sessionId: string) =>
      pass(monitor, inTokyo({ at: at + hours * HOUR, sessionId, kind: 'sign-in' })).signals.map(
        ({ signal }) => signal,
      )
    for (let i = 0; i < 10; i++) expect(sneak(i, `t${i}`)).toContain('new-network')
    sneak(24, 'next')
    expect(sneak(25, 'after')).not.toContain('new-network')
  })

  test('takes the word of who has passed a step-up, at once', () => {
    const monitor = createMonitor()
    const at = live(monitor, 20) - DAY + 2 * HOUR
    const trip = inTokyo({ at, sessionId: 'trip', kind: 'sign-in' })
    expect(monitor.assess(trip).action).toBe('stepUp')
    monitor.learn(trip)
    expect(monitor.assess(inTokyo({ at: at + MINUTE, sessionId: 'trip' })).action).toBe('allow')
  })

  test('counts a session once an hour, however busy it is', () => {
    const [quiet, busy] = [watched(), watched()]
    for (const [{ monitor }, requests] of [
      [quiet, 1],
      [busy, 500],
    ] as const) {
      for (let i = 0; i < requests; i++) monitor.learn(atHome({ at: MONDAY + i * 1000 }))
    }
    const bits = (one: typeof quiet) => one.surpriseAt(inTokyo({ at: MONDAY + HOUR }), 'country')?.bits
    expect(bits(busy)).toBe(bits(quiet))
  })

  test('takes a session along when its id changes, and drops it when it ends', () => {
    const monitor = createMonitor()
    monitor.learn(atHome({ kind: 'sign-in' }))
    const event = { at: MONDAY, cookie: '__Host-session', userId: 'ada' }
    monitor.onEvent({ type: 'regenerate', previousId: 's1', sessionId: 's2', ...event })
    const changed = atHome({ at: MONDAY + MINUTE, sessionId: 's2', userAgent: chrome(120) })
    expect(monitor.assess(changed).signals.map(({ signal }) => signal)).toEqual(['user-agent-changed'])
    monitor.onEvent({ type: 'end', reason: 'sign-out', sessionId: 's2', ...event })
    expect(monitor.profile('ada')?.sessions).toEqual([])
  })
})
