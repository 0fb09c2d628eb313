import { type Agent, drawDesktop } from './agent.ts'
import { type Line, renumbered } from './line.ts'
import type { Person, Trip } from './person.ts'
import { type Random, random } from './random.ts'
import { DAY, drawSession, type SimulatedSession, type Start, strangeLine } from './session.ts'

export const START: number = Date.UTC(2026, 0, 5) // A Monday.

/** Hours of the local day, and how many sessions of a day begin there. */
type Slot = readonly [
  place: 'home' | 'commute' | 'office' | 'out',
  from: number,
  until: number,
  share: number,
]

const WORKDAY: readonly Slot[] = [
  ['home', 6.5, 8, 0.2],
  ['commute', 7.5, 9, 0.12],
  ['office', 9, 17.5, 0.45],
  ['commute', 17, 18.5, 0.12],
  ['out', 12, 22, 0.05],
  ['home', 18.5, 23.5, 0.5],
]
const FREE_DAY: readonly Slot[] = [
  ['home', 8.5, 24, 0.8],
  ['commute', 10, 22, 0.15],
  ['out', 10, 23, 0.15],
]

/** The sessions of a user that begin on a day, the same for the same seed. */
export function drawDay(person: Person, day: number, seed: number): SimulatedSession[] {
  const draw = random('day', seed, person.userId, day)
  const trip = person.trips.find(({ from, until }) => day >= from && day < until)
  const isWorkday = day % 7 < 5 && trip === undefined
  const sessions: SimulatedSession[] = []
  for (const [place, from, until, share] of isWorkday ? WORKDAY : FREE_DAY) {
    for (let left = share * person.activity; left > 0; left--) {
      if (!draw.chance(Math.min(1, left))) continue
      // Travellers live by the clocks of where they are.
      const hour = draw.between(from, until) + person.shift - (trip?.country ?? person.country).offset
      const at = START + day * DAY + hour * 3_600_000
      const start = { at, day, ...settingOf(person, { place, day, trip }, draw) }
      sessions.push(drawSession(person, `${person.userId}-${day}-${sessions.length}`, start, draw))
    }
  }
  return sessions
}

interface Occasion {
  readonly place: Slot[0]
  readonly day: number
  readonly trip: Trip | undefined
}

type Setting = Pick<Start, 'agent' | 'line' | 'elsewhere'>

function settingOf(person: Person, { place, day, trip }: Occasion, draw: Random): Setting {
  if (draw.chance(0.002)) return { agent: drawDesktop(draw), line: strangeLine(person, draw), elsewhere: [] }
  const phone = day >= person.newPhone.day ? person.newPhone.agent : person.phone
  const laptop = day >= person.newLaptop.day ? person.newLaptop.agent : person.laptop
  if (trip) return onTrip(person, trip, { phone, laptop }, draw)
  const { mobile, office } = person
  const home = homeOn(person, day)
  const isPhone = draw.chance(place === 'commute' ? 1 : 0.5)
  if (place === 'commute') return { agent: phone, line: mobile, elsewhere: [home, office ?? home] }
  if (place === 'office' && office) {
    const agent = draw.chance(0.75) ? person.officeMachine : phone
    return { agent, line: office, elsewhere: agent.isPhone ? [mobile, office] : [] }
  }
  const line = place === 'out' ? haunt(person, draw) : home
  return { agent: isPhone ? phone : laptop, line, elsewhere: isPhone ? [mobile, line] : [line, mobile] }
}

/** One visit in four is to somewhere new. */
function haunt(person: Person, draw: Random): Line {
  if (draw.chance(0.25)) return strangeLine(person, draw)
  return draw.chance(0.5) ? draw.pick(person.haunts) : person.mobile
}

function homeOn({ userId, home, lease }: Person, day: number): Line {
  return lease === 0 ? home : renumbered(home, random('lease', userId, Math.floor(day / lease)))
}

function onTrip(
  { mobile }: Person,
  trip: Trip,
  { phone, laptop }: { phone: Agent; laptop: Agent },
  draw: Random,
): Setting {
  const agent = draw.chance(0.65) ? phone : laptop
  const onTheWay = agent.isPhone ? (trip.roams ? mobile : trip.mobile) : trip.hotel
  const isOut = draw.chance(0.15)
  const cafe = isOut ? strangeLine(trip, draw) : trip.hotel
  const line = agent.isPhone && draw.chance(0.5) ? onTheWay : cafe
  return { agent, line, elsewhere: agent.isPhone ? [onTheWay, cafe] : [cafe] }
}
