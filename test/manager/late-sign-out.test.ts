import { describe, expect, test } from 'vitest'
import type { Session } from 'wafer-session'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

/** A session whose cookie was replaced a moment ago, and the cookies before and after. */
async function moved(move: (session: Session) => unknown) {
  const site = storeSite()
  const manager = site.manager as never as Parameters<typeof visitWith>[0]
  const before = await visitWith(manager, '', (session) => session.signIn('u1'))
  const after = await visitWith(manager, before, move)
  site.clock.advance(1)
  return { ...site, manager, before, after }
}

const signOut = (session: Session) => session.signOut()

describe('signOut with the cookie from before', () => {
  test.each<[string, (session: Session) => unknown]>([
    ['regenerate', (session) => session.regenerate()],
    ['reauthenticate', (session) => session.reauthenticate()],
  ])('row 15: a %s that is on its way to the browser ends what the session has become', async (_, move) => {
    const { manager, before, after, events, store } = await moved(move)
    const { id } = await manager.open(requestWith(after))
    expect(await visitWith(manager, before, signOut)).toBe('')
    expect(await whoseIs(manager, after)).toBeUndefined()
    expect(await manager.users.list('u1')).toEqual([])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'end', reason: 'sign-out', sessionId: id, userId: 'u1' }),
    )
    expect([...(await store.dump()).keys()]).toEqual([])
  })

  test('row 15: two moves ends the last one', async () => {
    const { manager, before, after } = await moved((session) => session.regenerate())
    const last = await visitWith(manager, after, (session) => session.regenerate())
    await visitWith(manager, before, signOut)
    expect([await whoseIs(manager, after), await whoseIs(manager, last)]).toEqual([undefined, undefined])
  })

  test('a sign-in over it leaves the new session alone, and so do its other late requests', async () => {
    const { manager, before, after } = await moved((session) => session.signIn('u2'))
    await visitWith(manager, before, signOut)
    expect(await whoseIs(manager, after)).toBe('u2')
    const late = await manager.open(requestWith(before))
    expect(() => {
      late.data.n = 1
    }).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
  })

  test('row 86: is 503 when the store cannot end it, and clears no cookie', async () => {
    let down = false
    const site = storeSite({}, (memory) => ({
      async update(...write) {
        if (down) throw new Error('down')
        return memory.update(...write)
      },
    }))
    await site.visit((session) => session.signIn('u1'))
    const before = site.jar.header()
    await site.visit((session) => session.regenerate())
    down = true
    const answer = site.manager.handle(requestWith(before), (session) => {
      session.signOut()
      return new Response('bye')
    })
    await expect(answer).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
  })
})

test('a late request with the cookie from before a move ends nothing unless it signs out', async () => {
  const { manager, before, after } = await moved((session) => session.regenerate())
  expect(await visitWith(manager, before, (session) => session.userId)).toBe(before)
  expect(await whoseIs(manager, after)).toBe('u1')
})

describe('a session that moves while it is ended, and cannot be read then', () => {
  test.each<[string, (session: Session) => unknown]>([
    ['signIn', (session) => session.signIn('u2')],
    ['signOut', signOut],
  ])('rows 15, 86: %s is 503, and says of nothing that it has ended', async (_, end) => {
    let isBroken = false
    const site = storeSite({}, (memory) => ({
      async get(key) {
        const found = await memory.get(key)
        return found && isBroken ? { ...found, value: found.value.slice(0, 40) } : found
      },
    }))
    const manager = site.manager as never as Parameters<typeof visitWith>[0]
    const before = await visitWith(manager, '', (session) => session.signIn('u1'))
    const late = await manager.open(requestWith(before))
    end(late)
    const after = await visitWith(manager, before, (session) => session.regenerate())
    site.events.length = 0
    isBroken = true
    await expect(manager.commit(late)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    isBroken = false
    expect(site.events.filter(({ type }) => type === 'end' || type === 'create')).toEqual([])
    expect(await whoseIs(manager, after)).toBe('u1')
    expect((await manager.users.list('u2')).length).toBe(0)
  })
})
