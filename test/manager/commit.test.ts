import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { SERVER_MODES, siteOf } from '../support/modes.ts'
import { rival } from '../support/rival.ts'
import { type AnyData, namesSet, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

describe.each(SERVER_MODES)('a session that requireAuthoritative found ended, %s', (mode) => {
  async function refused() {
    const made = siteOf(mode)
    await made.visit((session) => session.signIn('ada'))
    const session = await made.manager.open(requestWith(made.jar.header()))
    session.data.n = 1
    await made.manager.users.revokeAll('ada')
    made.clock.advance(1)
    await expect(session.requireAuthoritative()).rejects.toThrow(
      'Cannot go on: the session was ended elsewhere, or has to be confirmed.',
    )
    made.events.length = 0
    return { ...made, session }
  }

  test('session.commit() writes nothing of it', async () => {
    const { session, manager, events } = await refused()
    await session.commit()
    const response = await manager.respond(session, new Response('ok'))
    expect([namesSet(response), events]).toEqual([[], []])
  })

  test('nor does the end of the request', async () => {
    const { session, manager, events } = await refused()
    expect(await manager.commit(session)).toEqual([])
    expect(events).toEqual([])
  })

  test('requireAuthoritative says so again', async () => {
    const { session } = await refused()
    await expect(session.requireAuthoritative()).rejects.toThrow(
      'Cannot go on: the session was ended elsewhere, or has to be confirmed.',
    )
  })
})

test('requireAuthoritative after signOut says what to do', async () => {
  const { visit } = site()
  const going = visit(async (session) => {
    session.signIn('ada')
    session.signOut()
    await session.requireAuthoritative()
  })
  await expect(going).rejects.toThrow('Cannot go on: the session has ended. Sign in on another request.')
})

test('session.commit() waits for the one before', async () => {
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let updates = 0
  const { visit } = storeSite({}, (store) => ({
    async update(...given) {
      updates++
      begun.resolve()
      await gate.promise
      return store.update(...given)
    },
  }))
  await visit((session) => session.signIn('ada'))
  await visit(async (session) => {
    const commits: Promise<void>[] = []
    for (const n of [1, 2, 3]) {
      session.data.n = n
      commits.push(session.commit())
    }
    await begun.promise
    // Time enough for the others to seal a record.
    for (let i = 0; i < 20; i++) await crypto.subtle.digest('SHA-256', new Uint8Array(1024))
    expect(updates).toBe(1)
    gate.resolve()
    await Promise.all(commits)
  })
  expect(updates).toBeGreaterThan(1)
  expect(await visit(({ data }) => data.n)).toBe(3)
})

test('a write that lost, on a session whose time was over by then, is refused', async () => {
  const { before, change } = rival()
  // With a clock of its own, so that what is over is still there.
  const memory = memoryStore({ clock: fakeClock() })
  const store: SessionStore = { ...memory, ...change(memory) }
  const { visit, jar, manager, clock } = site({ idleTimeout: 600, store })
  await visit((session) => session.signIn('ada'))
  const open = () => manager.open(requestWith(jar.header()))
  const slow = await open()
  slow.data.n = 1
  before(async () => {
    const quick = await open()
    quick.data.m = 1
    await manager.commit(quick)
    clock.advance(600)
  })
  await expect(manager.commit(slow)).rejects.toMatchObject({
    code: 'ERR_SESSION_ENDED',
    message: 'The session has expired meanwhile.',
  })
})

describe('data alone, on a request from another site', () => {
  const asked = async (init: { method: string; cookie?: string; sameSite?: 'Lax' | 'Strict' | 'None' }) => {
    const { method, cookie = '', sameSite = 'Lax' } = init
    const secret = generateSecret()
    const manager = createSessionManager<AnyData>({ secret, cookie: { sameSite } })
    const headers = new Headers({ 'Sec-Fetch-Site': 'cross-site' })
    let before = ''
    if (cookie !== '') {
      const session = await manager.open(requestWith(''))
      session.data.basket = [cookie]
      before = ((await manager.commit(session))[0] as string).split(';', 1)[0] as string
      headers.set('Cookie', before)
    }
    // TRACE is a method that no Request takes, and that a server may see.
    const session = await manager.open({ method, headers } as Request)
    session.data.n = 1
    return (await manager.commit(session)).length
  }

  test.each([
    ['GET', 1],
    ['HEAD', 1],
    ['OPTIONS', 1],
    ['TRACE', 1],
    ['POST', 0],
    ['PUT', 0],
    ['DELETE', 0],
    ['get', 0],
  ])('Lax: a %s sets %i cookies', async (method, count) => {
    expect(await asked({ method })).toBe(count)
  })

  test.each(['GET', 'POST'])('Strict: a %s sets none', async (method) => {
    expect(await asked({ method, sameSite: 'Strict' })).toBe(0)
  })

  test('None: a POST sets it', async () => {
    expect(await asked({ method: 'POST', sameSite: 'None' })).toBe(1)
  })

  test.each(['Lax', 'Strict'] as const)('%s: one that brought its cookie changes it', async (sameSite) => {
    expect(await asked({ method: 'POST', sameSite, cookie: 'tea' })).toBe(1)
  })
})
