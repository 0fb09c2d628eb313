import { drawDay, START } from './day.ts'
import { drawHousehold, drawPerson, type Household, type Person } from './person.ts'
import { random } from './random.ts'
import type { SimulatedRequest } from './request.ts'
import { DAY, type SimulatedSession } from './session.ts'
import { drawTheft, THEFTS, type Theft, type TheftKind } from './thefts.ts'
import { createWorld, type World } from './world.ts'

export interface ScenarioOptions {
  /** Another seed is another world, with other users and thieves. */
  readonly seed: number
  readonly users: number
  readonly days: number
  /** Of every user. */
  readonly theftsPerUser: number
}

/** Users and their thieves, day by day. */
export interface Scenario {
  readonly thefts: Map<number, Theft>
  /** All requests of a day, in their order. */
  days(): Generator<SimulatedRequest[]>
}

export function createScenario({ seed, users, days, theftsPerUser }: ScenarioOptions): Scenario {
  const world = createWorld(seed)
  const people = drawPeople(world, { seed, users, days })
  const thefts = new Map<number, Theft>()
  const plan = planThefts({ seed, users, days, theftsPerUser })

  function thievesOf(person: Person, day: number, sessions: readonly SimulatedSession[]): Theft[] {
    const due = plan.get(person.userId)?.filter((one) => one.day <= day && !thefts.has(one.number)) ?? []
    return sessions.length === 0
      ? []
      : due.map(({ number, kind }) => {
          const draw = random('theft', seed, number)
          const session = draw.pick(sessions)
          const theft = drawTheft(number, kind, { world, person, session, day }, draw)
          thefts.set(number, theft)
          return theft
        })
  }

  return {
    thefts,
    *days() {
      let later: SimulatedRequest[] = []
      for (let day = 0; day < days; day++) {
        const requests = later
        for (const person of people) {
          const sessions = drawDay(person, day, seed)
          requests.push(...sessions.flat())
          for (const theft of thievesOf(person, day, sessions)) requests.push(...theft.requests)
        }
        requests.sort((a, b) => a.observation.at - b.observation.at)
        const end = requests.findIndex(({ observation }) => observation.at >= safeUntil(day))
        later = end === -1 ? [] : requests.slice(end)
        yield end === -1 ? requests : requests.slice(0, end)
      }
      yield later
    },
  }
}

/** Far east the next day begins earlier than this. */
function safeUntil(day: number): number {
  return START + day * DAY + 0.75 * DAY
}

/** One in three lives with the one before. */
function drawPeople(world: World, { seed, users, days }: Omit<ScenarioOptions, 'theftsPerUser'>): Person[] {
  const draw = random('people', seed)
  const people: Person[] = []
  let household: Household | undefined
  for (let i = 0; i < users; i++) {
    if (household === undefined || !draw.chance(0.33)) household = drawHousehold(world, draw)
    people.push(
      drawPerson(world, household, { userId: `user-${seed}-${i}`, days, draw: random('user', seed, i) }),
    )
  }
  return people
}

interface Planned {
  readonly number: number
  readonly kind: TheftKind
  readonly day: number
}

/** On any day but the first two, before which there is no history at all; kinds in turn. */
function planThefts({ seed, users, days, theftsPerUser }: ScenarioOptions): Map<string, Planned[]> {
  const draw = random('plan', seed)
  const kinds = Object.keys(THEFTS) as TheftKind[]
  const plan = new Map<string, Planned[]>()
  for (let number = 0; number < users * theftsPerUser; number++) {
    const userId = `user-${seed}-${number % users}`
    const kind = kinds[(number + Math.floor(number / users)) % kinds.length] ?? 'takeover'
    const planned = plan.get(userId) ?? []
    plan.set(userId, [...planned, { number, kind, day: 2 + draw.below(days - 2) }])
  }
  return plan
}
