import type { Arrival } from './arrival.ts'
import type { SessionClient } from './session-monitor.ts'

/** What is known of the client of a request. */
export function clientOf({ request, info }: Arrival): SessionClient {
  const { address, country, city, latitude, longitude, network, timezone } = info
  const userAgent = request.headers.get('User-Agent') ?? undefined
  return { address, country, city, latitude, longitude, network, timezone, userAgent }
}
