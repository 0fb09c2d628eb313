import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { NAMED_GUARDS } from '../scripts/mutation/guards.ts'
import { edited } from './simulation/bundle.ts'

const root = new URL('../', import.meta.url)

// `npm run mutate:guards` takes them out and runs the tests: here only that it still can.
describe.each(Object.entries(NAMED_GUARDS))('mutate:guards %s', (_, { edits, tests }) => {
  test.each(edits)('stands once in $file', (edit) => {
    const source = readFileSync(new URL(edit.file, root), 'utf8')
    expect(edited(source, edit)).not.toBe(source)
  })

  test.each(tests)('has %s', (file) => expect(existsSync(new URL(file, root))).toBe(true))
})
