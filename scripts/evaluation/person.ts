import { type Agent, drawDesktop, drawPhone } from './agent.ts'
import { type Line, lineIn } from './line.ts'
import type { Random } from './random.ts'
import { type City, type Country, cityOf, type Network, pickCountry, type World } from './world.ts'

/** A journey, days counted from the first one. */
export interface Trip {
  readonly from: number
  readonly until: number
  readonly country: Country
  readonly city: City
  /** Its own country's carrier carries the phone home, and shows it there. */
  readonly roams: boolean
  readonly hotel: Line
  readonly mobile: Line
}

/** A user, with habits drawn once. */
export interface Person {
  readonly userId: string
  readonly country: Country
  readonly city: City
  readonly home: Line
  /** Days after which the provider gives the home another address; 0 for never. */
  readonly lease: number
  readonly office: Line | undefined
  readonly mobile: Line
  /** Cafés, friends and libraries of the town that come up again. */
  readonly haunts: readonly Line[]
  readonly vpn: { readonly exits: readonly Line[]; readonly habit: number } | undefined
  /** A browser that hides its user's address behind a relay. */
  readonly relay: Line | undefined
  readonly phone: Agent
  readonly laptop: Agent
  readonly officeMachine: Agent
  /** Days on which each is replaced. */
  readonly newPhone: { readonly day: number; readonly agent: Agent }
  readonly newLaptop: { readonly day: number; readonly agent: Agent }
  /** Sessions a day, on average. */
  readonly activity: number
  /** Hours by which the day is shifted: night shifts. */
  readonly shift: number
  readonly trips: readonly Trip[]
}

/** A household shares its line; of its people each has a session of their own. */
export interface Household {
  readonly country: Country
  readonly city: City
  readonly home: Line
}

export function drawHousehold(world: World, draw: Random): Household {
  const country = pickCountry(world, draw)
  const city = cityOf(country, draw)
  return { country, city, home: lineIn(city, draw.weighted(country.home), draw) }
}

export function drawPerson(
  world: World,
  household: Household,
  { userId, days, draw }: { userId: string; days: number; draw: Random },
): Person {
  const { country, city } = household
  const local = (network: Network) => lineIn(city, network, draw)
  const mobile = local(draw.weighted(country.mobile))
  return {
    userId,
    ...household,
    lease: draw.weighted([
      [0, 5],
      [1, 1],
      [14, 2],
      [45, 2],
    ]),
    office: draw.chance(0.6) ? local(draw.pick(country.business)) : undefined,
    mobile,
    haunts: Array.from({ length: 1 + draw.below(5) }, () => local(publicNetwork(country, draw))),
    vpn: draw.chance(0.15) ? drawVpn(world, country, draw) : undefined,
    relay: draw.chance(0.04) ? { ...local(world.relay), prefixes: 200 } : undefined,
    phone: drawPhone(draw),
    laptop: drawDesktop(draw),
    officeMachine: drawDesktop(draw),
    newPhone: { day: draw.below(720), agent: drawPhone(draw) },
    newLaptop: { day: draw.below(1000), agent: drawDesktop(draw) },
    activity: Math.min(6, Math.exp(draw.normal() * 0.6 + 0.2)),
    shift: draw.chance(0.06) ? 12 : draw.between(-1.5, 1.5),
    trips: drawTrips(world, { country, city, mobile, days }, draw),
  }
}

/** Cafés and the like have ordinary lines, as homes and firms do. */
export function publicNetwork(country: Country, draw: Random): Network {
  return draw.chance(0.6) ? draw.weighted(country.home) : draw.pick(country.business)
}

function drawVpn(world: World, country: Country, draw: Random): Person['vpn'] {
  const network = draw.pick(world.vpn)
  const near = network.hubs.filter((hub) => hub.country === country.code)
  const exits = Array.from({ length: 1 + draw.below(3) }, () => {
    const hub = draw.pick(near.length > 0 && draw.chance(0.6) ? near : network.hubs)
    return { ...lineIn(hub, network, draw), ipv6: 0, prefixes: 3 }
  })
  return { exits, habit: draw.pick([0.1, 0.4, 0.9]) }
}

interface Traveller {
  readonly country: Country
  readonly city: City
  readonly mobile: Line
  readonly days: number
}

/** One in six weeks within the country, one in four months abroad. */
function drawTrips(world: World, { country, city, mobile, days }: Traveller, draw: Random): Trip[] {
  const trips: Trip[] = []
  for (
    let from = Math.floor(draw.exponential(31));
    from < days;
    from += 2 + Math.floor(draw.exponential(31))
  ) {
    const there = draw.chance(0.27) ? pickCountry(world, draw) : country
    const goal = cityOf(there, draw)
    if (goal === city) continue
    const isAbroad = there !== country
    const until = from + 1 + Math.floor(draw.exponential(isAbroad ? 6 : 2))
    const roams = isAbroad && draw.chance(0.7)
    trips.push({
      from,
      until,
      country: there,
      city: goal,
      roams,
      hotel: lineIn(goal, publicNetwork(there, draw), draw),
      mobile: isAbroad && !roams ? lineIn(goal, draw.weighted(there.mobile), draw) : mobile,
    })
    from = until
  }
  return trips
}
