import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock, laggingStore } from 'wafer-session/testing'
import { tokenOf } from '../support/bearer.ts'
import { breakable } from '../support/broken-stores.ts'
import { drawnBytes } from '../support/random.ts'
import {
  change,
  GRACE,
  type Options,
  regenerated,
  renewed,
  renewedTwice,
  replaced,
  type Scene,
  sceneOf,
  signedIn,
  signedInWithRival,
} from '../support/renewal.ts'
import type { AnyData } from '../support/site.ts'
import { base64url, fromBase64url, fromHex, openValue } from '../support/wafer1.ts'
import { decodeStored, partsOf, signId } from '../support/wafer1-store.ts'
import { type StoreSite, storeSite } from '../support/watched-store.ts'

/** A token with a right tag that nobody was given. */
async function invented(handleOf: string, secret: string): Promise<string> {
  const { handle } = partsOf(fromBase64url(handleOf))
  const owner = { secret: Uint8Array.from(new TextEncoder().encode(secret)), cookieName: '__Host-session' }
  return (await signId(owner, fromHex(handle), crypto.getRandomValues(new Uint8Array(32)))).value
}

describe.each(['end', 'report'] as const)('row 27: the table of renewal, onReuse %s', (onReuse) => {
  describe('the current token', () => {
    test.each([0, 1, 899, 899.999])('at %d s is served, and nothing is written or sent', async (at) => {
      const { scene, first } = await signedIn({ onReuse })
      scene.at(at)
      expect(await scene.ask(first)).toMatchObject({ userId: 'u1', cookie: null })
      expect(scene.store.calls()).toEqual(['get'])
      expect(scene.told()).toEqual([])
    })

    test.each([900, 901, 5000])(
      'at %d s is served, and the response carries the next one; no write',
      async (at) => {
        const { scene, first } = await signedIn({ onReuse })
        scene.at(at)
        const { userId, cookie } = await scene.ask(first)
        expect(userId).toBe('u1')
        expect(tokenOf(cookie)).not.toBe(tokenOf(first))
        expect(partsOf(fromBase64url(cookie as string)).handle).toBe(partsOf(fromBase64url(first)).handle)
        expect(scene.store.calls()).toEqual(['get'])
        expect(scene.told()).toEqual([])
      },
    )

    test('is offered the same next token by every request', async () => {
      const { scene, first } = await signedIn({ onReuse })
      const offers = new Set<string | null>()
      for (const at of [900, 900, 950, 4000]) {
        scene.at(at)
        offers.add((await scene.ask(first)).cookie)
      }
      expect(offers.size).toBe(1)
    })

    test('after a renewal is old again 900 s later, to the second', async () => {
      const { scene, second } = await renewed({ onReuse })
      scene.at(1899)
      expect(await scene.ask(second)).toMatchObject({ userId: 'u1', cookie: null })
      scene.at(1900)
      expect((await scene.ask(second)).cookie).not.toBeNull()
      expect(scene.told()).toEqual([])
    })
  })

  describe('the next token', () => {
    test.each([900, 1000, 1800, 100_000])(
      'at %d s becomes the current one by one write, before the handler',
      async (at) => {
        const { scene, first } = await signedIn({ onReuse })
        scene.at(900)
        const next = (await scene.ask(first)).cookie as string
        scene.at(at)
        scene.store.calls()
        const { userId, cookie } = await scene.ask(next, () => {
          expect(scene.store.calls()).toEqual(['get', 'update'])
          expect(scene.told()).toEqual(['renew'])
        })
        expect([userId, cookie]).toEqual(['u1', null])
        expect(scene.store.calls()).toEqual([])
        scene.at(at + GRACE)
        expect((await scene.ask(first)).userId).toBe('u1')
        expect((await scene.ask(next)).userId).toBe('u1')
        expect(scene.told()).toEqual([])
      },
    )

    test('that lost the race is classed again: current', async () => {
      const { scene, first, beforeUpdate } = await signedInWithRival({ onReuse })
      scene.at(900)
      const next = (await scene.ask(first)).cookie as string
      beforeUpdate(() => scene.ask(next))
      expect(await scene.ask(next)).toMatchObject({ userId: 'u1', cookie: null })
      expect(scene.told()).toEqual(['renew'])
      expect((await scene.ask(next)).userId).toBe('u1')
    })

    test('that lost the race to another write confirms at its second try', async () => {
      const { scene, first, beforeUpdate } = await signedInWithRival({ onReuse })
      scene.at(900)
      const next = (await scene.ask(first)).cookie as string
      beforeUpdate(() => scene.ask(first, change))
      expect(await scene.ask(next, (session) => session.data)).toMatchObject({ userId: 'u1', cookie: null })
      expect(scene.told()).toEqual(['renew'])
      expect((await scene.ask(next, ({ data }) => expect(data).toEqual({ n: 1 }))).userId).toBe('u1')
    })

    test.each(['before it landed', 'after it landed'])(
      'whose write failed %s is served, and the next request confirms',
      async (when) => {
        let broken = false
        const { scene, first } = await signedIn({ onReuse }, (store) => ({
          async update(...args) {
            if (!broken) return store.update(...args)
            if (when === 'after it landed') await store.update(...args)
            throw new Error('connection reset')
          },
        }))
        scene.at(900)
        const next = (await scene.ask(first)).cookie as string
        broken = true
        expect(await scene.ask(next)).toMatchObject({ userId: 'u1', cookie: null })
        expect(scene.told()).toEqual(['store-error'])
        broken = false
        expect(await scene.ask(next)).toMatchObject({ userId: 'u1', cookie: null })
        expect(scene.told()).toEqual(when === 'after it landed' ? [] : ['renew'])
        scene.at(900 + GRACE + 1)
        expect((await scene.ask(next)).userId).toBe('u1')
        expect((await scene.ask(first)).userId).toBeUndefined()
      },
    )
  })

  test('a renewal draws the bytes that the token after it is made of', async () => {
    const secret = generateSecret()
    const { scene, first } = await signedIn({ onReuse, secret })
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    const drawn = drawnBytes()
    await scene.ask(next)
    const storeKey = base64url(fromHex(partsOf(fromBase64url(first)).handle))
    const { value = '' } = (await scene.store.get(storeKey)) ?? {}
    const owner = { secret: Uint8Array.from(new TextEncoder().encode(secret)), cookieName: '__Host-session' }
    const stored = decodeStored((await openValue(value, { ...owner, purpose: 'record', storeKey })).record)
    expect(stored.kind === 'live' && drawn.includes(stored.seed)).toBe(true)
  })

  describe('the previous token', () => {
    test.each([1000, 1030, 1060, 1060.999])(
      'at %d s, confirmed at 1000 s, is served without a cookie or a write',
      async (at) => {
        const { scene, first, second } = await renewed({ onReuse })
        scene.at(at)
        expect(await scene.ask(first)).toMatchObject({ userId: 'u1', cookie: null })
        expect(scene.store.calls()).toEqual(['get'])
        expect((await scene.ask(second)).userId).toBe('u1')
        expect(scene.told()).toEqual([])
      },
    )

    test('may write within the grace, and gets no cookie for it', async () => {
      const { scene, first, second } = await renewed({ onReuse })
      scene.at(1060)
      expect(await scene.ask(first, change)).toMatchObject({ userId: 'u1', cookie: null })
      await scene.ask(second, ({ data }) => expect(data).toEqual({ n: 1 }))
      expect(scene.told()).toEqual([])
    })

    test.each([1061, 1800, 5000])('at %d s is reused', async (at) => {
      const { scene, first, second } = await renewed({ onReuse })
      scene.at(at)
      await expectReuse(scene, first, second, onReuse)
    })
  })

  test('the token before the previous one is reused at once', async () => {
    const { scene, first, third } = await renewedTwice({ onReuse })
    await expectReuse(scene, first, third, onReuse)
  })

  test('a token with a right tag that nobody was given is reused', async () => {
    const secret = generateSecret()
    const { scene, first } = await signedIn({ onReuse, secret })
    await expectReuse(scene, await invented(first, secret), first, onReuse)
  })

  test('a next token that was never offered is one all the same', async () => {
    // Nobody can know it, so it costs nothing to accept it; and a clock that jumps back takes no offer away.
    const { scene, first } = await signedIn({ onReuse })
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    scene.at(10)
    expect((await scene.ask(next)).userId).toBe('u1')
    expect(scene.told()).toEqual(['renew'])
  })

  describe('a tombstone with a successor', () => {
    test.each([100, 130, 160, 160.999])(
      'at %d s, buried at 100 s, is anonymous and read only, and no verdict',
      async (at) => {
        const { scene, first, moved } = await regenerated({ onReuse })
        scene.at(at)
        await expectReadOnly(scene, first)
        expect((await scene.ask(moved)).userId).toBe('u1')
      },
    )

    test.each([161, 1000, 5000])('at %d s is reused, and so the successor ends', async (at) => {
      const { scene, first, moved } = await regenerated({ onReuse })
      scene.at(at)
      await expectReuse(scene, first, moved, onReuse)
    })

    test('of a successor of a successor too', async () => {
      const { scene, first, moved } = await regenerated({ onReuse })
      const last = (await scene.ask(moved, (session) => session.reauthenticate())).cookie as string
      scene.told()
      scene.at(161)
      await expectReuse(scene, first, last, onReuse)
    })
  })

  describe('a tombstone without a successor', () => {
    test.each([100, 160])('at %d s, buried at 100 s, is anonymous and read only', async (at) => {
      const { scene, first, other } = await replaced({ onReuse })
      scene.at(at)
      await expectReadOnly(scene, first)
      expect((await scene.ask(other)).userId).toBe('u2')
    })

    test('lets a login form that was sent twice sign in: what it starts is a session of its own', async () => {
      const { scene, first, other } = await replaced({ onReuse })
      const again = await scene.ask(first, (session) => session.signIn('u2'))
      expect((await scene.ask(again.cookie as string)).userId).toBe('u2')
      expect((await scene.ask(other)).userId).toBe('u2')
    })

    test.each([161, 5000])('at %d s is anonymous, and no verdict', async (at) => {
      const { scene, first, other } = await replaced({ onReuse })
      scene.at(at)
      const { userId, cookie } = await scene.ask(first, change)
      expect(userId).toBeUndefined()
      expect(cookie).not.toBeNull()
      expect(scene.told()).toEqual(['reject ended', 'create'])
      expect((await scene.ask(other)).userId).toBe('u2')
    })
  })

  test('of a session that is stored no more nothing is known: anonymous', async () => {
    const { scene, first } = await signedIn({ onReuse })
    await scene.ask(first, (session) => session.signOut())
    scene.told()
    expect(await scene.store.dump()).toEqual(new Map())
    const { userId, cookie } = await scene.ask(first, change)
    expect(userId).toBeUndefined()
    expect(cookie).not.toBeNull()
    expect(scene.told()).toEqual(['reject unknown-session', 'create'])
  })
})

