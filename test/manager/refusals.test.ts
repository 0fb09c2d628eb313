import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type RiskAction, type SessionStore } from 'wafer-session'
import { type Mode, SERVER_MODES, siteOf } from '../support/modes.ts'
import { rival } from '../support/rival.ts'
import type { AnyData } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'

describe('users of sealed cookies alone', () => {
  test.each(['list', 'revoke', 'revokeAll', 'revokeFederated', 'isLive'] as const)(
    '%s says what it needs',
    async (name) => {
      const { users } = createSessionManager({ secret: generateSecret() })
      const call = users[name] as (...given: unknown[]) => Promise<unknown>
      await expect(call('a', 'b')).rejects.toThrow(TypeError)
      await expect(call('a', 'b')).rejects.toThrow(
        `users.${name}() needs sessions in a store, or revocations`,
      )
    },
  )
})

describe.each(SERVER_MODES)('names of an OpenID provider, %s', (mode) => {
  test.each([{}, { iss: 'a' }, { iss: '', sub: 'b' }, { iss: 'a', sub: '' }, { iss: 'a', sub: 'b', sid: 1 }])(
    'revokeFederated(%j) is a TypeError, and ends nothing',
    async (subject) => {
      const { manager, visit } = siteOf(mode)
      await visit((session) => session.signIn('ada', { oidc: { iss: 'a', sub: 'b' } }))
      await expect((async () => manager.users.revokeFederated(subject as never))()).rejects.toThrow(TypeError)
      expect(await visit(({ userId }) => userId)).toBe('ada')
    },
  )

  test.each([{}, { iss: 'a' }, { iss: 'a', sub: '' }, { iss: 'a', sub: 'b', sid: 1 }, { iss: 1, sub: 'b' }])(
    'signIn with oidc %j is a TypeError, and signs nobody in',
    async (oidc) => {
      const { visit } = siteOf(mode)
      await visit((session) => {
        expect(() => session.signIn('ada', { oidc: oidc as never })).toThrow(TypeError)
        expect(session.userId).toBeUndefined()
      })
    },
  )
})

/** A site whose monitor says this from now on, with a store that has something of its own. */
function judged(mode: Mode, action: () => RiskAction, change?: (store: SessionStore) => SessionStore) {
  return siteOf(mode, { monitor: { assess: () => ({ risk: 0.9, action: action() }) } }, change)
}

test.each(SERVER_MODES)('a monitor that says end-all ends every session of the user, %s', async (mode) => {
  let action: RiskAction = 'allow'
  const { manager, jar, visit, clock } = judged(mode, () => action)
  const cookies: string[] = []
  for (let i = 0; i < 2; i++) {
    jar.set('__Host-session', '')
    await visit((session) => session.signIn('ada'))
    cookies.push(jar.header())
  }
  action = 'end-all'
  expect((await manager.open(requestWith(cookies[0] ?? ''))).userId).toBeUndefined()
  action = 'allow'
  clock.advance(60) // With revocations, until the marks are read again.
  const opened = await Promise.all(cookies.map((cookie) => manager.open(requestWith(cookie))))
  expect(opened.map(({ userId }) => userId)).toEqual([undefined, undefined])
})

describe('a step-up that is asked for while others write the session', () => {
  /** @param meanwhile Once, before the next update. */
  function place() {
    const { before, change } = rival()
    let action: RiskAction = 'allow'
    const made = judged(
      'store',
      () => action,
      (store) => ({ ...store, ...change(store) }),
    )
    const say = (next: RiskAction, write?: () => Promise<unknown>) => {
      action = next
      before(write)
    }
    return { ...made, say }
  }

  test('is written on top of what they wrote', async () => {
    const { manager, visit, jar, say } = place()
    await visit((session) => session.signIn('ada'))
    const other = await manager.open(requestWith(jar.header()))
    other.data.n = 1
    say('stepUp', () => manager.commit(other))
    const { pending } = await manager.open(requestWith(jar.header()))
    expect(pending?.userId).toBe('ada')
    say('allow')
    expect(await visit(({ userId, pending }) => [userId, pending?.userId])).toEqual([undefined, 'ada'])
    await visit((session) => session.reauthenticate())
    expect(await visit(({ userId, data }) => [userId, (data as AnyData).n])).toEqual(['ada', 1])
  })

  test('brings back no session that ended', async () => {
    const { manager, visit, jar, say } = place()
    await visit((session) => session.signIn('ada'))
    say('stepUp', () => manager.users.revokeAll('ada'))
    expect((await manager.open(requestWith(jar.header()))).userId).toBeUndefined()
    say('allow')
    expect(await visit(({ userId, pending }) => [userId, pending])).toEqual([undefined, undefined])
    expect(await manager.users.list('ada')).toEqual([])
  })
})
