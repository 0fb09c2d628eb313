import { type Random, random } from './random.ts'

export interface City {
  readonly name: string
  readonly country: string
  readonly latitude: number
  readonly longitude: number
  readonly weight: number
}

/** An autonomous system. */
export interface Network {
  readonly asn: number
  readonly kind: 'home' | 'mobile' | 'business' | 'hosting' | 'vpn' | 'relay'
  /** Where its customers are said to be, when that is not where they are. */
  readonly hubs: readonly City[]
}

export interface Country {
  readonly code: string
  /** Hours ahead of UTC. */
  readonly offset: number
  readonly weight: number
  readonly cities: readonly City[]
  /** With their market shares. */
  readonly home: readonly (readonly [Network, number])[]
  readonly mobile: readonly (readonly [Network, number])[]
  readonly business: readonly Network[]
}

export interface World {
  readonly countries: readonly Country[]
  readonly hosting: readonly Network[]
  readonly vpn: readonly Network[]
  readonly relay: Network
}

/** Name, degrees north, degrees east, weight. */
type Place = readonly [name: string, latitude: number, longitude: number, weight: number]

const PLACES: readonly (readonly [code: string, offset: number, weight: number, places: readonly Place[]])[] =
  [
    [
      'US',
      -6,
      8,
      [
        ['New York', 40.7, -74, 8],
        ['Chicago', 41.9, -87.6, 5],
        ['Dallas', 32.8, -96.8, 4],
        ['Seattle', 47.6, -122.3, 3],
        ['Miami', 25.8, -80.2, 3],
        ['Denver', 39.7, -105, 2],
      ],
    ],
    [
      'DE',
      1,
      4,
      [
        ['Berlin', 52.5, 13.4, 4],
        ['Hamburg', 53.6, 10, 2],
        ['Munich', 48.1, 11.6, 2],
        ['Cologne', 50.9, 6.9, 2],
      ],
    ],
    [
      'FR',
      1,
      3,
      [
        ['Paris', 48.9, 2.4, 5],
        ['Lyon', 45.8, 4.8, 2],
        ['Marseille', 43.3, 5.4, 2],
      ],
    ],
    [
      'GB',
      0,
      3,
      [
        ['London', 51.5, -0.1, 6],
        ['Manchester', 53.5, -2.2, 2],
        ['Edinburgh', 55.9, -3.2, 1],
      ],
    ],
    [
      'ES',
      1,
      2,
      [
        ['Madrid', 40.4, -3.7, 3],
        ['Barcelona', 41.4, 2.2, 3],
        ['Seville', 37.4, -6, 1],
      ],
    ],
    [
      'IN',
      5,
      4,
      [
        ['Delhi', 28.6, 77.2, 3],
        ['Mumbai', 19.1, 72.9, 3],
        ['Bengaluru', 13, 77.6, 3],
      ],
    ],
    [
      'BR',
      -3,
      3,
      [
        ['Sao Paulo', -23.6, -46.6, 5],
        ['Rio de Janeiro', -22.9, -43.2, 3],
        ['Recife', -8.1, -34.9, 1],
      ],
    ],
    [
      'JP',
      9,
      2,
      [
        ['Tokyo', 35.7, 139.7, 5],
        ['Osaka', 34.7, 135.5, 3],
      ],
    ],
    [
      'PL',
      1,
      2,
      [
        ['Warsaw', 52.2, 21, 3],
        ['Krakow', 50.1, 19.9, 2],
      ],
    ],
    [
      'AU',
      10,
      1,
      [
        ['Sydney', -33.9, 151.2, 3],
        ['Perth', -31.9, 115.9, 1],
      ],
    ],
    [
      'PT',
      0,
      1,
      [
        ['Lisbon', 38.7, -9.1, 3],
        ['Porto', 41.1, -8.6, 2],
      ],
    ],
    [
      'VN',
      7,
      1,
      [
        ['Hanoi', 21, 105.8, 2],
        ['Ho Chi Minh City', 10.8, 106.7, 3],
      ],
    ],
  ]

/** Countries, cities and networks; shares of the market and hubs of carriers differ by seed. */
export function createWorld(seed: number): World {
  const draw = random('world', seed)
  let asn = 64_500
  const network = (kind: Network['kind'], hubs: readonly City[] = []): Network => ({ asn: ++asn, kind, hubs })
  const many = (count: number, make: () => Network) => Array.from({ length: count }, make)
  const countries = PLACES.map(([code, offset, weight, places]) => {
    const cities = places.map(([name, latitude, longitude, share]) => ({
      name,
      country: code,
      latitude,
      longitude,
      weight: share,
    }))
    const shares = (networks: readonly Network[]) =>
      networks.map((item, at) => [item, draw.between(0.7, 1.3) / (at + 1.5)] as const)
    return {
      code,
      offset,
      weight,
      cities,
      home: shares(many(6, () => network('home'))),
      // A carrier's customers are said to be where it meets the internet.
      mobile: shares(many(3, () => network('mobile', cities.slice(0, 1 + draw.below(3))))),
      business: many(40, () => network('business')),
    }
  })
  const cities = countries.flatMap((country) => country.cities)
  return {
    countries,
    hosting: many(8, () => network('hosting')),
    vpn: many(6, () =>
      network(
        'vpn',
        cities.filter(() => draw.chance(0.5)),
      ),
    ),
    relay: network('relay'),
  }
}

export function cityOf(country: Country, draw: Random): City {
  return draw.weighted(country.cities.map((city) => [city, city.weight] as const))
}

export function pickCountry(world: World, draw: Random): Country {
  return draw.weighted(world.countries.map((country) => [country, country.weight] as const))
}