/** Presenting `stale` is a reuse: for the presenter in any case, for the holder of `living` when it is to end. */
async function expectReuse(scene: Scene, stale: string, living: string, onReuse: 'end' | 'report') {
  expect(await scene.ask(stale)).toMatchObject({ userId: undefined, cookie: null })
  expect(scene.told()).toEqual(onReuse === 'end' ? ['reject reused', 'end reused'] : ['reject reused'])
  expect((await scene.ask(living)).userId).toBe(onReuse === 'end' ? undefined : 'u1')
  scene.told()
  expect((await scene.ask(stale)).userId).toBeUndefined()
  expect(scene.told()).not.toContain('end reused')
}

async function expectReadOnly(scene: Scene & StoreSite<AnyData>, stale: string) {
  const before = await scene.store.dump()
  scene.told()
  const { userId, cookie } = await scene.ask(stale, (session) => {
    expect([session.userId, session.isNew, session.data]).toEqual([undefined, true, {}])
    const ended = expect.objectContaining({ code: 'ERR_SESSION_ENDED' })
    expect(() => change(session)).toThrow(ended)
    expect(() => session.regenerate()).toThrow(ended)
    expect(() => session.flash('a', 'b')).toThrow(ended)
    expect(() => session.update(() => {})).toThrow(ended)
  })
  expect([userId, cookie]).toEqual([undefined, null])
  expect(scene.told()).toEqual(['reject ended'])
  expect(await scene.store.dump()).toEqual(before)
}

