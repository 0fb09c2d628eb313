import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { keptIn } from '../support/modes.ts'
import { LONG, sceneOf, signedInWithRival } from '../support/renewal.ts'
import { type AnyData, site } from '../support/site.ts'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

describe('two copies of one sealed session', () => {
  test('seen at the same time: it is the same one that opens, in either order', async () => {
    const { visit, jar, manager } = site()
    await visit((session) => session.signIn('ada'))
    const start = jar.header()
    const copies: string[] = []
    for (const n of [1, 2, 3]) {
      jar.set('__Host-session', start.slice('__Host-session='.length))
      await visit(({ data }) => {
        data.n = n
      })
      copies.push(jar.header())
    }
    const [a = '', b = '', c = ''] = copies
    const orders = [
      [a, b, c],
      [c, b, a],
      [b, a, c],
      [c, a, b],
    ]
    const seen = await Promise.all(
      orders.map(async (order) => (await manager.open(requestWith(order.join('; ')))).data.n),
    )
    expect(new Set(seen).size).toBe(1)
    expect([1, 2, 3]).toContain(seen[0])
  })
})

test.each([
  ['before', (a: string, b: string) => a < b],
  ['after', (a: string, b: string) => a > b],
])('of two copies the one seen last opens, also when it is %s the other in the alphabet', async (_, is) => {
  const { visit, jar, clock, manager } = site()
  await visit((session) => session.signIn('ada'))
  const older = jar.header()
  clock.advance(10)
  for (let n = 0; n === 0 || (n < 100 && !is(jar.header(), older)); n++) {
    await visit(({ data }) => {
      data.n = n
    })
  }
  expect(is(jar.header(), older)).toBe(true)
  for (const cookies of [
    [older, jar.header()],
    [jar.header(), older],
  ]) {
    expect(await manager.open(requestWith(cookies.join('; ')))).toMatchObject({
      data: { n: expect.any(Number) },
    })
  }
})

describe('a copy from before beside the cookie of the same session', () => {
  test('is not told of, and changes nothing', async () => {
    const { visit, jar, manager, events, clock } = storeSite(LONG)
    await visit((session) => session.signIn('ada'))
    const first = jar.header()
    clock.advance(900)
    await visit(() => {}) // The next token is offered…
    await visit(() => {}) // …and confirmed.
    clock.advance(61)
    events.length = 0
    for (const cookies of [
      [first, jar.header()],
      [jar.header(), first],
    ]) {
      const session = await manager.open(requestWith(cookies.join('; ')))
      expect(session.userId).toBe('ada')
    }
    expect(events).toEqual([])
    expect((await manager.open(requestWith(first))).isNew).toBe(true)
    expect(events).toEqual([
      expect.objectContaining({ type: 'reject', reason: 'reused' }),
      expect.objectContaining({ type: 'end', reason: 'reused' }),
    ])
  })
})

describe('a session that has just moved on', () => {
  test.each([
    ['the cookie alone', ''],
    ['beside a forged one', '; __Host-session=forged'],
  ])('is read only, %s, and says why', async (_, more) => {
    const { visit, jar, manager } = storeSite()
    await visit((session) => session.signIn('ada'))
    const first = jar.header() + more
    await visit((session) => session.regenerate())
    const late = await manager.open(requestWith(first))
    expect([late.userId, late.isNew]).toEqual([undefined, true])
    const write = () => {
      late.data.n = 1
    }
    expect(write).toThrow(
      'Cannot change data: the session has just moved on under a new cookie, which this request did not bring.',
    )
    expect(write).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
  })

  test('while its offered token was being confirmed is read only too', async () => {
    const { scene, first, beforeUpdate } = await signedInWithRival()
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    beforeUpdate(() => scene.ask(first, (session) => session.regenerate()))
    const late = await scene.manager.open(requestWith(`__Host-session=${next}`))
    expect(() => {
      late.data.n = 1
    }).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
  })
})

describe('a deployment with a stricter policy', () => {
  const HOUR = 3600

  test.each(['sealed', 'revocations', 'store'] as const)(
    'has its deadline hold at once, %s',
    async (mode) => {
      const secret = generateSecret()
      const clock = fakeClock()
      const kept = keptIn(mode, memoryStore({ clock }))
      const lax = site<AnyData>({ ...kept, secret, idleTimeout: 9 * HOUR }, clock)
      const strict = createSessionManager({ ...kept, secret, clock, idleTimeout: HOUR })
      await lax.visit((session) => session.signIn('ada'))
      const { lastSeenAt, expiresAt } = await strict.open(requestWith(lax.jar.header()))
      expect(expiresAt - lastSeenAt).toBe(HOUR * 1000)
    },
  )

  test('has it hold for a session too that another one has confirmed the token of meanwhile', async () => {
    const secret = generateSecret()
    const clock = fakeClock()
    const store = memoryStore({ clock })
    let meanwhile: (() => Promise<unknown>) | undefined
    const overtaken: SessionStore = {
      ...store,
      async update(...given) {
        await meanwhile?.()
        return store.update(...given)
      },
    }
    const lax = sceneOf(site<AnyData>({ ...LONG, secret, store }, clock))
    const strict = createSessionManager({ ...LONG, secret, clock, idleTimeout: HOUR, store: overtaken })
    const first = (await lax.ask('', (session) => session.signIn('ada'))).cookie as string
    lax.at(900)
    const next = (await lax.ask(first)).cookie as string
    lax.told()
    meanwhile = () => lax.ask(next)
    const { userId, lastSeenAt, expiresAt } = await strict.open(requestWith(`__Host-session=${next}`))
    expect(lax.told()).toEqual(['renew'])
    expect([userId, expiresAt - lastSeenAt]).toEqual(['ada', HOUR * 1000])
  })
})
