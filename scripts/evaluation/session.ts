import { type Agent, userAgentOf } from './agent.ts'
import { type Line, lineIn } from './line.ts'
import { type Person, publicNetwork } from './person.ts'
import type { Random } from './random.ts'
import { observed, type SimulatedRequest } from './request.ts'

export const MINUTE = 60_000
export const DAY = 86_400_000

/** Where and with what a session begins. */
export interface Start {
  readonly at: number
  readonly day: number
  readonly agent: Agent
  readonly line: Line
  /** Where it may go on: a phone leaves its Wi-Fi, a laptop a café. */
  readonly elsewhere: readonly Line[]
}

/** Of one user, from the sign-in to the last request. */
export type SimulatedSession = readonly SimulatedRequest[]

/** A dozen requests on average, most some seconds apart; now and then there is a pause shorter than the idle timeout. */
export function drawSession(person: Person, sessionId: string, start: Start, draw: Random): SimulatedSession {
  const { userId } = person
  const requests: SimulatedRequest[] = []
  const moves = start.agent.isPhone ? 0.012 : 0.003
  let { at, agent } = start
  let line = throughVpn(person, start.line, draw)
  const length = 2 + Math.floor(draw.exponential(11))
  for (let i = 0; i < length; i++) {
    const kind = i === 0 ? 'sign-in' : 'request'
    const userAgent = userAgentOf(agent, start.day)
    const shown = person.relay && agent.browser.startsWith('Safari') ? person.relay : line
    requests.push({ observation: observed({ at, userId, sessionId, kind, line: shown, userAgent }, draw) })
    at += draw.chance(0.07) ? draw.between(3, 25) * MINUTE : 500 + draw.exponential(40_000)
    if (start.elsewhere.length > 0 && draw.chance(moves)) line = draw.pick(start.elsewhere)
    if (person.vpn && draw.chance(0.004)) line = draw.pick([start.line, ...person.vpn.exits])
    // "Desktop site" on a phone, or developer tools: another browser by its words.
    if (draw.chance(0.0002)) agent = { ...agent, browser: 'Chrome on Linux' }
    // The browser starts anew after an update and keeps its cookies.
    if (draw.chance(0.0005)) agent = { ...agent, version: agent.version + 1 }
  }
  return requests
}

function throughVpn({ vpn }: Person, line: Line, draw: Random): Line {
  return vpn && draw.chance(vpn.habit) ? draw.pick(vpn.exits) : line
}

/** A line in a town that its user has never used before and will not use again. */
export function strangeLine({ country, city }: Pick<Person, 'country' | 'city'>, draw: Random): Line {
  return lineIn(city, publicNetwork(country, draw), draw)
}
