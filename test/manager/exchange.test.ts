import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'
import { createTokenIssuer, generateSigningKey } from 'wafer-session/jwt'
import { MODES, SERVER_MODES, siteOf } from '../support/modes.ts'

describe.each(MODES)('a token of a session, %s', (mode) => {
  test('names the marks that can end it, where there are marks', async () => {
    const { visit, clock } = siteOf(mode)
    const keys = [await generateSigningKey()] as const
    const issuer = createTokenIssuer({ issuer: 'https://shop.test', keys, clock })
    await visit((session) => session.signIn('ada'))
    const token = await visit((session) => issuer.issue(session, { audience: 'https://api.test' }))
    const { session_marks: marks } = decodeJwt(token)
    if (mode !== 'revocations') expect(marks).toBeUndefined()
    else expect(marks).toMatchObject({ keys: [expect.any(String), expect.any(String)] })
  })
})

describe.each(SERVER_MODES)('a challenge that was taken, %s', (mode) => {
  test('is remembered under the purpose challenge, and no longer than needed', async () => {
    const { visit, manager, clock } = siteOf(mode)
    const value = await visit((session) => session.challenge.put('passkey', { ttl: 60 }))
    const began = clock()
    expect(await visit((session) => session.challenge.take('passkey'))).toMatchObject({
      value,
      singleUse: true,
    })
    const entry = await manager.serverState('challenge').get([value])
    expect(entry).toMatchObject({ value: 1, expiresAt: began + 120_000 })
  })
})

test('a session that began within the millisecond of revokeAll stands', async () => {
  const { visit, manager, clock } = siteOf('revocations', { revocationMaxAge: 1 })
  await manager.users.revokeAll('ada')
  await visit((session) => session.signIn('ada'))
  clock.advance(1)
  expect(await visit(({ userId }) => userId)).toBe('ada')
})
