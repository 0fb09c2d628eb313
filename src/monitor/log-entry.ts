import type { SessionEvent } from '../events.ts'
import type { SessionClient } from '../manager/session-monitor.ts'
import type { Assessment } from './assessment.ts'
import { readObservation } from './read-observation.ts'

/** What is written down of an event: coarse places, no User-Agent, no bearer value. Every text is cut and has no markup. */
export interface LogEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly type: SessionEvent['type']
  /** The name of the cookie. */
  readonly cookie: string
  /** Why a cookie was refused, or a session ended. */
  readonly reason?: string | undefined
  /** The public handle, or a keyed hash of it. */
  readonly sessionId?: string | undefined
  readonly previousId?: string | undefined
  /** As it is, or a keyed hash of it. */
  readonly userId?: string | undefined
  /** The first 24 bits of an IPv4 address or 48 of an IPv6 address, or a keyed hash of the whole. */
  readonly address?: string | undefined
  /** ISO 3166-1, two letters. */
  readonly country?: string | undefined
  readonly city?: string | undefined
  /** Such as `AS64500`. */
  readonly network?: string | undefined
  /** Such as `Firefox on Windows`. */
  readonly device?: string | undefined
  /** Degrees, rounded to tenths. */
  readonly latitude?: number | undefined
  readonly longitude?: number | undefined
  /** 0 to 1. */
  readonly risk?: number | undefined
  readonly action?: string | undefined
  /** What was found, in words. */
  readonly signals?: readonly string[] | undefined
  /** Of a store that failed. */
  readonly operation?: string | undefined
}

/** @param assessment What the monitor made of it, where it did. */
export function logEntry(
  event: SessionEvent,
  client: SessionClient | undefined,
  assessment: Assessment | null,
): LogEntry {
  const sighting = assessment?.sighting ?? readObservation({ ...client }, event.at)
  const { country, city, network, device, latitude, longitude } = sighting
  const { at, type, cookie } = event
  const seen = { address: client?.address, country, city, network, device, latitude, longitude }
  const found = assessment !== null && assessment.signals.length > 0 ? assessment : undefined
  return {
    ...{ at, type, cookie, ...seen },
    risk: found?.risk,
    signals: found?.signals.map(({ evidence }) => evidence.text),
    ...named(event),
  }
}

/** Of what only some events have, the parts that may be written down. */
function named(event: SessionEvent): Partial<LogEntry> {
  const entry: Record<string, unknown> = {}
  for (const name of ['sessionId', 'previousId', 'userId', 'reason', 'risk', 'action', 'operation']) {
    if (name in event) entry[name] = event[name as never]
  }
  return entry
}