describe('row 27: a thief with a copy', () => {
  test('who missed a renewal is found out by his own next request, and both are out', async () => {
    const { scene, first, second } = await renewed()
    const thief = first
    scene.at(1400)
    expect((await scene.ask(second)).userId).toBe('u1')
    expect((await scene.ask(thief)).userId).toBeUndefined()
    expect(scene.told()).toEqual(['reject reused', 'end reused'])
    expect((await scene.ask(second)).userId).toBeUndefined()
    expect(scene.events.filter(({ type }) => type === 'end')).toMatchObject([
      { type: 'end', reason: 'reused', userId: 'u1' },
    ])
  })

  test('who confirmed first is found out by the owner’s next request, and both are out', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const stolen = (await scene.ask(first)).cookie as string // The thief asked; the owner slept.
    scene.at(950)
    expect((await scene.ask(stolen)).userId).toBe('u1')
    scene.at(5000)
    const { userId, cookie } = await scene.ask(first)
    expect([userId, cookie]).toEqual([undefined, null])
    expect(scene.told()).toEqual(['renew', 'reject reused', 'end reused'])
    expect((await scene.ask(stolen)).userId).toBeUndefined()
  })

  test('who regenerates is found out by the owner’s next request after the grace', async () => {
    const { scene, first, moved } = await regenerated() // By the thief.
    scene.at(100 + GRACE + 1)
    expect((await scene.ask(first)).userId).toBeUndefined()
    expect((await scene.ask(moved)).userId).toBeUndefined()
    expect(scene.told()).toEqual(['reject reused', 'end reused', 'reject unknown-session'])
  })

  test('cannot make a next token of what he knows: not from the current one, nor of another session', async () => {
    const secret = generateSecret()
    const { scene, first } = await signedIn({ secret })
    const other = (await scene.ask('', (session) => session.signIn('u2'))).cookie as string
    scene.at(900)
    const next = fromBase64url((await scene.ask(other)).cookie as string)
    const spliced = fromBase64url(first)
    spliced.set(next.subarray(21), 21)
    scene.told()
    expect((await scene.ask(base64url(spliced))).userId).toBeUndefined()
    expect(scene.told()).toEqual(['reject forged'])
  })

  test('found out twice at the same moment: one end, and nothing is left in the store', async () => {
    const { scene, first } = await renewed()
    scene.at(1061)
    await Promise.all([scene.ask(first), scene.ask(first), scene.ask(`${first}; __Host-session=${first}`)])
    expect(scene.told().filter((name) => name === 'end reused')).toHaveLength(1)
    expect(await scene.store.dump()).toEqual(new Map())
    expect(await scene.manager.users.list('u1')).toEqual([])
  })

  test('a verdict on a version that another request has overtaken is thought over', async () => {
    const { scene, first, beforeUpdate } = await signedInWithRival()
    scene.at(900)
    const second = (await scene.ask(first)).cookie as string
    scene.at(1000)
    await scene.ask(second)
    scene.at(1061)
    beforeUpdate(() => scene.ask(second, change))
    expect((await scene.ask(first)).userId).toBeUndefined()
    expect(scene.told()).toEqual(['renew', 'reject reused', 'end reused'])
    expect((await scene.ask(second)).userId).toBeUndefined()
  })

  test('a store that fails at the verdict fails the request: the session must not go on unseen', async () => {
    const fault = breakable()
    const { scene, first } = await signedIn({}, fault.change)
    scene.at(900)
    const second = (await scene.ask(first)).cookie as string
    await scene.ask(second)
    scene.at(961)
    fault.isBroken = true
    await expect(scene.ask(first)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    fault.isBroken = false
    expect((await scene.ask(first)).userId).toBeUndefined()
    expect((await scene.ask(second)).userId).toBeUndefined()
  })
})

