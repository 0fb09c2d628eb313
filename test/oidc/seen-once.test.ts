import { describe, expect, test } from 'vitest'
import type { SessionStore } from 'wafer-session'
import { backchannelLogout } from 'wafer-session/oidc'
import { fakeClock } from 'wafer-session/testing'
import { ALICE, CLIENT, ISSUER, MODES, type Mode, postOf, relyingParty } from '../support/logout.ts'

describe.each(MODES)('row F1: the jti of a logout token is taken once, with %s', (mode: Mode) => {
  test('a repeated one is refused, and does not end the session of a new sign-in', async () => {
    const { clock, signIn, token, post, whose } = await relyingParty(mode)
    const logoutToken = await token()
    expect((await post(logoutToken)).status).toBe(200)
    clock.advance(1)
    const cookie = await signIn()
    for (const wait of [0, 30, 30]) {
      clock.advance(wait)
      expect((await post(logoutToken)).status).toBe(400)
    }
    expect(await whose(cookie)).toBe('alice')
  })

  test('of two at the same moment one is taken', async () => {
    const { signIn, token, post, whose } = await relyingParty(mode)
    const cookie = await signIn()
    const logoutToken = await token()
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(logoutToken)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400])
    expect(await whose(cookie)).toBeUndefined()
  })

  test('it is kept until exp and a minute, without exp until the token is too old, and no longer', async () => {
    for (const claims of [{}, { exp: undefined }]) {
      const { clock, token, post, store } = await relyingParty(mode)
      const places: number[] = []
      Object.assign(store, watched(store, places))
      await post(token({ claims }))
      expect(Math.max(...places.filter((at) => at < clock() + 3600_000)) - clock()).toBe(180_000)
    }
  })

  test('another token for the same session is another logout', async () => {
    const { clock, signIn, token, post, whose } = await relyingParty(mode)
    await post(token())
    clock.advance(1)
    const cookie = await signIn()
    expect((await post(token())).status).toBe(200)
    expect(await whose(cookie)).toBeUndefined()
  })

  test('a refused token does not use up the jti of a good one', async () => {
    const { signIn, token, post, whose } = await relyingParty(mode)
    const cookie = await signIn()
    const claims = { jti: 'j' }
    expect((await post(token({ claims: { ...claims, nonce: 'n' } }))).status).toBe(400)
    const [header, payload] = (await token({ claims })).split('.')
    expect((await post(`${header}.${payload}.AAAA`)).status).toBe(400)
    expect((await post(token({ claims }))).status).toBe(200)
    expect(await whose(cookie)).toBeUndefined()
  })

  test('a store that is down is a 503 with Retry-After, and the same token ends the session later', async () => {
    const outages: string[] = []
    for (const broken of ['get', 'getMany', 'create', 'update', 'delete', 'list'] as const) {
      let isDown = false
      const rp = await relyingParty(mode, {
        change: (store) => ({
          [broken]: async (...given: never[]) => {
            if (isDown) throw new Error('down')
            return (store[broken] as (...given: never[]) => unknown)(...given)
          },
        }),
      })
      const cookie = await rp.signIn()
      const token = await rp.token()
      isDown = true
      const first = await rp.post(token)
      isDown = false
      if (first.status === 200) {
        expect(await rp.whose(cookie), broken).toBeUndefined()
        continue
      }
      expect([broken, first.status]).toEqual([broken, 503])
      outages.push(broken)
      expect(first.headers.get('Retry-After')).toBe('5')
      expect(first.headers.get('Cache-Control')).toBe('no-store')
      expect(await first.text()).not.toContain('down')
      rp.clock.advance(5)
      expect((await rp.post(token)).status, broken).toBe(200)
      expect(await rp.whose(cookie), broken).toBeUndefined()
    }
    expect(outages).toEqual(
      mode === 'store' ? ['getMany', 'create', 'update', 'delete', 'list'] : ['get', 'create', 'update'],
    )
  })

  test('a store that fails after the name is taken, and until the lease is over, does not use it up', async () => {
    let isDown = false
    const fails = (store: SessionStore) => {
      const down =
        <Given extends unknown[], T>(call: (...given: Given) => Promise<T>) =>
        async (...given: Given): Promise<T> => {
          if (isDown) throw new Error('down')
          return call(...given)
        }
      return {
        create: async (...given: Parameters<SessionStore['create']>) => {
          const version = await down(store.create)(...given)
          isDown = armed
          return version
        },
        get: down(store.get),
        update: down(store.update),
        delete: down(store.delete),
        list: down(store.list as NonNullable<SessionStore['list']>),
      }
    }
    let armed = false
    const rp = await relyingParty(mode, { change: fails })
    const cookie = await rp.signIn()
    const token = await rp.token()
    armed = true
    expect((await rp.post(token)).status).toBe(503)
    armed = false
    isDown = false
    expect((await rp.post(token)).status).toBe(400)
    rp.clock.advance(5)
    expect((await rp.post(token)).status).toBe(200)
    expect(await rp.whose(cookie)).toBeUndefined()
  })
})

