import { describe, expect, test } from 'vitest'
import { aal1, aal2, aal3 } from 'wafer-session'
import { MODES, siteOf } from '../support/modes.ts'

// Seconds, written out here as SP 800-63B-4 has them: a preset that drifts is noticed.
const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

const LEVELS = [
  { level: 'aal1', section: '§2.1.3', preset: aal1, idle: 30 * DAY, overall: 30 * DAY },
  { level: 'aal2', section: '§2.2.3', preset: aal2, idle: HOUR, overall: 24 * HOUR },
  { level: 'aal3', section: '§2.3.3', preset: aal3, idle: 15 * MINUTE, overall: 12 * HOUR },
  { level: 'no preset, within aal2', section: '§2.2.3', preset: {}, idle: 30 * MINUTE, overall: 24 * HOUR },
]

describe.each(MODES)('the timeouts of NIST SP 800-63B-4, %s', (mode) => {
  describe.each(LEVELS)('$section, $level', ({ preset, idle, overall }) => {
    test('rows 31, 35: ends when nothing has come for so long, to the second', async () => {
      const { visit, clock } = siteOf(mode, preset)
      await visit((session) => session.signIn('ada'))
      clock.advance(idle - 1)
      expect(await visit(({ userId }) => userId)).toBe('ada')
      clock.advance(Math.min(idle, overall - idle + 1))
      expect(await visit(({ userId }) => userId)).toBeUndefined()
    })

    test('rows 32, 34: ends so long after the authentication, whatever comes', async () => {
      const { visit, clock } = siteOf(mode, preset)
      await visit((session) => session.signIn('ada'))
      const step = idle / 2
      for (let at = step; at < overall; at += step) {
        clock.advance(step)
        expect(await visit(({ userId }) => userId)).toBe('ada')
      }
      clock.advance(step - 1)
      expect(await visit(({ userId }) => userId)).toBe('ada')
      clock.advance(1)
      expect(await visit(({ userId }) => userId)).toBeUndefined()
    })

    test('row 29: a new authentication before that begins both anew', async () => {
      const { visit, clock } = siteOf(mode, preset)
      await visit((session) => session.signIn('ada'))
      clock.advance(idle - 1)
      await visit((session) => session.reauthenticate())
      clock.advance(idle - 1)
      expect(await visit(({ userId }) => userId)).toBe('ada')
    })
  })
})
