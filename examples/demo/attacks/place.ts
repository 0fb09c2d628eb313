import type { SessionInfo } from 'wafer-session'

/** Where somebody sits, and with which browser. Addresses and networks are those that are set aside for examples. */
export interface Place {
  readonly client: SessionInfo
  readonly userAgent: string
}

export const LISBON: Place = {
  client: {
    address: '192.0.2.17',
    network: 'AS64500',
    location: 'Lisbon, PT',
    country: 'PT',
    city: 'Lisbon',
    latitude: 38.72,
    longitude: -9.14,
    timezone: 'Europe/Lisbon',
  },
  userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0',
}

export const JAKARTA: Place = {
  client: {
    address: '203.0.113.99',
    network: 'AS64511',
    location: 'Jakarta, ID',
    country: 'ID',
    city: 'Jakarta',
    latitude: -6.2,
    longitude: 106.85,
    timezone: 'Asia/Jakarta',
  },
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
}
