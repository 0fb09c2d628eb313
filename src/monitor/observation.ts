/** What is known of one request of a signed-in session. Anything may be missing or absurd: what is neither is used. */
export interface Observation {
  /** Milliseconds since the epoch. @default the monitor's clock */
  readonly at?: number | undefined
  /** Without it there is no history to compare with, and nothing is kept. */
  readonly userId?: string | undefined
  /** The public handle of the session. */
  readonly sessionId?: string | undefined
  /** Milliseconds since the epoch. */
  readonly sessionStartedAt?: number | undefined
  /** `'sign-in'` for the request in which the user authenticated. @default 'request' */
  readonly kind?: 'sign-in' | 'request' | undefined
  /** IP address; only a 16-bit tag of its prefix is kept. */
  readonly address?: string | undefined
  /** ISO 3166-1, two letters, as Cloudflare's `request.cf.country` has it. */
  readonly country?: string | undefined
  readonly city?: string | undefined
  /** Degrees, as a number or, as Cloudflare has it, as text. */
  readonly latitude?: number | string | undefined
  readonly longitude?: number | string | undefined
  /** The number of the autonomous system, such as 64500. */
  readonly asn?: number | string | undefined
  /** The network by another name, such as `AS64500`, where there is no `asn`. */
  readonly network?: string | undefined
  /** The header User-Agent. */
  readonly userAgent?: string | undefined
  /** Such as `Firefox on Windows`. @default what `userAgent` tells */
  readonly device?: string | undefined
  /** Such as `Europe/Lisbon`; a place where there are no coordinates. */
  readonly timezone?: string | undefined
}

/** An observation that was read: cut, validated, coarse. Texts have letters, digits and `. , : / + _ -` only. */
export interface Sighting {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** At most 256 characters, as the ids of sessions. */
  readonly userId: string | undefined
  readonly sessionId: string | undefined
  readonly startedAt: number | undefined
  readonly kind: 'sign-in' | 'request'
  /** Two capitals. */
  readonly country: string | undefined
  readonly city: string | undefined
  /** A cell of one degree by one, about 100 km, or a time zone. */
  readonly place: string | undefined
  /** Such as `AS64500`. */
  readonly network: string | undefined
  /** A tag of 16 bits of the first 24 bits of an IPv4 address or 48 of an IPv6 address: 256 and more prefixes share it. */
  readonly address: string | undefined
  /** Whether that is an IPv6 address: a machine may use both kinds in turn. */
  readonly isIpv6: boolean
  readonly device: string | undefined
  /** The major version of the browser. */
  readonly version: number | undefined
  /** Degrees, rounded to tenths: about 10 km. */
  readonly latitude: number | undefined
  readonly longitude: number | undefined
  /** Of the day in UTC, 0 to 23. */
  readonly hour: number
}
