import { expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { createRecoveryCodes } from 'wafer-session/totp'

const DAY = 86_400

/** Recovery codes, and for how many seconds what was written last is kept. */
function recovery() {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  const kept = { seconds: 0 }
  const note = ({ expiresAt }: { expiresAt: number }) => {
    kept.seconds = (expiresAt - clock()) / 1000
  }
  const sessions = createSessionManager({
    secret: generateSecret(),
    clock,
    store: {
      ...store,
      create(key, value, options) {
        note(options)
        return store.create(key, value, options)
      },
      update(key, value, options) {
        note(options)
        return store.update(key, value, options)
      },
    },
  })
  return { codes: createRecoveryCodes({ sessions, clock }), kept, clock }
}

test('RecoveryCodes.use: names that anybody makes up are counted for a day, not for years', async () => {
  const { codes, kept } = recovery()
  for (let i = 0; i < 5; i++) await codes.use('made-up', 'x')
  expect(kept.seconds).toBe(DAY)
  expect(await codes.use('made-up', 'x')).toMatchObject({ reason: 'locked', retryAfter: 30 })
})

test('RecoveryCodes.use: failures of whoever has codes are not forgotten', async () => {
  const { codes, kept, clock } = recovery()
  await codes.use('alice', 'x')
  const [code = ''] = await codes.generate('alice')
  expect(kept.seconds).toBeGreaterThan(365 * DAY)
  for (let i = 0; i < 4; i++) expect(await codes.use('alice', 'x')).toMatchObject({ reason: 'wrong' })
  expect(kept.seconds).toBeGreaterThan(365 * DAY)
  expect(await codes.use('alice', code)).toMatchObject({ reason: 'locked' })
  clock.advance(2 * DAY)
  expect(await codes.use('alice', 'x')).toMatchObject({ reason: 'wrong', retryAfter: 60 })
})
