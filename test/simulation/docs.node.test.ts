import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GUARDS } from './guards.ts'
import { INVARIANTS } from './invariants/index.ts'
import { INVARIANT_NAMES } from './invariants/names.ts'
import { MODE_NAMES } from './world/mode-names.ts'

const page = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8')
const lines = page.split('\n')

test('docs/simulation.md has every invariant, the modes in which it holds, and why not in the others', () => {
  for (const { name, sentence, exceptions } of INVARIANTS) {
    const marks = MODE_NAMES.map((mode) => (mode in exceptions ? 'no' : 'yes'))
    expect(lines).toContain(`| \`${name}\` | ${sentence} | ${marks.join(' | ')} |`)
    for (const [mode, why] of Object.entries(exceptions)) {
      expect(lines).toContain(`| \`${name}\` | ${mode} | ${why} |`)
    }
  }
  expect(INVARIANT_NAMES).toEqual([...INVARIANTS.map(({ name }) => name), 'all-is-forgotten'])
})

test('docs/simulation.md has every guard', () => {
  for (const [name, { sentence, breaks }] of Object.entries(GUARDS)) {
    expect(lines).toContain(`| \`${name}\` | ${sentence} | ${breaks.join(', ')} |`)
  }
})
