import { expect, test } from 'vitest'
import { generateSecret, SessionError } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import * as z from 'zod'
import { siteOf } from '../support/modes.ts'
import { site } from '../support/site.ts'

test.each([
  ['an error', new Error('no headers')],
  ['an error that is called like ours', Object.assign(new Error('no'), { code: 'ERR_SESSION_STORE' })],
  ['another error of ours', new SessionError('ERR_SESSION_CONFLICT', 'no')],
  ['nothing', undefined],
])("manager.open with onStoreError 'anonymous' hides no other failure: %s", async (_, failure) => {
  let fails = false
  const value = () => {
    if (fails) throw failure
    return 'same'
  }
  const { visit } = siteOf('store', {
    onStoreError: 'anonymous',
    binding: { custom: { value, action: 'end' } },
  })
  await visit((session) => session.signIn('u1'))
  fails = true
  const failed = await visit((session) => session.userId).then(
    () => 'opened',
    (error: unknown) => ({ error }),
  )
  expect(failed).toEqual({ error: failure })
  fails = false
  expect(await visit((session) => session.userId)).toBe('u1')
})

test('manager.open tells of a migration that gives data to a session without any, and of none that empties it', async () => {
  const secret = generateSecret()
  const { clock, visit, jar } = site({ secret })
  await visit((session) => session.signIn('u1'))
  const schema = z.object({ n: z.number() })
  const migrate = () => ({ n: 1 })
  for (const [options, told] of [
    [{ schema, migrate }, ['migrate']],
    [{ schema: z.object({ n: z.number().default(1) }) }, []],
    [{ schema }, []],
  ] as const) {
    const later = site({ secret, ...options } as never, clock)
    const request = new Request('https://example.test/', { headers: { cookie: jar.header() } })
    expect((await later.manager.open(request)).userId).toBe('u1')
    expect(later.events.map(({ type }) => type)).toEqual(told)
  }
})

test('manager.open without a schema begins with no data, and writes none', async () => {
  const { manager } = site({ store: memoryStore() })
  const session = await manager.open(new Request('https://example.test/'))
  expect(session.data).toEqual({})
  expect(await manager.commit(session)).toEqual([])
})
