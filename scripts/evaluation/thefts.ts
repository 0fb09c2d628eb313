import { drawDesktop, drawPhone, userAgentOf } from './agent.ts'
import { type Line, lineIn } from './line.ts'
import type { Person } from './person.ts'
import type { Random } from './random.ts'
import { observed, type SimulatedRequest } from './request.ts'
import { MINUTE, type SimulatedSession } from './session.ts'
import { type City, type Country, cityOf, pickCountry, type World } from './world.ts'

/** In equal numbers: nobody has a census of thieves, and any other mix would be a choice of the result. */
export const THEFTS = {
  'another country': 'a stolen cookie from another country, half of them with the same User-Agent',
  'same country': 'a stolen cookie from another network of the country, half with the same User-Agent',
  'same city': "a stolen cookie through a household's line in the user's city, with the same User-Agent",
  'renewed id': 'a stolen cookie after the owner got a new one',
  takeover: 'a sign-in with a stolen password, in no hurry',
} as const
export type TheftKind = keyof typeof THEFTS

export interface Victim {
  readonly world: World
  readonly person: Person
  readonly session: SimulatedSession
  readonly day: number
}

/** What a thief does with a user's session. */
export interface Theft {
  readonly number: number
  readonly kind: TheftKind
  readonly userId: string
  /** The victim's; what the owner does in it from then on is no normal use. */
  readonly sessionId: string
  /** Milliseconds since the epoch. */
  readonly from: number
  readonly requests: readonly SimulatedRequest[]
}

/** More than the five that are looked at. */
const REQUESTS = 8

/** The thief comes while the cookie is alive: within the idle timeout of one of its owner's requests. */
export function drawTheft(number: number, kind: TheftKind, victim: Victim, draw: Random): Theft {
  const { session, day } = victim
  const { observation } = draw.pick(session)
  const { userId, sessionId, userAgent: owners = '' } = observation
  const from = observation.at + Math.min(25 * MINUTE, draw.exponential(10 * MINUTE))
  const line = thiefLine(kind, victim, draw)
  const isCopied = kind === 'same city' || draw.chance(kind === 'takeover' ? 0.3 : 0.5)
  const userAgent = isCopied ? owners : someAgent(day, draw)
  const isTakeover = kind === 'takeover'
  const requests: SimulatedRequest[] = []
  for (let at = from; requests.length < REQUESTS; at += pause(kind, draw)) {
    const visit = Math.floor(requests.length / 2)
    const own = {
      sessionId: `taken-${number}-${visit}`,
      kind: requests.length % 2 ? 'request' : 'sign-in',
    } as const
    const sent = isTakeover ? own : ({ sessionId, kind: 'request' } as const)
    requests.push({ observation: observed({ at, userId, ...sent, line, userAgent }, draw), theft: number })
  }
  return { number, kind, userId, sessionId, from, requests }
}

function pause(kind: TheftKind, draw: Random): number {
  return kind === 'takeover' ? draw.exponential(300 * MINUTE) : 2000 + draw.exponential(20_000)
}

function someAgent(day: number, draw: Random): string {
  return userAgentOf(draw.chance(0.7) ? drawDesktop(draw) : drawPhone(draw), day)
}

function thiefLine(kind: TheftKind, victim: Victim, draw: Random): Line {
  const { world, person } = victim
  const { country, city } = person
  if (kind === 'same city' || kind === 'renewed id') return household(country, city, draw)
  if (kind === 'another country') return lineAbroad(world, country, draw)
  if (kind === 'takeover' && draw.chance(0.5)) return lineAbroad(world, country, draw)
  const there = cityOf(country, draw)
  const line = draw.chance(0.5) ? rented(world, there, draw) : household(country, there, draw)
  const isOwn = line.network === person.home.network || line.network === person.mobile.network
  return isOwn ? thiefLine(kind, victim, draw) : line
}

function lineAbroad(world: World, home: Country, draw: Random): Line {
  const country = pickOther(world, home, draw)
  const city = cityOf(country, draw)
  return draw.chance(0.5) ? rented(world, city, draw) : household(country, city, draw)
}

function pickOther(world: World, home: Country, draw: Random): Country {
  const country = pickCountry(world, draw)
  return country === home ? pickOther(world, home, draw) : country
}

/** A server for hire, or the exit of a VPN. */
function rented({ hosting, vpn }: World, city: City, draw: Random): Line {
  return lineIn(city, draw.pick([...hosting, ...vpn]), draw)
}

/** A subscriber's line that carries other people's traffic, by the shares of the market. */
function household(country: Country, city: City, draw: Random): Line {
  return lineIn(city, draw.weighted(draw.chance(0.7) ? country.home : country.mobile), draw)
}
