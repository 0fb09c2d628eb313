import type { Monitor, Observation } from 'wafer-session/monitor'

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
/** A Monday, 09:00 UTC. */
export const MONDAY: number = Date.UTC(2026, 0, 5, 9)

const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/'

export function chrome(version: number): string {
  return `${CHROME}${version}.0.0.0 Safari/537.36`
}

export const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0'

/** A user at home in Lisbon. */
export function atHome(more: Observation = {}): Observation {
  return {
    at: MONDAY,
    userId: 'ada',
    sessionId: 's1',
    kind: 'request',
    address: '192.0.2.10',
    country: 'PT',
    city: 'Lisbon',
    latitude: 38.7,
    longitude: -9.1,
    asn: 64500,
    userAgent: chrome(143),
    ...more,
  }
}

/** Somewhere else altogether. */
export function inTokyo(more: Observation = {}): Observation {
  return atHome({
    address: '198.51.100.7',
    country: 'JP',
    city: 'Tokyo',
    latitude: 35.7,
    longitude: 139.7,
    asn: 64999,
    ...more,
  })
}

/** So many days at home, a session a day at nine. Gives the time of the next day, nine o'clock. */
export function live(monitor: Monitor, days: number, more: Observation = {}): number {
  for (let day = 0; day < days; day++) {
    const sessionId = `${more.userId ?? 'ada'}-day-${day}`
    for (let i = 0; i < 3; i++) {
      const kind = i === 0 ? 'sign-in' : 'request'
      const seen = atHome({ ...more, at: MONDAY + day * DAY + i * MINUTE, sessionId, kind })
      monitor.learn(seen, monitor.assess(seen))
    }
  }
  return MONDAY + days * DAY
}

/** Others, each at home in a network of their own: next to a single user there would be nobody to differ from. */
export function crowd(monitor: Monitor): void {
  for (let i = 0; i < 24; i++) {
    const more = { userId: `other-${i}`, asn: 65_000 + i, address: `198.18.${i}.1` }
    live(monitor, 4, i % 2 === 0 ? atHome(more) : inTokyo(more))
  }
}

/** Assesses, and learns from it. */
export function pass(monitor: Monitor, observation: Observation) {
  const assessment = monitor.assess(observation)
  monitor.learn(observation, assessment)
  return assessment
}
