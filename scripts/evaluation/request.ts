import type { Observation } from '../../src/monitor/index.ts'
import { addressOn, type Line } from './line.ts'
import type { Random } from './random.ts'

/** A request of the simulation, and whose it really is. */
export interface SimulatedRequest {
  readonly observation: Observation & {
    readonly at: number
    readonly userId: string
    readonly sessionId: string
  }
  /** The number of the theft, when the request is a thief's. */
  readonly theft?: number
}

export interface Sent {
  readonly at: number
  readonly userId: string
  readonly sessionId: string
  readonly kind: 'sign-in' | 'request'
  readonly line: Line
  readonly userAgent: string
}

/** What a server sees. */
export function observed({ line, ...sent }: Sent, draw: Random): SimulatedRequest['observation'] {
  const { network, city, latitude, longitude } = line
  return {
    ...sent,
    address: addressOn(line, draw),
    asn: network.asn,
    country: city.country,
    city: city.name,
    latitude,
    longitude,
  }
}
