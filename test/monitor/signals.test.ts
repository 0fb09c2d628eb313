import { describe, expect, test } from 'vitest'
import type { SessionEvent } from 'wafer-session'
import { createMonitor, type Monitor, type Observation } from 'wafer-session/monitor'
import {
  atHome,
  chrome,
  DAY,
  FIREFOX,
  HOUR,
  inTokyo,
  live,
  MINUTE,
  MONDAY,
  pass,
} from '../support/sightings.ts'

function signalsOf(monitor: Monitor, observation: Observation): string[] {
  return monitor.assess(observation).signals.map(({ signal }) => signal)
}

function evidenceOf(monitor: Monitor, observation: Observation, signal: string) {
  return monitor.assess(observation).signals.find((one) => one.signal === signal)?.evidence
}

/** A monitor that has seen a user once, there. */
function seenOnce(at: Observation): Monitor {
  const monitor = createMonitor()
  monitor.learn(atHome(at))
  return monitor
}

describe('impossible-travel', () => {
  const later = (more: Observation) => atHome({ at: MONDAY + HOUR, asn: 64501, sessionId: 's2', ...more })
  const isRaised = (from: Observation, to: Observation) =>
    signalsOf(seenOnce(from), later(to)).includes('impossible-travel')

  test('tells kilometres, hours and speed', () => {
    const evidence = evidenceOf(seenOnce({}), inTokyo({ at: MONDAY + 2 * HOUR }), 'impossible-travel')
    expect(evidence?.km).toBeGreaterThan(11_000)
    expect(evidence?.km).toBeLessThan(11_300)
    expect(evidence?.hours).toBe(2)
    expect(evidence?.text).toMatch(/^11\d\d\d km in 2 hours$/)
  })

  test('lets an airliner pass', () => {
    expect(signalsOf(seenOnce({}), inTokyo({ at: MONDAY + 15 * HOUR }))).not.toContain('impossible-travel')
  })

  test('forgives what geolocation gets wrong', () => {
    expect(isRaised({}, { at: MONDAY + 1000, latitude: 39.5, longitude: -9.1 })).toBe(false)
    expect(isRaised({}, { at: MONDAY + 1000, latitude: 41.1, longitude: -8.6 })).toBe(true)
  })

  test('takes the short way over the antimeridian', () => {
    expect(isRaised({ latitude: -17.8, longitude: 179.9 }, { latitude: -17.8, longitude: -179.9 })).toBe(
      false,
    )
    expect(isRaised({ latitude: -17.8, longitude: 179.9 }, { latitude: -17.8, longitude: 0 })).toBe(true)
  })

  test('knows that meridians meet at the poles', () => {
    expect(isRaised({ latitude: 89.9, longitude: 0 }, { latitude: 89.9, longitude: 180 })).toBe(false)
    expect(isRaised({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 0 })).toBe(true)
  })

  test('has no infinite speed in the same second, nor a negative one when the clock jumps back', () => {
    for (const at of [MONDAY, MONDAY - HOUR]) {
      const evidence = evidenceOf(seenOnce({}), inTokyo({ at }), 'impossible-travel')
      expect(evidence?.kmPerHour).toBeGreaterThan(1000)
      expect(Number.isFinite(evidence?.kmPerHour)).toBe(true)
      expect(JSON.parse(JSON.stringify(evidence))).toEqual(evidence)
    }
  })

  test.each([
    [{ latitude: undefined }],
    [{ longitude: Number.NaN }],
    [{ latitude: 1e9, longitude: 1e9 }],
    [{ latitude: 0, longitude: 0 }],
    [{ latitude: '', longitude: 'east' }],
  ])('says nothing of a place that is none: %j', (place) => {
    expect(isRaised({}, place)).toBe(false)
    expect(isRaised(place, {})).toBe(false)
  })

  test('reads degrees as Cloudflare writes them', () => {
    expect(isRaised({}, { latitude: '35.70000', longitude: '139.70000' })).toBe(true)
  })

  test('is quiet between two networks that are known of the user: a VPN', () => {
    const monitor = createMonitor()
    const after = live(monitor, 10)
    for (let day = 0; day < 2; day++) {
      monitor.learn(inTokyo({ at: after + day * DAY, sessionId: `vpn-${day}`, kind: 'sign-in' }))
    }
    monitor.learn(atHome({ at: after + 2 * DAY, sessionId: 'home', kind: 'sign-in' }))
    const vpn = inTokyo({ at: after + 2 * DAY + MINUTE, sessionId: 'on', kind: 'sign-in' })
    expect(signalsOf(monitor, vpn)).not.toContain('impossible-travel')
    expect(signalsOf(monitor, { ...vpn, asn: 65_000 })).toContain('impossible-travel')
  })
})

