import { describe, expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { tokenOf } from '../support/bearer.ts'
import {
  change,
  LONG,
  type Options,
  regenerated,
  renewed,
  sceneOf,
  signedIn,
  twoDeployments,
} from '../support/renewal.ts'
import { type AnyData, site } from '../support/site.ts'
import { fromBase64url, fromHex } from '../support/wafer1.ts'
import { partsOf, signId } from '../support/wafer1-store.ts'

describe('row 27: nobody honest is signed out', () => {
  test('a response that was lost changes nothing: the old token works on, with the same offer', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const lost = (await scene.ask(first)).cookie
    for (const at of [901, 2000, 50_000]) {
      scene.at(at)
      expect(await scene.ask(first)).toMatchObject({ userId: 'u1', cookie: lost })
    }
    expect(scene.told()).toEqual([])
  })

  test('the answer to a confirmation was lost: it carried nothing, and both tokens work as they did', async () => {
    const { scene, first, second } = await renewed()
    scene.at(1060)
    expect((await scene.ask(first)).userId).toBe('u1')
    scene.at(1500)
    expect((await scene.ask(second)).userId).toBe('u1')
  })

  test('a navigation that was aborted, after the browser had the headers or before', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    await scene.ask(first) // Aborted before.
    const next = (await scene.ask(first)).cookie as string // After.
    scene.at(901)
    expect((await scene.ask(next)).userId).toBe('u1')
    expect(scene.told()).toEqual(['renew'])
  })

  test('a tab that crashed before the cookie reached the disk goes on with the old one', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const next = (await scene.ask(first)).cookie
    scene.at(4000)
    const again = await scene.ask(first)
    expect(again).toMatchObject({ userId: 'u1', cookie: next })
    expect((await scene.ask(again.cookie as string)).userId).toBe('u1')
  })

  test('ten requests at the moment of the offer get one and the same', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const answers = await Promise.all(Array.from({ length: 10 }, () => scene.ask(first)))
    expect(new Set(answers.map(({ cookie }) => cookie)).size).toBe(1)
    expect(answers.every(({ userId }) => userId === 'u1')).toBe(true)
    expect(scene.store.calls()).toEqual(Array(10).fill('get'))
  })

  test('ten requests at the confirmation are all served, and one of them renews', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => scene.ask(i % 2 ? next : first)))
    expect(answers.map(({ userId }) => userId)).toEqual(Array(10).fill('u1'))
    expect(answers.filter(({ cookie }) => cookie !== null && cookie !== next)).toEqual([])
    expect(scene.told()).toEqual(['renew'])
    expect((await scene.ask(next)).userId).toBe('u1')
  })

  test('ten that write at the confirmation: each is kept, and none is signed out', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    for (const [i, value] of [first, next, first, next].entries()) {
      await Promise.all([
        scene.ask(value, ({ data }) => {
          data[`a${i}`] = 1
        }),
        scene.ask(next),
      ])
    }
    await scene.ask(next, ({ data }) => expect(data).toEqual({ a0: 1, a1: 1, a2: 1, a3: 1 }))
    expect(scene.told()).toEqual(['renew'])
  })

  test('an upload that runs through the confirmation and the grace is kept, and sends no token back', async () => {
    const { scene, first } = await signedIn()
    scene.at(850)
    const uploaded = await scene.ask(first, async (session) => {
      scene.at(900)
      const next = (await scene.ask(first)).cookie as string
      scene.at(910)
      await scene.ask(next)
      scene.at(1100)
      session.data.uploaded = true
    })
    expect(uploaded).toMatchObject({ userId: 'u1', cookie: null })
    expect(scene.told()).toEqual(['renew'])
  })

  test.each([
    ['reads', () => {}],
    ['writes', change],
  ])(
    'an upload that %s and outlasts two renewals does not put a dead token into the browser',
    async (_, page) => {
      const { scene, first } = await signedIn()
      scene.at(100)
      let third = ''
      const uploaded = await scene.ask(first, async (session) => {
        scene.at(900)
        const second = (await scene.ask(first)).cookie as string
        scene.at(910)
        await scene.ask(second)
        scene.at(1810)
        third = (await scene.ask(second)).cookie as string
        scene.at(1820)
        await scene.ask(third)
        scene.at(1830)
        page(session)
      })
      expect(uploaded.cookie).toBeNull()
      scene.at(3000)
      expect((await scene.ask(third)).userId).toBe('u1')
    },
  )

  test('a long poll that ends after the session got a new id does not bring the old one back', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    let moved = ''
    const polled = await scene.ask(first, async () => {
      scene.at(910)
      moved = (await scene.ask(first, (session) => session.regenerate())).cookie as string
      scene.at(930)
    })
    expect(polled).toMatchObject({ userId: 'u1', cookie: null })
    scene.at(1000)
    expect((await scene.ask(moved)).userId).toBe('u1')
  })

  test('a long request is offered the next token when nothing has happened meanwhile', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const next = (await scene.ask(first)).cookie
    const { cookie } = await scene.ask(first, () => scene.at(960))
    expect(cookie).toBe(next)
  })

  test('a long request whose second look fails is served, and offers nothing', async () => {
    let broken = false
    const { scene, first } = await signedIn({}, (store) => ({
      async get(key) {
        if (broken) throw new Error('connection reset')
        return store.get(key)
      },
    }))
    scene.at(900)
    const answer = await scene.ask(first, () => {
      scene.at(930)
      broken = true
    })
    expect(answer).toMatchObject({ userId: 'u1', cookie: null })
    expect(scene.told()).toEqual(['store-error'])
  })

  test('two cookies of one handle: the better one counts, in either order, and the other is no reuse', async () => {
    const { scene, first, second } = await renewed()
    scene.at(2000)
    for (const values of [
      [first, second],
      [second, first],
    ]) {
      const { userId } = await scene.ask(values.join('; __Host-session='))
      expect(userId).toBe('u1')
    }
    expect(scene.told()).toEqual([])
    expect((await scene.ask(second)).userId).toBe('u1')
  })

  test('two cookies of one handle, current and next: the next one confirms, in either order', async () => {
    // Values are random, and so is their order: ten times is enough for both.
    for (let i = 0; i < 10; i++) {
      const { scene, first } = await signedIn()
      scene.at(900)
      const next = (await scene.ask(first)).cookie as string
      expect(await scene.ask(`${first}; __Host-session=${next}`)).toMatchObject({
        userId: 'u1',
        cookie: null,
      })
      expect(scene.told()).toEqual(['renew'])
    }
  })

  test('the cookie of before a regeneration beside the one of after it is no reuse', async () => {
    const { scene, first, moved } = await regenerated()
    scene.at(1000)
    expect((await scene.ask(`${first}; __Host-session=${moved}`)).userId).toBe('u1')
    expect(scene.told()).toEqual([])
  })

  test('a browser that was restored from a backup is served within the grace; later it looks like a thief', async () => {
    const { scene, first, second } = await renewed()
    scene.at(1060)
    expect((await scene.ask(first)).userId).toBe('u1')
    scene.at(1061)
    expect((await scene.ask(first)).userId).toBeUndefined()
    expect(scene.told()).toEqual(['reject reused', 'end reused'])
    expect((await scene.ask(second)).userId).toBeUndefined()
  })

  test('whose session was ended for a reuse can sign in at once, with the dead cookie still there', async () => {
    const { scene, first, second } = await renewed()
    scene.at(1061)
    await scene.ask(first)
    for (const dead of [first, second]) {
      const { cookie } = await scene.ask(dead, (session) => session.signIn('u1'))
      expect((await scene.ask(cookie as string)).userId).toBe('u1')
    }
  })
})

