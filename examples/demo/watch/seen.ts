import type { SessionClient, SessionEvent } from 'wafer-session'

/** What the console remembers of an event: a few short texts, whatever a client sent. */
export interface Seen {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly type: SessionEvent['type']
  /** The reason, or what was done about it. */
  readonly detail: string | undefined
  readonly sessionId: string | undefined
  readonly userId: string | undefined
  readonly place: string | undefined
  readonly network: string | undefined
  readonly userAgent: string | undefined
  readonly latitude: number | undefined
  readonly longitude: number | undefined
  /** Part of a simulated attack. */
  readonly simulated: boolean
}

const MAX_LENGTH = 160

export function seen(event: SessionEvent, client: SessionClient = {}, simulated = false): Seen {
  const { city, country, network, userAgent, latitude, longitude } = client
  const place = [city, country].filter((part) => typeof part === 'string' && part !== '').join(', ')
  return {
    at: event.at,
    type: event.type,
    detail: detailOf(event),
    sessionId: 'sessionId' in event ? event.sessionId : undefined,
    userId: 'userId' in event ? short(event.userId) : undefined,
    place: short(place || undefined),
    network: short(network),
    userAgent: short(userAgent),
    latitude: degrees(latitude, 90),
    longitude: degrees(longitude, 180),
    simulated,
  }
}

function detailOf(event: SessionEvent): string | undefined {
  if ('reason' in event) return event.reason
  if (event.type === 'risk') return event.action
  if (event.type === 'store-error') return event.operation
  return event.type === 'binding' ? event.changed.join(', ') : undefined
}

/** Enough to know it by: a User-Agent may have as many kilobytes as a server takes. */
function short(text: string | undefined): string | undefined {
  if (text === undefined || text.length <= MAX_LENGTH) return text
  return `${text.slice(0, MAX_LENGTH).toWellFormed()}…`
}

/** Undefined for what is no place on this planet. */
function degrees(value: number | string | undefined, most: number): number | undefined {
  const number = value === undefined || value === '' ? Number.NaN : Number(value)
  return Math.abs(number) <= most ? number : undefined
}
