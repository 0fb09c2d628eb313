/** The quick form of `npm run fuzz`: each target for a moment, led by V8's coverage. */
import { describe, expect, test } from 'vitest'
import { campaign } from './campaign.ts'
import { readCorpus } from './corpus.ts'
import { type FuzzTarget, must } from './fuzz-target.ts'
import { fuzzTargets } from './fuzz-targets.ts'
import { mutateText } from './mutate.ts'

const INPUTS = 300
const targets = await fuzzTargets()

test.each(targets)('fuzzing $name finds nothing, and meets every outcome', async (target) => {
  const corpus = readCorpus(target.name).reached
  const inputs = Math.ceil(INPUTS * (target.share ?? 1)) + corpus.length + target.seeds.length

  const { found, outcomes, blocks } = await campaign(target, { inputs, seed: 1, corpus })

  expect(found).toEqual([])
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining([...target.outcomes]))
  expect(blocks).toBeGreaterThan(5)
})

describe('a campaign finds', () => {
  const careless = (read: FuzzTarget['read']): FuzzTarget => ({
    name: 'careless',
    seeds: ['a=1; b=2'],
    words: ['wafer', ';'],
    mutate: mutateText,
    outcomes: [],
    read,
  })

  test('what throws', async () => {
    const { found } = await campaign(
      careless(async (input) => String(must(!input.includes('wafer'), 'it throws'))),
      {
        inputs: 2000,
        seed: 1,
      },
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.why).toContain('it throws')
  })

  test('what logs', async () => {
    const { found } = await campaign(
      careless(async (input) => {
        if (input.startsWith(';')) console.warn('an odd header')
        return ''
      }),
      { inputs: 2000, seed: 1 },
    )
    expect(found).toMatchObject([{ why: 'logged: an odd header' }])
  })

  test('what takes a time that grows with the square of the length', async () => {
    let sink = 0
    const { found } = await campaign(
      careless(async (input) => {
        for (let i = 0; i < input.length; i += 8) for (const char of input) if (char === ';') sink++
        return String(sink > 0)
      }),
      { inputs: 400, seed: 1 },
    )
    expect(found).toMatchObject([{ why: expect.stringContaining('slow: ') }])
  })
})
