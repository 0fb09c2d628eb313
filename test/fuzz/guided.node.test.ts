/** The quick form of `npm run fuzz`: each target for a moment, led by V8's coverage. */
import { describe, expect, test } from 'vitest'
import { campaign, stretched } from './campaign.ts'
import { readCorpus } from './corpus.ts'
import { type FuzzTarget, must } from './fuzz-target.ts'
import { fuzzTargets } from './fuzz-targets.ts'
import { mutateText } from './mutate.ts'
import { linearPass } from './slowness.ts'

/** Of each target, beside its seeds, corpus and words: a number and not a time, so that every machine reads the same. */
const INPUTS = 150
const targets = await fuzzTargets()

test.each(targets)('fuzzing $name finds nothing', async (target) => {
  const corpus = readCorpus(target.name).reached
  const given = [...target.seeds, ...corpus, ...stretched(target)].length
  const inputs = given + Math.ceil(INPUTS * (target.share ?? 1))

  const { found, blocks, ...result } = await campaign(target, { inputs, seed: 1, corpus, batch: 50 })

  expect(found).toEqual([])
  expect(result.inputs).toBe(inputs)
  expect(blocks).toBeGreaterThan(5)
})

describe('a campaign finds', () => {
  const careless = (read: FuzzTarget['read'], ...seeds: string[]): FuzzTarget => ({
    name: 'careless',
    seeds: ['a=1; b=2', ...seeds],
    words: ['wafer', ';'],
    mutate: mutateText,
    outcomes: [],
    read,
  })

  test('what throws', async () => {
    const { found } = await campaign(
      careless(async (input) => String(must(!input.includes('wafer') || !input.includes('b'), 'it throws'))),
      {
        inputs: 500,
        seed: 1,
        batch: 250,
      },
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.why).toContain('it throws')
  })

  test('what logs', async () => {
    const { found } = await campaign(
      careless(async (input) => {
        if (input.startsWith(';') && input.includes('b=')) console.warn('an odd header')
        return ''
      }),
      { inputs: 500, seed: 1, batch: 250 },
    )
    expect(found).toMatchObject([{ why: 'logged: an odd header' }])
  })

  test('what takes a time that grows with the square of the length', async () => {
    const read = async (input: string) => {
      let seen = 0
      for (const _ of input) seen |= linearPass(input)
      return String(seen > 0)
    }
    const { found, inputs } = await campaign(careless(read, ';'.repeat(4000)), { inputs: 400, seed: 1 })
    expect(found).toMatchObject([{ why: expect.stringContaining('slow: ') }])
    expect(inputs).toBe(2)
  })
})
