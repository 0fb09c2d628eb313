import { describe, expect, test } from 'vitest'
import { MODES, siteOf } from '../support/modes.ts'
import { application, requestWith } from '../support/visitor.ts'

describe('a sealed cookie', () => {
  test.each([
    [1, 4096, 'unknown-version'],
    [1, 4097, 'too-long'],
  ])('of %i part: %i characters are %s', async (maxChunks, length, reason) => {
    const { manager, reasons } = application({ maxChunks })
    await manager.open(requestWith(`__Host-session=${'A'.repeat(length)}`))
    expect(reasons).toEqual([reason])
  })
})

describe.each(MODES)('half a sign-in, %s', (mode) => {
  test('of which two requests make a whole one', async () => {
    const { visit, manager, jar } = siteOf(mode)
    await visit((session) => session.signIn('ada', { pending: true }))
    const both = await Promise.all([1, 2].map(() => manager.open(requestWith(jar.header()))))
    for (const session of both) session.reauthenticate()
    const [first, second] = both
    expect(first && (await manager.commit(first))).toHaveLength(1)
    const committing = (async () => (second ? manager.commit(second) : []))()
    if (mode === 'sealed') expect(await committing).toHaveLength(1)
    else if (mode === 'revocations') {
      await expect(committing).rejects.toMatchObject({
        code: 'ERR_SESSION_ENDED',
        message: 'The first half of the sign-in is over. Begin it again.',
      })
    } else await expect(committing).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })
})