describe('row 27: a secret that is rotated signs nobody out', () => {
  test.each([
    ['reads', () => {}],
    ['writes', change],
  ])('between the offer and the confirmation, while an older request %s', async (_, page) => {
    const { one, other, first } = await twoDeployments()
    one.at(900)
    const next = (await one.ask(first)).cookie as string
    one.at(910)
    const { userId, cookie } = await other.ask(first, page)
    expect([userId, tokenOf(cookie)]).toEqual(['u1', tokenOf(next)])
    expect((await other.ask(next)).userId).toBe('u1')
    expect(other.told()).toEqual(['renew'])
    one.at(1800)
    expect((await one.ask(next)).userId).toBe('u1')
  })

  test('what was offered by either deployment is confirmed by either, while both write', async () => {
    const { one, other, first } = await twoDeployments()
    let token = first
    for (const [i, [offering, confirming]] of [
      [one, other],
      [other, one],
      [one, one],
      [other, other],
    ].entries()) {
      const base = i * 1000
      for (const scene of [one, other, one]) await scene.ask(token, change)
      one.at(base + 900)
      const next = (await offering?.ask(token))?.cookie as string
      for (const [n, scene] of [other, one, other].entries()) {
        await scene.ask(token, ({ data }) => {
          data[`n${i}`] = n
        })
      }
      one.at(base + 1000)
      expect((await confirming?.ask(next))?.userId).toBe('u1')
      expect((await one.ask(token)).userId).toBe('u1')
      token = next
    }
    expect([...one.told(), ...other.told()].filter((name) => name.startsWith('reject'))).toEqual([])
  })

  test('a response that is late does not bring the old token back under a new tag', async () => {
    const { one, other, first } = await twoDeployments()
    one.at(899)
    const late = await other.ask(first, async () => {
      one.at(900)
      const next = (await one.ask(first)).cookie as string
      await one.ask(next)
    })
    expect(late).toMatchObject({ userId: 'u1', cookie: null })
  })

  test('a write that loses against the confirmation leaves the new token what it is', async () => {
    const { one, other, first } = await twoDeployments()
    one.at(900)
    const next = (await one.ask(first)).cookie as string
    const { cookie } = await other.ask(first, async (session) => {
      await one.ask(next)
      change(session)
    })
    expect(cookie).toBeNull()
    one.at(1000)
    expect((await one.ask(next, ({ data }) => expect(data).toEqual({ n: 1 }))).userId).toBe('u1')
  })

  test('a token that renews soon keeps its tag: the next one gets it', async () => {
    const { one, other, first } = await twoDeployments()
    one.at(779)
    expect(tokenOf((await other.ask(first)).cookie)).toBe(tokenOf(first))
    one.at(780)
    expect((await other.ask(first)).cookie).toBeNull()
    one.at(900)
    expect(tokenOf((await other.ask(first)).cookie)).not.toBe(tokenOf(first))
  })

  test('where nothing renews, a token gets its new tag at any age', async () => {
    for (const options of [{ renewalTimeout: 0 }, {}]) {
      const { one, other } = await twoDeployments(options)
      const anonymous = options.renewalTimeout === undefined
      const page = anonymous ? change : (session: { signIn(id: string): void }) => session.signIn('u1')
      const first = (await one.ask('', page)).cookie as string
      one.at(5000)
      const again = (
        await other.ask(first, ({ data }) => {
          data.m = 2
        })
      ).cookie
      expect(tokenOf(again)).toBe(tokenOf(first))
      expect(again).not.toBe(first)
    }
  })

  test('a current token whose secret was dropped is refused, and no theft', async () => {
    const { one, first, store, secrets } = await twoDeployments()
    const [a, b] = secrets
    one.at(850)
    const sceneWith = (secret: readonly string[]) =>
      sceneOf(site<AnyData>({ ...LONG, secret, store }, one.clock))
    // Sealed again under the new secret, with a hash that stays under the old one: a renewal is near.
    await sceneWith([b, a]).ask(first, change)
    const owner = { secret: Uint8Array.from(new TextEncoder().encode(b)), cookieName: '__Host-session' }
    const { handle, token } = partsOf(fromBase64url(first))
    const retagged = (await signId(owner, fromHex(handle), fromHex(token))).value
    const dropped = sceneWith([b])
    expect(await dropped.ask(retagged)).toMatchObject({ userId: undefined, cookie: null })
    expect(dropped.told()).toEqual(['reject unknown-key'])
    expect((await sceneWith([b, a]).ask(retagged)).userId).toBe('u1')
  })
})

