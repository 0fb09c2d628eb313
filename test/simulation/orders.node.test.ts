import { aroundAll, describe, expect, test } from 'vitest'
import { pairs, type Scenario, triples, troubledPairs } from './small/scenario.ts'
import { type Thread, withThreads } from './thread.ts'

const TIMEOUT = 300_000

/** At least so many orders: a scenario whose requests never meet has one. */
const [PAIRS, TRIPLES, TROUBLED] = [5000, 2500, 3000]

/** The same two for every test: a new one is slow for a while. */
let threads: readonly Thread[]
aroundAll((runTests) =>
  withThreads({ count: 2 }, (started) => {
    threads = started
    return runTests()
  }),
)

/** Plays all of them. @returns How many orders there were. */
async function explored(scenarios: readonly Scenario[]): Promise<number> {
  const left = [...scenarios]
  let orders = 0
  const work = async (thread: Thread) => {
    for (let scenario = left.shift(); scenario !== undefined; scenario = left.shift()) {
      const result = await thread.explore(scenario)
      orders += result.orders
      const story = result.failed?.trace.join('\n')
      expect(result.failed?.violations ?? [], `${scenario.name}\n${story}`).toEqual([])
    }
  }
  await Promise.all(threads.map(work))
  return orders
}

describe('every order of the store calls and of the responses', () => {
  test(
    'rows 15, 21, 90 and 91: of every two requests',
    async () => expect(await explored(pairs())).toBeGreaterThan(PAIRS),
    TIMEOUT,
  )

  test(
    'rows 21, 90 and 91: of three that write, and of two with a sign-out',
    async () => expect(await explored(triples())).toBeGreaterThan(TRIPLES),
    TIMEOUT,
  )

  test(
    'row 87: of two, with every place of a failure, before the write and after it',
    async () => expect(await explored(troubledPairs())).toBeGreaterThan(TROUBLED),
    TIMEOUT,
  )
})
