import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { edited } from './bundle.ts'
import { GUARDS } from './guards.ts'
import { INVARIANT_NAMES } from './invariants/names.ts'
import { playSeeds } from './pool.ts'

/** So many seeds are enough for each of them, where it soon shows. */
const SEEDS = 2000
const TIMEOUT = 120_000

describe.concurrent.each(Object.entries(GUARDS))('without %s', (name, { edits, where, breaks }) => {
  test('every snippet stands exactly once in the sources', () => {
    for (const edit of edits) {
      const source = readFileSync(new URL(`../../${edit.file}`, import.meta.url), 'utf8')
      expect(edited(source, edit)).not.toBe(source)
    }
    expect(INVARIANT_NAMES).toEqual(expect.arrayContaining([...breaks]))
  })

  test(
    'the simulation fails, by what the guard is there for',
    async () => {
      const { failed } = await playSeeds({ first: 0, count: SEEDS, without: name, change: where, threads: 1 })
      expect(breaks).toContain(failed[0]?.violations[0]?.invariant)
    },
    TIMEOUT,
  )
})

test('edited refuses a snippet that is not there, or there twice', () => {
  const edit = { file: 'x.ts', find: 'a', replace: 'b' }
  expect(() => edited('c', edit)).toThrow('x.ts must have this exactly once: a')
  expect(() => edited('a a', edit)).toThrow('exactly once')
})