/** Two isolates over one store, the second of which has a clock so many seconds ahead. */
async function skewed(ahead: number, options: Options = {}) {
  const clock = fakeClock()
  const [a, b] = [generateSecret(), generateSecret()]
  // The store's own clock is a third one.
  const store = memoryStore({ clock })
  const other: FakeClock = Object.assign(() => clock() + ahead * 1000, {
    advance: clock.advance,
    set: clock.set,
  })
  const one = sceneOf(site<AnyData>({ ...LONG, ...options, secret: [a, b], store }, clock))
  const skew = sceneOf(site<AnyData>({ ...LONG, ...options, secret: [b, a], store }, other))
  const first = (await one.ask('', (session) => session.signIn('u1'))).cookie as string
  return { one, skew, first }
}

describe('row 27: clocks that are up to 60 s apart sign nobody out', () => {
  test.each([60, -60, 30, -30])(
    'an isolate %i s ahead offers, any confirms, and both serve both tokens at once',
    async (ahead) => {
      for (const confirming of ['one', 'skew'] as const) {
        const scenes = await skewed(ahead)
        const { one, skew, first } = scenes
        one.at(900 - ahead)
        const next = (await skew.ask(first)).cookie as string
        expect(tokenOf(next)).not.toBe(tokenOf(first))
        for (const scene of [one, skew]) expect((await scene.ask(first, change)).userId).toBe('u1')
        expect((await scenes[confirming].ask(next)).userId).toBe('u1')
        for (const scene of [one, skew]) {
          expect((await scene.ask(next)).userId).toBe('u1')
          expect((await scene.ask(first)).userId).toBe('u1')
        }
        expect([...one.told(), ...skew.told()].filter((name) => name.startsWith('reject'))).toEqual([])
      }
    },
  )

  test('an offer made by a clock that is ahead outlives what the other deployment writes meanwhile', async () => {
    const { one, skew, first } = await skewed(60)
    one.at(840)
    const next = (await skew.ask(first)).cookie as string
    const { cookie } = await one.ask(first, change)
    expect(cookie).toBeNull()
    expect((await one.ask(next)).userId).toBe('u1')
  })

  test.each([60, -60])(
    'a new id by an isolate %i s ahead: requests on their way are read only, and no theft',
    async (ahead) => {
      const { one, skew, first } = await skewed(ahead)
      const moved = (await skew.ask(first, (session) => session.regenerate())).cookie as string
      expect((await one.ask(first)).userId).toBeUndefined()
      expect(one.told().at(-1)).toBe('reject ended')
      expect((await one.ask(moved)).userId).toBe('u1')
    },
  )
})