describe('new-country, new-network, new-device', () => {
  test('are raised at a sign-in from where the user has never been', () => {
    const monitor = createMonitor()
    const at = live(monitor, 10) + 14 * HOUR
    const seen = inTokyo({ at, kind: 'sign-in', sessionId: 'new', userAgent: FIREFOX })
    expect(signalsOf(monitor, seen)).toEqual(
      expect.arrayContaining(['new-country', 'new-network', 'new-device']),
    )
    expect(evidenceOf(monitor, seen, 'new-country')).toMatchObject({ country: 'JP', countries: 1 })
    expect(evidenceOf(monitor, seen, 'new-network')?.text).toMatch(
      /^AS64999 for the first time in \d+ visits$/,
    )
    expect(evidenceOf(monitor, seen, 'new-device')?.device).toBe('Firefox on Linux')
  })

  test('are quiet where the user has been, and of users without a history', () => {
    const monitor = createMonitor()
    const at = live(monitor, 10)
    const names = /^new-/
    expect(signalsOf(monitor, atHome({ at, kind: 'sign-in' })).filter((name) => names.test(name))).toEqual([])
    expect(signalsOf(createMonitor(), inTokyo({ kind: 'sign-in' }))).toEqual([])
  })

  test('are not raised by what is not known', () => {
    const monitor = createMonitor()
    const at = live(monitor, 10)
    expect(signalsOf(monitor, { at, userId: 'ada', kind: 'sign-in' })).toEqual([])
  })

  test('are not repeated in the requests of a session that began there', () => {
    const monitor = createMonitor()
    const at = live(monitor, 10) + 14 * HOUR
    monitor.learn(inTokyo({ at, kind: 'sign-in', sessionId: 'trip' }))
    expect(signalsOf(monitor, inTokyo({ at: at + MINUTE, sessionId: 'trip' }))).toEqual([])
  })
})

describe('user-agent-changed', () => {
  function afterSignIn(userAgent: string | undefined): string[] {
    const monitor = createMonitor()
    monitor.learn(atHome({ kind: 'sign-in' }))
    return signalsOf(monitor, atHome({ at: MONDAY + MINUTE, userAgent }))
  }

  test('is raised by another browser within a session', () => {
    expect(afterSignIn(FIREFOX)).toContain('user-agent-changed')
  })

  test('is not raised by an update, and is by an older version', () => {
    expect(afterSignIn(chrome(143))).toEqual([])
    expect(afterSignIn(chrome(144))).toEqual(['browser-updated'])
    expect(afterSignIn(chrome(142))).toEqual(['user-agent-changed'])
  })

  test('is not raised by a User-Agent that is missing', () => {
    expect(afterSignIn(undefined)).toEqual([])
    expect(afterSignIn('')).toEqual([])
  })

  test('is not raised between sessions', () => {
    const monitor = createMonitor()
    monitor.learn(atHome({ kind: 'sign-in' }))
    const other = atHome({ at: MONDAY + MINUTE, sessionId: 's2', userAgent: FIREFOX })
    expect(signalsOf(monitor, other)).toEqual([])
  })
})

