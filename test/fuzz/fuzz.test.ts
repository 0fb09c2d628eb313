/** What is made of real inputs at random, on every runtime; led by coverage it is in guided.node.test.ts. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import kept from './corpus/found.json' with { type: 'json' }
import { fuzzRandom } from './fuzz-random.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { fuzzTargets } from './fuzz-targets.ts'
import { linesOf } from './quiet.ts'

/** Inputs of each target: a few seconds on the slowest runtime. */
const RUNS = 80

const targets = await fuzzTargets()
const found = kept as readonly { target: string; why: string; input: string }[]

/** Inputs that shrink: the seed that one is made of, the number that the changes are drawn from, and how many. */
function inputs({ seeds, words, mutate }: FuzzTarget): fc.Arbitrary<string> {
  const arbitrary = fc.record({ of: fc.nat(), with: fc.nat(), draw: fc.nat(), changes: fc.nat({ max: 4 }) })
  return arbitrary.map(({ of, with: other, draw, changes }) => {
    const random = fuzzRandom(draw)
    let input = seeds[of % seeds.length] as string
    for (let i = 0; i < changes; i++)
      input = mutate(input, random, words, seeds[other % seeds.length] as string)
    return input
  })
}

describe.each(targets)('whoever reads: $name', (target) => {
  test('is given real inputs with every outcome', async () => {
    const outcomes = new Set<string>()
    for (const seed of target.seeds) outcomes.add(await target.read(seed))
    expect([...outcomes]).toEqual(expect.arrayContaining([...target.outcomes]))
  })

  test('throws nothing, logs nothing and takes nothing that nobody issued', async () => {
    const lines = await linesOf(() =>
      fc.assert(
        fc.asyncProperty(inputs(target), async (input) => {
          await target.read(input)
        }),
        { numRuns: RUNS, seed: 20261123 },
      ),
    )
    expect(lines).toEqual([])
  })
})

test.each(found)('found before, $target: $why', async ({ target: name, input }) => {
  const target = targets.find((one) => one.name === name)
  const lines = await linesOf(async () => target?.read(input))
  expect(target?.name).toBe(name)
  expect(lines).toEqual([])
})
