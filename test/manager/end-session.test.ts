import { describe, expect, test } from 'vitest'
import type { Session, SessionStore } from 'wafer-session'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

/** Races that are lost before a session is removed whatever anybody has made of it; more are an endless loop. */
const MAX_LOST = 64

/** A visitor who is signed in as ada, on a store whose updates can be made to lose. */
async function signedIn(change: Partial<SessionStore> = {}) {
  const race = { lost: 0, lose: false, meanwhile: async (_lost: number): Promise<unknown> => undefined }
  const made = storeSite({}, (store) => ({
    async update(...given) {
      if (!race.lose) return store.update(...given)
      race.lost++
      if (race.lost > 2 * MAX_LOST) throw new Error('This goes on for ever.')
      race.lose = false
      await race.meanwhile(race.lost)
      race.lose = true
      return null
    },
    ...change,
  }))
  await made.visit((session) => session.signIn('ada'))
  made.store.calls()
  made.events.length = 0
  const open = (cookie: string) => made.manager.open(requestWith(cookie))
  const write = async (cookie: string, page: (session: Session) => void) => {
    const session = await made.manager.open(requestWith(cookie))
    page(session)
    const [line = ''] = await made.manager.commit(session)
    return line.slice(0, line.indexOf(';'))
  }
  return { ...made, race, open, write }
}

describe('users.revokeAll, when others write the session all the time', () => {
  test('removes it after as many lost races', async () => {
    const { manager, race, open, jar } = await signedIn()
    race.lose = true
    expect(await manager.users.revokeAll('ada')).toBe(1)
    race.lose = false
    expect(race.lost).toBe(MAX_LOST)
    expect((await open(jar.header())).isNew).toBe(true)
  })

  test('follows it to a new id that it got in the last of them', async () => {
    const { manager, race, write, open, jar } = await signedIn()
    let moved = ''
    race.meanwhile = async (lost) => {
      if (lost === MAX_LOST) moved = await write(jar.header(), (session) => session.regenerate())
    }
    race.lose = true
    expect(await manager.users.revokeAll('ada')).toBe(1)
    race.lose = false
    expect(moved).not.toBe('')
    expect((await open(moved)).isNew).toBe(true)
    expect(await manager.users.list('ada')).toEqual([])
  })
})

describe('an id that a session had', () => {
  test.each([
    [MAX_LOST, true],
    [MAX_LOST + 1, false],
  ])('is followed through %i moves: %s', async (moves, expected) => {
    const { manager, visit } = await signedIn()
    const first = await visit(({ id }) => id)
    for (let i = 0; i < moves; i++) await visit((session) => session.regenerate())
    expect(await manager.users.isLive(first, 'ada')).toBe(expected)
    expect(await manager.users.isLive(await visit(({ id }) => id), 'ada')).toBe(true)
  })

  test('still says that it has moved on when a sign-in has ended what it became', async () => {
    const { write, open, jar } = await signedIn()
    const first = jar.header()
    const slow = await open(first)
    await write(first, (session) => session.regenerate())
    slow.signIn('bob')
    await slow.commit()
    const late = await open(first)
    expect(() => {
      late.data.n = 1
    }).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
  })
})

describe('on a store that cannot compare', () => {
  async function simple() {
    const made = await signedIn({
      capabilities: { consistency: 'strong', atomicUpdate: false, index: 'atomic' },
    })
    return made
  }

  test('signOut deletes, and writes nothing before that', async () => {
    const { visit, store } = await simple()
    await visit((session) => session.signOut())
    expect(store.calls()).toEqual(['get', 'delete'])
  })

  test('signIn leaves a tombstone of the session before', async () => {
    const { visit, open, jar } = await simple()
    const first = jar.header()
    await visit((session) => session.signIn('bob'))
    const late = await open(first)
    expect(late.userId).toBeUndefined()
    expect(() => {
      late.data.n = 1
    }).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
  })
})

test('a session that nobody can read any more is not said to have ended', async () => {
  const { visit, store, race, manager } = await signedIn()
  const [key = ''] = store.places.keys()
  race.meanwhile = async () => {
    race.lose = false
    const { version = '' } = (await store.get(key)) ?? {}
    await store.update(key, 'AAAA', { version, expiresAt: Number.MAX_SAFE_INTEGER })
  }
  race.lose = true
  const handling = visit((session) => session.signOut())
  await expect(handling).rejects.toMatchObject({
    code: 'ERR_SESSION_STORE',
    message: 'A stored session cannot be read, so nobody knows whether it ended.',
  })
  expect(await manager.users.list('ada')).toEqual([])
})
