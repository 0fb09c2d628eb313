import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { session } from 'wafer-session/hono'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { visitWith, whoseIs } from '../support/visitor.ts'

const secret = generateSecret()

describe('a text of megabytes', () => {
  // V8 overflows its stack on an expression over this much, and JavaScriptCore says that nothing matches.
  const long = 'a'.repeat(6_000_000)

  test('users.revoke: as a session id is nobody’s', async () => {
    const manager = createSessionManager({ secret, store: memoryStore() })
    expect(await manager.users.revoke(long, 'u1')).toBe(false)
  })

  test('session.data: what was written opens again', { timeout: 60_000 }, async () => {
    const manager = createSessionManager({ secret, store: memoryStore(), storeTimeout: 60 })
    const cookie = await visitWith(manager, '', ({ data }) => {
      data.long = long
    })
    expect(await whoseIs(manager, cookie)).toBe('anonymous')
  })
})

describe('session() twice for one cookie: an option of the inner one that would be left unheeded', () => {
  const schema = {
    '~standard': { version: 1, vendor: 'test', validate: (value: object) => ({ value }) },
  } as const

  async function nested(outer: object, inner: object): Promise<number> {
    const store = memoryStore()
    const app = new Hono().onError((_, c) => c.text('failed', 500))
    app.use(session({ secret, store, ...outer }))
    app.use(session({ secret, store, ...inner }))
    app.get('/', (c) => c.text('in'))
    return (await app.request('/')).status
  }

  test('onStoreError: a page that is to fail would be shown to nobody in particular', async () => {
    expect(await nested({ onStoreError: 'anonymous' }, {})).toBe(500)
    expect(await nested({}, { onStoreError: 'anonymous' })).toBe(500)
    expect(await nested({}, { onStoreError: 'fail' })).toBe(200)
  })

  test('migrate: data that it would mend would be emptied', async () => {
    const migrate = () => ({})
    expect(await nested({ schema }, { schema, migrate })).toBe(500)
    expect(await nested({ schema, migrate }, { schema, migrate })).toBe(200)
  })
})

describe('a clock with fractions of a millisecond', () => {
  function revocable() {
    const clock = fakeClock()
    const options = { secret, revocations: memoryStore({ clock }), revocationMaxAge: 10 }
    return { clock, manager: createSessionManager({ ...options, clock: () => clock() + 0.7 }) }
  }

  test('reauthenticate: the session is not refused for its own mark', async () => {
    const { clock, manager } = revocable()
    const before = await visitWith(manager, '', (visitor) => visitor.signIn('u1'))
    clock.advance(5)
    const after = await visitWith(manager, before, (visitor) => visitor.reauthenticate())
    clock.advance(20)
    expect([await whoseIs(manager, before), await whoseIs(manager, after)]).toEqual([undefined, 'u1'])
  })

  test('users.revokeAll: the session that is excepted stays', async () => {
    const { clock, manager } = revocable()
    const cookie = await visitWith(manager, '', async (visitor) => {
      visitor.signIn('u1')
      await manager.users.revokeAll('u1', { except: visitor })
    })
    clock.advance(20)
    expect(await whoseIs(manager, cookie)).toBe('u1')
  })
})

describe('revocations: what a store may answer instead of a mark', () => {
  async function signedIn(change: (memory: Required<SessionStore>) => object) {
    const clock = fakeClock()
    const memory = memoryStore({ clock }) as Required<SessionStore>
    const options: SessionManagerOptions = {
      secret,
      clock,
      revocations: { ...memory, ...change(memory) },
      revocationMaxAge: 10,
    }
    const manager = createSessionManager(options)
    const cookie = await visitWith(manager, '', (visitor) => visitor.signIn('u1'))
    clock.advance(20)
    return { manager, cookie, clock }
  }

  test.each(['', ' ', '0x', '-1', '1e3'])('%j is no time, and refuses', async (value) => {
    const { manager, cookie } = await signedIn(() => ({
      getMany: async (keys: string[]) => keys.map(() => ({ value, version: '1' })),
    }))
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test('undefined for null is no mark, and one can be made', async () => {
    const { manager, cookie, clock } = await signedIn((memory) => ({
      getMany: undefined,
      get: async (key: string) => (await memory.get(key)) ?? undefined,
    }))
    expect(await whoseIs(manager, cookie)).toBe('u1')
    await visitWith(manager, cookie, (visitor) => visitor.signOut())
    clock.advance(20)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
  })

  test.each([[[]], [null]])(
    'row 84: %j for several keys is an outage, and lets nobody in',
    async (answer) => {
      const { manager, cookie } = await signedIn(() => ({ getMany: async () => answer }))
      await expect(whoseIs(manager, cookie)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    },
  )
})
