import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalBytes } from '../../src/crypto/mac.ts'

const bytes = (...values: number[]) => new Uint8Array(values)

test.each([
  ['nothing', bytes(), bytes(), true],
  ['the same', bytes(1, 2, 3), bytes(1, 2, 3), true],
  ['another first byte', bytes(9, 2, 3), bytes(1, 2, 3), false],
  ['another byte between', bytes(1, 9, 3), bytes(1, 2, 3), false],
  ['another last byte', bytes(1, 2, 9), bytes(1, 2, 3), false],
  ['two differences that cancel each other out', bytes(3, 3), bytes(1, 1), false],
  ['one that only begins alike', bytes(1, 2), bytes(1, 2, 3), false],
  ['one that begins alike and is longer', bytes(1, 2, 3), bytes(1, 2), false],
  ['zeros behind it', bytes(1, 0, 0), bytes(1), false],
  ['zeros behind the other', bytes(1), bytes(1, 0, 0), false],
  ['nothing and something', bytes(), bytes(0), false],
])('equalBytes: %s', (_, a, b, equal) => {
  expect(equalBytes(a, b)).toBe(equal)
})

test('equalBytes says what comparing their texts says', () => {
  const few = fc.uint8Array({ maxLength: 4, max: 2 })
  fc.assert(fc.property(few, few, (a, b) => equalBytes(a, b) === (a.join() === b.join())))
})
