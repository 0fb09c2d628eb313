import { expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'

/** More moves than anybody makes, but a thief who hides what the session has become behind them. */
const MOVES = 80

/** A user, and a thief with a copy of the cookie who has the session move on and on. */
async function robbed(moves = MOVES, change: (store: SessionStore) => Partial<SessionStore> = () => ({})) {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  const store = { ...memory, ...change(memory) }
  const manager = createSessionManager({ secret: generateSecret(), clock, store })
  const owner = await visitWith(manager, '', (session) => session.signIn('alice'))
  const { id } = await manager.open(requestWith(owner))
  let thief = owner
  for (let i = 0; i < moves; i++) thief = await visitWith(manager, thief, (session) => session.regenerate())
  return { manager, clock, owner, thief, id }
}

test('a cookie from before many moves ends the session as any other that is used twice', async () => {
  const { manager, clock, owner, thief } = await robbed()
  clock.advance(61)
  expect(await whoseIs(manager, owner)).toBeUndefined()
  expect(await whoseIs(manager, thief)).toBeUndefined()
})

test('signOut with a cookie from before many moves ends what the session has become', async () => {
  const { manager, owner, thief } = await robbed()
  await visitWith(manager, owner, (session) => session.signOut())
  expect(await whoseIs(manager, thief)).toBeUndefined()
})

test('users.revoke by an id from before many moves ends the session, and no other of the user', async () => {
  const { manager, thief, id } = await robbed()
  const other = await visitWith(manager, '', (session) => session.signIn('alice'))
  expect(await manager.users.revoke(id, 'mallory')).toBe(false)
  expect(await manager.users.revoke(id, 'alice')).toBe(true)
  expect(await whoseIs(manager, thief)).toBeUndefined()
  expect(await whoseIs(manager, other)).toBe('alice')
})

test('signOut that failed on the way to what the session has become can be tried again', async () => {
  let failures = 0
  const { manager, owner, thief } = await robbed(2, (store) => ({
    async get(key) {
      if (failures > 0 && key === thiefKey && failures-- > 0) throw new Error('down')
      return store.get(key)
    },
  }))
  const thiefKey = (await manager.open(requestWith(thief))).id
  failures = 2 // A read is tried twice.
  const signOut = () => visitWith(manager, owner, (session) => session.signOut())
  await expect(signOut()).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
  await signOut()
  expect(await whoseIs(manager, thief)).toBeUndefined()
})