describe('a session that moves', () => {
  /** What is said of a session that began at home and goes on there. */
  function moved(more: Observation, before: (monitor: Monitor, at: number) => void = () => {}): string[] {
    const monitor = createMonitor()
    const at = live(monitor, 10)
    before(monitor, at)
    pass(monitor, atHome({ at: at + DAY, kind: 'sign-in', sessionId: 'now' }))
    return signalsOf(monitor, atHome({ at: at + DAY + MINUTE, sessionId: 'now', ...more }))
  }

  test('to a new network is told', () => {
    expect(moved({ asn: 64_777, address: '203.0.113.9' })).toContain('moved-to-new-network')
  })

  /** Neighbours in the same network, who keep their addresses. */
  function neighbours(monitor: Monitor): void {
    for (let i = 0; i < 3; i++) live(monitor, 10, { userId: `neighbour-${i}`, address: `192.0.${i}.1` })
  }

  test('to a new address of the network is told, where addresses stay', () => {
    expect(moved({ address: '203.0.113.9' }, neighbours)).toEqual(['moved-to-new-address'])
    expect(moved({ address: '203.0.113.9' })).toEqual(['moved']) // Too few have been seen there to say so.
  })

  test('to a new address of a carrier, which has each user go through many, is no more than a move', () => {
    const roaming = (monitor: Monitor) => {
      neighbours(monitor)
      for (let i = 0; i < 20; i++) {
        const phone = { userId: `phone-${i % 4}`, sessionId: `roams-${i}`, at: MONDAY + i * HOUR }
        monitor.learn(atHome({ ...phone, kind: 'sign-in', address: `198.51.${i}.1` }))
        monitor.learn(atHome({ ...phone, address: `198.51.${100 + i}.1` }))
      }
    }
    expect(moved({ address: '203.0.113.9' }, roaming)).toEqual(['moved'])
  })

  test('to an address that the user has had before is no more than a move', () => {
    const hadBoth = (monitor: Monitor, at: number) => {
      neighbours(monitor)
      monitor.learn(atHome({ at, kind: 'sign-in', sessionId: 'other', address: '203.0.113.9' }))
    }
    expect(moved({ address: '203.0.113.9' }, hadBoth)).toEqual(['moved'])
  })

  test('to the home from a carrier, as phones do, is no more than a move', () => {
    const monitor = createMonitor()
    neighbours(monitor)
    const at = live(monitor, 10)
    const phone = { sessionId: 'phone', asn: 64_600, address: '198.51.100.1' }
    for (let i = 0; i < 3; i++) {
      const seen = { ...phone, sessionId: `phone-${i}`, at: at + i * HOUR }
      monitor.learn(atHome({ ...seen, kind: 'sign-in' }))
      monitor.learn(atHome({ ...seen, address: '198.51.101.1' }))
    }
    monitor.learn(atHome({ ...phone, at: at + DAY, kind: 'sign-in' }))
    const home = atHome({ at: at + DAY + MINUTE, sessionId: 'phone', address: '203.0.113.9' })
    expect(signalsOf(monitor, home)).toEqual(['moved'])
  })

  test('from IPv4 to IPv6 of one network has not moved', () => {
    expect(moved({ address: '2001:db8::1' })).toEqual([])
  })

  test('within a prefix has not moved', () => {
    expect(moved({ address: '192.0.2.200' })).toEqual([])
    expect(moved({ address: '::ffff:192.0.2.200' })).toEqual([])
  })

  test('as the user often does is not told', () => {
    const carrier = { asn: 64_600, address: '203.0.113.9' }
    const oftenDone = (monitor: Monitor, at: number) => {
      for (let i = 0; i < 3; i++) {
        monitor.learn(atHome({ at: at + i * HOUR, kind: 'sign-in', sessionId: `phone-${i}` }))
        monitor.learn(atHome({ at: at + i * HOUR + MINUTE, sessionId: `phone-${i}`, ...carrier }))
      }
    }
    expect(moved(carrier, oftenDone)).toEqual([])
    // Proven to be the user's own, the new place is where the session lives: going on there is no move.
    expect(moved({ ...carrier, asn: 64_601 }, oftenDone)).toContain('moved-to-new-network')
  })
})

describe('parallel-use', () => {
  function inTurn(elsewhere: Observation, seconds = 20): string[] {
    const monitor = createMonitor({ thresholds: { report: 1, stepUp: 1, end: 1 } })
    const at = live(monitor, 10)
    pass(monitor, atHome({ at, kind: 'sign-in', sessionId: 'both' }))
    pass(monitor, atHome({ at: at + seconds * 1000, sessionId: 'both', ...elsewhere }))
    return signalsOf(monitor, atHome({ at: at + seconds * 2000, sessionId: 'both' }))
  }

  test('is told when a session is here and there in turn', () => {
    expect(inTurn({ asn: 64_777, address: '203.0.113.9' })).toEqual(['parallel-use'])
  })

  test('says whether the places are far from each other', () => {
    const { at: _, sessionId: __, ...tokyo } = inTokyo()
    expect(inTurn(tokyo)).toContain('parallel-use-far')
  })

  test('is not told of who comes back an hour later', () => {
    expect(inTurn({ asn: 64_777, address: '203.0.113.9' }, 2000)).toEqual([])
  })

  test('is not told of one place', () => {
    expect(inTurn({})).toEqual([])
    expect(inTurn({ address: '2001:db8::1' })).toEqual([])
  })
})

