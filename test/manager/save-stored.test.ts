import { describe, expect, test } from 'vitest'
import type { Session, SessionStore } from 'wafer-session'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

const conflict = expect.objectContaining({
  name: 'SessionError',
  code: 'ERR_SESSION_CONFLICT',
  message: 'Other requests wrote the session while this one tried to. Try the request again.',
})
const ended = expect.objectContaining({
  name: 'SessionError',
  code: 'ERR_SESSION_ENDED',
  message: 'The session ended while this request was at work: its changes are not kept.',
})

/** A session in a store where so many updates lose, of what was created first, or of anything else. */
async function place(begin: (session: Session) => unknown) {
  const lose = { old: 0, born: 0 }
  const seen: string[] = []
  const keys: string[] = []
  const site = storeSite<Record<string, unknown>>({}, (store: SessionStore) => ({
    create(key, ...rest) {
      keys.push(key)
      return store.create(key, ...rest)
    },
    async update(key, ...rest) {
      const which = key === keys[0] ? 'old' : 'born'
      seen.push(which)
      if (seen.length > 20) throw new Error('it never ends')
      return lose[which]-- > 0 ? null : store.update(key, ...rest)
    },
  }))
  const manager = site.manager
  const cookie = await visitWith(manager, '', begin)
  return { manager, cookie, lose, seen, keys, store: site.store }
}

type Act = (session: Session) => unknown

const signedIn: Act = (session) => session.signIn('u1')
const half: Act = (session) => session.signIn('u1', { pending: true })

describe.each<[what: string, begin: Act, act: Act]>([
  ['regenerate', signedIn, (session) => session.regenerate()],
  ['reauthenticate', signedIn, (session) => session.reauthenticate()],
  ['the second half of a sign-in', half, (session) => session.reauthenticate()],
])('%s in conflict with other requests', (_, begin, act) => {
  test('is made when they let it at the third try', async () => {
    const { manager, cookie, lose } = await place(begin)
    lose.old = 2
    const next = await visitWith(manager, cookie, act)
    expect(await whoseIs(manager, next)).toBe('u1')
    expect(await whoseIs(manager, cookie)).not.toBe('u1')
  })

  test('is given up after three tries, leaves the session as it was, and nothing else', async () => {
    const { manager, cookie, lose, seen, store } = await place(begin)
    lose.old = 3
    const before = [...(await store.dump()).keys()]
    await expect(visitWith(manager, cookie, act)).rejects.toThrow(conflict)
    expect(seen.filter((which) => which === 'old').length).toBe(3)
    expect([...(await store.dump()).keys()]).toEqual(before)
  })

  test('is over when the session has ended meanwhile', async () => {
    const { manager, cookie, lose, keys, store } = await place(begin)
    lose.old = 1
    const session = await manager.open(requestWith(cookie))
    act(session)
    await store.delete(keys[0] as string)
    await expect(manager.commit(session)).rejects.toThrow(ended)
    expect((await store.dump()).size).toBe(0)
  })
})

test('regenerate is over when what it made has ended before the old id has', async () => {
  const { manager, cookie, lose } = await place(signedIn)
  Object.assign(lose, { old: 1, born: 1 })
  const regenerating = visitWith(manager, cookie, (session) => session.regenerate())
  await expect(regenerating).rejects.toThrow(ended)
  expect(await whoseIs(manager, cookie)).toBe('u1')
})

test('a change in conflict is given up after three tries', async () => {
  const { manager, cookie, lose, seen } = await place(signedIn)
  lose.old = 3
  const changing = visitWith(manager, cookie, (session) => Object.assign(session.data, { a: 1 }))
  await expect(changing).rejects.toThrow(conflict)
  expect(seen.length).toBe(3)
})

test('the second half of a sign-in is not made over what another request has put into the first', async () => {
  for (const write of [
    (session: Session) => Object.assign(session.data, { a: 1 }),
    (session: Session) => session.flash('a', 1),
  ]) {
    const { manager, cookie } = await place(half)
    const session = await manager.open(requestWith(cookie))
    session.reauthenticate()
    await visitWith(manager, cookie, write)
    await expect(manager.commit(session)).rejects.toThrow(conflict)
  }
})

test('signIn over a session ends that one also where the store cannot compare', async () => {
  const { manager } = storeSite<Record<string, unknown>>({}, ({ capabilities }) => ({
    capabilities: { ...capabilities, atomicUpdate: false },
  }))
  const before = await visitWith(manager, '', signedIn)
  const after = await visitWith(manager, before, (session) => session.signIn('u2'))
  expect([await whoseIs(manager, before), await whoseIs(manager, after)]).toEqual([undefined, 'u2'])
})
