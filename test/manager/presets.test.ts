import { expect, test } from 'vitest'
import { aal1, aal2, aal3 } from 'wafer-session'

const DAY = 86_400

test('the presets are the limits of NIST SP 800-63B-4 in seconds', () => {
  expect(aal1).toEqual({ idleTimeout: 30 * DAY, absoluteTimeout: 30 * DAY })
  expect(aal2).toEqual({ idleTimeout: 3600, absoluteTimeout: DAY })
  expect(aal3).toEqual({ idleTimeout: 15 * 60, absoluteTimeout: 12 * 3600 })
})
