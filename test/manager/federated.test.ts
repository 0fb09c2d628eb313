import { describe, expect, test } from 'vitest'
import type { SessionStore } from 'wafer-session'
import { SERVER_MODES, siteOf } from '../support/modes.ts'
import { storeSite } from '../support/watched-store.ts'

const iss = 'https://op.test'

/** The sessions that stand, by their users. */
async function standing(change: (store: SessionStore) => Partial<SessionStore> = () => ({})) {
  const made = storeSite({}, change)
  const { visit, jar, manager } = made
  const users = ['provider', 'session', 'otherIssuer', 'password'] as const
  const of = {
    provider: { iss, sub: '1' },
    session: { iss, sub: '1', sid: 'a' },
    otherIssuer: { iss: 'https://other.test', sub: '1', sid: 'a' },
    password: undefined,
  }
  for (const user of users) {
    jar.set('__Host-session', '')
    await visit((session) => session.signIn(user, { oidc: of[user] }))
  }
  const left = async () => {
    const lists = await Promise.all(users.map((user) => manager.users.list(user)))
    return users.filter((_, i) => lists[i]?.length === 1)
  }
  return { ...made, left }
}

describe('users.revokeFederated', () => {
  const cases: [what: string, subject: { sid: string; sub?: string } | { sub: string }, left: string[]][] = [
    ['a user there', { sub: '1' }, ['otherIssuer', 'password']],
    ['a session there', { sid: 'a' }, ['provider', 'otherIssuer', 'password']],
    ['a session of a user there', { sid: 'a', sub: '1' }, ['provider', 'otherIssuer', 'password']],
    [
      'a session of another user there',
      { sid: 'a', sub: '2' },
      ['provider', 'session', 'otherIssuer', 'password'],
    ],
    ['another session there', { sid: 'b' }, ['provider', 'session', 'otherIssuer', 'password']],
  ]

  test.each(cases)('ends the sessions of %s', async (_, subject, expected) => {
    const { manager, left } = await standing()
    expect(await manager.users.revokeFederated({ iss, ...subject })).toBe(4 - expected.length)
    expect(await left()).toEqual(expected)
  })

  test.each(cases)('ends no others where the index lists too much: %s', async (_, subject, expected) => {
    // As an index does that hashes its tags, or whose entries outlive their records.
    const keys = new Set<string>()
    const { manager, left } = await standing((store) => ({
      create(key, value, options) {
        keys.add(key)
        return store.create(key, value, options)
      },
      list: async () => [...keys],
    }))
    expect(await manager.users.revokeFederated({ iss, ...subject })).toBe(4 - expected.length)
    expect(await left()).toEqual(expected)
  })
})

test.each([
  [undefined, 1],
  [{ iss, sub: '1' }, 2],
  [{ iss, sub: '1', sid: 'a' }, 3],
])('signIn with oidc %j: a session is listed under %i tags', async (oidc, count) => {
  const { visit, store } = storeSite()
  await visit((session) => session.signIn('ada', { oidc }))
  expect([...store.places.values()].map(({ tags }) => tags?.length)).toEqual([count])
})

test.each([
  [undefined, 2],
  [{ iss, sub: '1' }, 3],
  [{ iss, sub: '1', sid: 'a' }, 4],
])('signIn with oidc %j: %i marks are read', async (oidc, count) => {
  let read = 0
  const made = siteOf('revocations', { revocationMaxAge: 10 }, (store) => ({
    ...store,
    async getMany(keys) {
      read = keys.length
      return Promise.all(keys.map(store.get))
    },
  }))
  await made.visit((session) => session.signIn('ada', { oidc }))
  made.clock.advance(10)
  expect(await made.visit(({ userId }) => userId)).toBe('ada')
  expect(read).toBe(count)
})

describe.each(SERVER_MODES)('half a sign-in that came from a provider, %s', (mode) => {
  test.each([{ sub: '1' }, { sid: 'a' }])('is ended by its %j', async (name) => {
    const { visit, manager, clock } = siteOf(mode)
    await visit((session) => session.signIn('ada', { pending: true, oidc: { iss, sub: '1', sid: 'a' } }))
    clock.advance(1)
    await manager.users.revokeFederated({ iss, ...(name as { sub: string }) })
    const completing = visit((session) => session.reauthenticate())
    await expect(completing).rejects.toThrow()
    expect(await visit(({ userId }) => userId)).toBeUndefined()
  })
})
