import type { Random } from './random.ts'
import type { City, Network } from './world.ts'

/** A way into the internet, as a server sees who comes by it. */
export interface Line {
  readonly network: Network
  readonly city: City
  /** Where geolocation puts it. */
  readonly latitude: number
  readonly longitude: number
  /** Addresses are drawn from so many prefixes, this one first. */
  readonly prefix: number
  readonly prefixes: number
  /** How often a request comes by IPv6. */
  readonly ipv6: number
}

/** Geolocation is some kilometres wrong as a rule, and one time in twenty a few hundred. */
export function lineIn(city: City, network: Network, draw: Random): Line {
  const place = network.hubs.length > 0 && network.kind === 'mobile' ? draw.pick(network.hubs) : city
  const wrong = draw.chance(0.05) ? 2 : 0.2
  const isShared = network.kind === 'mobile' || network.kind === 'relay'
  return {
    network,
    city: place,
    latitude: place.latitude + draw.normal() * wrong,
    longitude: place.longitude + draw.normal() * wrong,
    prefix: draw.below(4096),
    prefixes: isShared ? 12 + draw.below(60) : 1,
    ipv6: draw.chance(0.4) ? draw.pick([0.1, 0.5, 0.9]) : 0,
  }
}

/** Somebody else's line, or the same after the provider gave it another address. */
export function renumbered(line: Line, draw: Random): Line {
  return { ...line, prefix: draw.below(4096) }
}

/** An address of this line. One with many prefixes is a carrier's translation, which changes them. */
export function addressOn({ network, prefix, ipv6, prefixes }: Line, draw: Random): string {
  const at = (prefix + draw.below(prefixes)) % 4096
  if (draw.chance(ipv6)) return `2a0c:${network.asn.toString(16)}:${at.toString(16)}::1`
  const [high, low] = [Math.floor(at / 256), at % 256]
  return `${20 + (network.asn % 180)}.${(Math.floor(network.asn / 180) * 16 + high) % 256}.${low}.${1 + draw.below(254)}`
}
