import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { ask, tokenOf } from '../support/bearer.ts'
import { breakable } from '../support/broken-stores.ts'
import { change, LONG, signedIn, signedInWithRival, twoDeployments } from '../support/renewal.ts'
import { requestWith, visitWith } from '../support/visitor.ts'

/** Updates that all lose, and how many there were; one too many says that it never ends. */
function losing() {
  const lost = { count: 0, on: false }
  const update = (store: SessionStore): Partial<SessionStore> => ({
    async update(...args) {
      if (!lost.on) return store.update(...args)
      if (++lost.count > 20) throw new Error('it never ends')
      return null
    },
  })
  return { lost, update }
}

describe('a request whose token may be replaced', () => {
  test('asks the store once for an offer when it is short', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    expect((await scene.ask(first)).cookie).not.toBeNull()
    expect(scene.store.calls()).toEqual(['get'])
  })

  test('asks the store once, however long it takes, when there is nothing to offer', async () => {
    const { scene, first } = await signedIn()
    expect((await scene.ask(first, () => scene.at(30))).cookie).toBeNull()
    expect(scene.store.calls()).toEqual(['get'])
  })

  test('asks the store once when it throws after a long time', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const failing = scene.ask(first, () => {
      scene.at(930)
      throw new Error('no stock')
    })
    await expect(failing).rejects.toThrow('no stock')
    expect(scene.store.calls()).toEqual(['get'])
  })

  test('tries to confirm three times, and is served when others are always faster', async () => {
    const { lost, update } = losing()
    const { scene, first } = await signedIn({}, update)
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    lost.on = true
    expect((await scene.ask(next)).userId).toBe('u1')
    expect(lost.count).toBe(3)
    expect(scene.told()).toEqual([])
  })

  test('is served under the token that was offered though the store fails to confirm it', async () => {
    const fault = breakable()
    const { scene, first } = await signedIn({}, fault.change)
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    fault.isBroken = true
    expect(await scene.ask(next)).toMatchObject({ userId: 'u1', cookie: null })
  })

  test('sees what another request wrote just before it, though the store fails then', async () => {
    let rival: (() => Promise<unknown>) | undefined
    let overtaken = false
    const { scene, first } = await signedIn({}, (store) => ({
      async update(...args) {
        if (overtaken) throw new Error('connection reset')
        const overtake = rival
        rival = undefined
        await overtake?.()
        overtaken = overtake !== undefined
        return store.update(...args)
      },
    }))
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    rival = () => scene.ask(first, change)
    expect(await scene.ask(next, ({ data }) => expect(data).toEqual({ n: 1 }))).toMatchObject({
      userId: 'u1',
    })
    expect(scene.told()).toEqual(['store-error'])
  })

  test('that confirmed gets its token under the first secret', async () => {
    const { one, other, first } = await twoDeployments()
    one.at(900)
    const next = (await one.ask(first)).cookie as string
    one.at(950)
    const { cookie } = await other.ask(next)
    expect(cookie).not.toBe(next)
    expect(tokenOf(cookie)).toBe(tokenOf(next))
  })

  test('that lost against another write, and not a renewal, is offered the next token all the same', async () => {
    const { scene, first, beforeUpdate } = await signedInWithRival()
    scene.at(900)
    const next = (await scene.ask(first)).cookie
    beforeUpdate(() => scene.ask(first, change))
    const write = (session: Parameters<typeof change>[0]) => void Object.assign(session.data, { m: 2 })
    expect((await scene.ask(first, write)).cookie).toBe(next)
    expect(await scene.ask(first, ({ data }) => expect(data).toEqual({ n: 1, m: 2 }))).toMatchObject({
      userId: 'u1',
    })
  })
})

test('row 27: of the current token and the one before in one request the current one counts', async () => {
  // Values are random, and so is their order: ten times is enough for both.
  for (let i = 0; i < 10; i++) {
    const { one, other, first } = await twoDeployments()
    one.at(900)
    const second = (await one.ask(first)).cookie as string
    one.at(1000)
    await one.ask(second)
    one.at(1010)
    // Only the current one is given a tag under the secret that is first here.
    const { cookie } = await other.ask(`${first}; __Host-session=${second}`)
    expect(tokenOf(cookie)).toBe(tokenOf(second))
  }
})

test('row 27: a previous token whose secret was dropped is refused, and no theft', async () => {
  const { one, other, first, store, secrets } = await twoDeployments()
  one.at(10)
  const { cookie: tagged } = await other.ask(first)
  one.at(900)
  const next = (await other.ask(tagged as string)).cookie as string
  one.at(1000)
  await other.ask(next)
  one.at(1010)
  const reasons: string[] = []
  const alone = createSessionManager({
    ...LONG,
    secret: secrets[1],
    store,
    clock: one.clock,
    onEvent: (event) => void reasons.push('reason' in event ? event.reason : event.type),
  })
  expect((await ask(alone as never, tagged as string)).userId).toBeUndefined()
  expect(reasons).toEqual(['unknown-key'])
  expect((await ask(alone as never, next)).userId).toBe('u1')
})

describe('a step-up that the monitor asks for', () => {
  async function asked(update?: (store: SessionStore) => Partial<SessionStore>) {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    let updates = 0
    const changed = { ...memory, ...update?.(memory) }
    const store: SessionStore = {
      ...changed,
      update(...args) {
        updates++
        return changed.update(...args)
      },
    }
    let action = 'allow'
    const monitor = { assess: () => ({ action, risk: 0.5 }) } as never
    const manager = createSessionManager({ clock, store, monitor, secret: generateSecret() })
    const cookie = await visitWith(manager, '', (session) => session.signIn('u1'))
    action = 'stepUp'
    return { manager, cookie, updates: () => updates }
  }

  test('is one write', async () => {
    const { manager, cookie, updates } = await asked()
    const session = await manager.open(requestWith(cookie))
    expect([session.userId, session.pending?.userId, updates()]).toEqual([undefined, 'u1', 1])
  })

  test('is tried three times, and holds for this request when others are always faster', async () => {
    const { lost, update } = losing()
    const { manager, cookie, updates } = await asked(update)
    lost.on = true
    const session = await manager.open(requestWith(cookie))
    expect([session.userId, session.pending?.userId, updates()]).toEqual([undefined, 'u1', 3])
  })
})