describe('unusual-hour', () => {
  test('is told when the user is hardly ever there at that hour', () => {
    const monitor = createMonitor()
    const at = live(monitor, 30)
    expect(signalsOf(monitor, atHome({ at: at + 12 * HOUR, kind: 'sign-in', sessionId: 'night' }))).toEqual([
      'unusual-hour',
    ])
    expect(signalsOf(monitor, atHome({ at: at + HOUR, kind: 'sign-in', sessionId: 'day' }))).toEqual([])
  })

  test('goes around midnight', () => {
    const monitor = createMonitor()
    for (let day = 0; day < 30; day++) {
      const at = Date.UTC(2026, 0, 5 + day, 23)
      pass(monitor, atHome({ at, kind: 'sign-in', sessionId: `d${day}` }))
    }
    const next = Date.UTC(2026, 1, 5)
    expect(signalsOf(monitor, atHome({ at: next, kind: 'sign-in', sessionId: 'x' }))).toEqual([])
    expect(signalsOf(monitor, atHome({ at: next + 4 * HOUR, kind: 'sign-in', sessionId: 'x' }))).toEqual([
      'unusual-hour',
    ])
  })

  test('waits for twenty visits', () => {
    const monitor = createMonitor()
    const at = live(monitor, 10)
    expect(signalsOf(monitor, atHome({ at: at + 12 * HOUR, kind: 'sign-in', sessionId: 'n' }))).toEqual([])
  })
})

describe('renewed-id-reused', () => {
  const reused: SessionEvent = {
    type: 'reject',
    reason: 'reused',
    at: MONDAY,
    cookie: '__Host-session',
    sessionId: 's1',
    userId: 'ada',
  }

  test('is told at once, and stops', () => {
    const assessment = createMonitor().onEvent(reused)
    expect(assessment?.signals.map(({ signal }) => signal)).toEqual(['renewed-id-reused'])
    expect(assessment?.action).not.toBe('allow')
    expect(assessment?.risk).toBeGreaterThan(0.5)
  })

  test('holds for the session, for an hour', () => {
    const monitor = createMonitor()
    monitor.onEvent(reused)
    const at = (minutes: number, sessionId = 's1') =>
      signalsOf(monitor, atHome({ at: MONDAY + minutes * MINUTE, sessionId }))
    expect(at(59)).toContain('renewed-id-reused')
    expect(at(61)).not.toContain('renewed-id-reused')
    expect(at(1, 's2')).not.toContain('renewed-id-reused')
  })
})

describe('refused-burst', () => {
  const forged = (at: number, reason: 'forged' | 'idle-timeout' = 'forged'): SessionEvent => ({
    type: 'reject',
    reason,
    at,
    cookie: '__Host-session',
  })

  test('is told once of an address that sends forged cookies, and of sessions from there', () => {
    const monitor = createMonitor()
    const told = Array.from({ length: 100 }, (_, i) =>
      monitor.onEvent(forged(MONDAY + i * 1000), { address: '203.0.113.9' }),
    ).filter((found) => found !== null)
    expect(told.length).toBeGreaterThan(0)
    expect(told.length).toBeLessThanOrEqual(2) // From the address; and, at a hundred, from everywhere.
    expect(told[0]?.action).not.toBe('allow')
    const from = (address: string) => signalsOf(monitor, atHome({ at: MONDAY + 100_000, address }))
    expect(from('203.0.113.77')).toEqual(['refused-burst'])
    expect(from('192.0.2.1')).toEqual([])
  })

  test('is told of a thousand addresses together', () => {
    const monitor = createMonitor()
    const told = Array.from({ length: 300 }, (_, i) =>
      monitor.onEvent(forged(MONDAY + i * 100), { address: `198.51.${i % 250}.1` }),
    ).filter((found) => found !== null)
    expect(told).toHaveLength(1)
    expect(told[0]?.signals[0]?.evidence.text).toContain('from everywhere')
  })

  test('is not told of cookies that are only too old', () => {
    const monitor = createMonitor()
    for (let i = 0; i < 500; i++) {
      expect(monitor.onEvent(forged(MONDAY + i, 'idle-timeout'), { address: '203.0.113.9' })).toBeNull()
    }
    expect(monitor.figures().refused).toBe(0)
  })
})

describe('sign-in-burst', () => {
  function burst(more: Observation, users = 12): string[][] {
    const monitor = createMonitor()
    for (let i = 0; i < users; i++) live(monitor, 3, { userId: `u${i}` })
    return Array.from({ length: users }, (_, i) => {
      const at = MONDAY + 3 * DAY + i * 5000
      return signalsOf(monitor, atHome({ at, userId: `u${i}`, sessionId: `b${i}`, kind: 'sign-in', ...more }))
    })
  }

  test('is told when many users who are new there sign in from one address', () => {
    const told = burst({ asn: 64_777, address: '203.0.113.9' })
    expect(told[0]).not.toContain('sign-in-burst')
    expect(told.at(-1)).toContain('sign-in-burst')
  })

  test('is not told of an office in the morning', () => {
    expect(burst({}).flat()).not.toContain('sign-in-burst')
  })
})