describe('row 27: the options', () => {
  const secret = generateSecret()
  const strong = memoryStore()
  const make = (options: Options) => createSessionManager<AnyData>({ secret, ...options })

  test('renewalTimeout 0 turns renewal off', async () => {
    const { scene, first } = await signedIn({ renewalTimeout: 0 })
    for (const at of [900, 100_000]) {
      scene.at(at)
      expect(await scene.ask(first)).toMatchObject({ userId: 'u1', cookie: null })
    }
  })

  test('the defaults are 900 and 60 seconds', async () => {
    const scene = sceneOf(storeSite())
    const first = (await scene.ask('', (session) => session.signIn('u1'))).cookie as string
    scene.at(899)
    expect((await scene.ask(first)).cookie).toBeNull()
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    await scene.ask(next)
    scene.at(960)
    expect((await scene.ask(first)).userId).toBe('u1')
    scene.at(961)
    expect((await scene.ask(first)).userId).toBeUndefined()
  })

  test.each([
    [120, 60],
    [119, 60],
    [1, 60],
    [2, 1],
    [900, 450],
  ])(
    'renewalTimeout %i with renewalGrace %i is a RangeError, and one second more is not',
    (renewalTimeout, renewalGrace) => {
      expect(() => make({ store: strong, renewalTimeout, renewalGrace })).toThrow(RangeError)
      expect(() => make({ store: strong, renewalTimeout, renewalGrace })).toThrow(
        'must exceed twice renewalGrace',
      )
      make({ store: strong, renewalTimeout: 2 * renewalGrace + 1, renewalGrace })
    },
  )

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'renewalTimeout %d is a RangeError',
    (renewalTimeout) => {
      expect(() => make({ store: strong, renewalTimeout })).toThrow(RangeError)
    },
  )

  test.each<[string, Partial<SessionStore['capabilities']>]>([
    ['is stale', { consistency: { staleFor: 60 } }],
    ['gives no bound', { consistency: { staleFor: Number.POSITIVE_INFINITY } }],
    ['cannot compare and set', { atomicUpdate: false }],
  ])(
    'on a store that %s renewalTimeout is refused by a sentence, and without it nothing renews',
    async (_, lack) => {
      const declaring = (store: SessionStore) => ({ capabilities: { ...store.capabilities, ...lack } })
      const store = { ...strong, ...declaring(strong) }
      expect(() => make({ store, renewalTimeout: 900 })).toThrow(TypeError)
      expect(() => make({ store, renewalTimeout: 900 })).toThrow(
        /renewalTimeout needs a store that is strong/,
      )
      make({ store, renewalTimeout: 0 })

      const { scene, first } = await signedIn({ renewalTimeout: undefined }, declaring)
      scene.at(5000)
      expect(await scene.ask(first)).toMatchObject({ userId: 'u1', cookie: null })
    },
  )

  test('a lagging store is refused too, and so is no store at all', () => {
    const store = laggingStore(strong, { staleFor: 60, clock: fakeClock() })
    expect(() => make({ store, renewalTimeout: 900 })).toThrow(/renewalTimeout needs a store that is strong/)
    expect(() => make({ renewalTimeout: 900 })).toThrow(/renewalTimeout needs a store that is strong/)
  })

  test('onReuse is one of two words', () => {
    expect(() => make({ store: strong, onReuse: 'ignore' as 'end' })).toThrow(
      /onReuse must be 'end' or 'report'/,
    )
  })
})

test('row 27: a token that was reused before the session moved on has no grace: the new id ends as well', async () => {
  const { scene, first, beforeUpdate } = await signedInWithRival()
  scene.at(900)
  const second = (await scene.ask(first)).cookie as string
  scene.at(1000)
  await scene.ask(second)
  scene.at(1000 + GRACE + 1)
  let moved = ''
  beforeUpdate(async () => {
    moved = (await scene.ask(second, (session) => session.regenerate())).cookie as string
  })
  expect((await scene.ask(first)).userId).toBeUndefined()
  expect(scene.told()).toEqual(['renew', 'reject reused', 'regenerate', 'end reused'])
  expect((await scene.ask(moved)).userId).toBeUndefined()
})