test('backchannelLogout works over a store that cannot compare: one write of the jti, given back when ending fails', async () => {
  let isDown = false
  const rp = await relyingParty('revocations', {
    change: (store) => ({
      capabilities: { ...store.capabilities, consistency: { staleFor: 60 }, atomicUpdate: false },
      // The first read of `raise`: after the name is taken.
      get: async (key) => {
        if (isDown) throw new Error('down')
        return store.get(key)
      },
    }),
  })
  const cookie = await rp.signIn()
  const token = await rp.token()
  isDown = true
  expect((await rp.post(token)).status).toBe(503)
  isDown = false
  expect((await rp.post(token)).status).toBe(200)
  rp.clock.advance(60)
  expect((await rp.post(token)).status).toBe(400)
  expect(await rp.whose(cookie)).toBeUndefined()
})

test('a store without an index is told to the application, and no token is used up by it', async () => {
  const rp = await relyingParty('store', {
    change: (store) => ({ capabilities: { ...store.capabilities, index: false } }),
  })
  const token = await rp.token()
  await expect(rp.post(token)).rejects.toThrow(/no index/)
  await expect(rp.post(token)).rejects.toThrow(/no index/)
})

test('the jti of one issuer is nothing to another, nor that of one manager to the next', async () => {
  const elsewhere = 'https://other.test'
  const rp = await relyingParty('store')
  const keys = { jwks: { keys: [rp.key.jwk] }, clientId: CLIENT }
  const providers = [
    { ...keys, issuer: ISSUER },
    { ...keys, issuer: elsewhere },
  ]
  const logout = backchannelLogout({ providers, sessions: rp.manager, clock: rp.clock })
  const token = await rp.token({ claims: { jti: 'same' } })
  const theirs = await rp.token({ claims: { jti: 'same', iss: elsewhere } })
  expect((await logout(postOf(token))).status).toBe(200)
  expect((await logout(postOf(theirs))).status).toBe(200)
  expect((await logout(postOf(theirs))).status).toBe(400)

  const { manager } = await relyingParty('store')
  const beside = backchannelLogout({ providers, sessions: manager, clock: rp.clock })
  expect((await beside(postOf(token))).status).toBe(200)
})

test('a logout that took longer than its lease has its jti kept all the same', async () => {
  const clock = fakeClock()
  const rp = await relyingParty('store', {
    clock,
    change: (store) => ({
      list: async (tag) => {
        clock.advance(6)
        return (await store.list?.(tag)) ?? []
      },
    }),
  })
  const token = await rp.token()
  expect((await rp.post(token)).status).toBe(200)
  rp.clock.advance(10)
  expect((await rp.post(token)).status).toBe(400)
})

test('a failure after the lease gives nothing back that another request has used up', async () => {
  const [stuck, failed] = [Promise.withResolvers<void>(), Promise.withResolvers<never>()]
  let isFirst = true
  const rp = await relyingParty('store', {
    change: (inner) => ({
      list: async (tag) => {
        if (!isFirst) return (await inner.list?.(tag)) ?? []
        stuck.resolve()
        return failed.promise
      },
    }),
  })
  const logoutToken = await rp.token()
  const first = rp.post(logoutToken)
  await stuck.promise
  rp.clock.advance(6)
  isFirst = false
  expect((await rp.post(logoutToken)).status).toBe(200)
  isFirst = true
  failed.reject(new Error('down'))
  expect((await first).status).toBe(503)
  isFirst = false
  rp.clock.advance(1)
  const cookie = await rp.signIn()
  expect((await rp.post(logoutToken)).status).toBe(400)
  expect(await rp.whose(cookie)).toBe('alice')
})

test('what is kept names neither issuer nor jti', async () => {
  const seen: string[] = []
  const rp = await relyingParty('store', {
    change: (inner) => ({
      create: (key, value, options) => {
        seen.push(key, value, ...(options.tags ?? []))
        return inner.create(key, value, options)
      },
    }),
  })
  await rp.signIn()
  await rp.post(rp.token({ claims: { jti: 'in-the-clear' } }))
  expect(seen.length).toBeGreaterThan(2)
  expect(seen.join()).not.toMatch(/in-the-clear|op\.test|alice/)
  expect(seen.join()).not.toContain(ALICE.sid)
})

function watched(store: SessionStore, places: number[]): Partial<SessionStore> {
  const { create, update } = store
  return {
    create: (key, value, options) => {
      places.push(options.expiresAt)
      return create(key, value, options)
    },
    update: (key, value, options) => {
      places.push(options.expiresAt)
      return update(key, value, options)
    },
  }
}
