import { describe, expect, test } from 'vitest'
import { createSessionManager, type SessionManagerOptions, type SessionStore } from 'wafer-session'
import { requireAuthoritative, session } from 'wafer-session/hono'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { honoSite } from '../support/hono-site.ts'
import { type AnyData, namesSet, wire } from '../support/site.ts'
import { watchedStore } from '../support/watched-store.ts'

type Mode = 'revocations' | 'store'

/** A site with a sensitive route, and its manager beside it as another machine has it. */
function guarded(mode: Mode | 'sealed', change: (store: SessionStore) => Partial<SessionStore> = () => ({})) {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  const store = watchedStore({ ...memory, ...change(memory) })
  const kept: Partial<SessionManagerOptions<AnyData>> = mode === 'sealed' ? {} : { [mode]: store }
  const site = honoSite({ ...kept, clock })
  const { app } = site
  let ran = 0
  app.post('/login', (c) => {
    c.var.session.signIn('u1')
    return c.text('ok')
  })
  app.post('/visit', (c) => {
    c.var.session.data.n = 1
    return c.text('ok')
  })
  app.post('/pay', requireAuthoritative(), (c) => {
    ran++
    return c.text(`paid by ${c.var.session.userId} of ${c.var.session.authTime}`)
  })
  app.get('/page', (c) => c.text(c.var.session.userId ?? 'nobody'))
  const elsewhere = createSessionManager({ ...site.options, clock })
  return { ...site, clock, store, elsewhere, ran: () => ran }
}

/** Milliseconds: what is revoked with the clock standing still is revoked after the sign-in. */
const LATER = 0.001

describe.each<Mode>(['revocations', 'store'])('requireAuthoritative as a guard, with %s', (mode) => {
  test('lets a session through that still stands', async () => {
    const { post, clock } = guarded(mode)
    await post('/login')
    const response = await post('/pay')
    expect([response.status, await response.text()]).toEqual([200, `paid by u1 of ${clock()}`])
  })

  test('row 22: refuses one that was revoked a moment ago elsewhere', async () => {
    const { post, clock, elsewhere, ran } = guarded(mode)
    await post('/login')
    clock.advance(LATER)
    await elsewhere.users.revokeAll('u1')
    const refused = await post('/pay')
    expect([refused.status, await refused.text(), ran()]).toEqual([401, 'Unauthorized', 0])
    expect(namesSet(refused)).toEqual([])
  })

  test('row 15: refuses a copy of a session that has signed out', async () => {
    const { app, post, jar } = guarded(mode)
    app.post('/logout', (c) => {
      c.var.session.signOut()
      return c.text('bye')
    })
    await post('/login')
    const copy = jar.get('__Host-session') as string
    await post('/logout')
    jar.set('__Host-session', copy)
    expect((await post('/pay')).status).toBe(401)
  })

  test('refuses anonymous visitors, with and without a session, and asks nothing of the store for them', async () => {
    const { post, store, jar } = guarded(mode)
    expect((await post('/pay')).status).toBe(401)
    if (mode === 'store') return
    await post('/visit')
    expect(jar.get('__Host-session')).toBeDefined()
    expect((await post('/pay')).status).toBe(401)
    expect(store.calls()).toEqual([])
  })

  test('costs one read of its own', async () => {
    const { get, post, store } = guarded(mode)
    await post('/login')
    store.calls()
    await get('/page')
    const usual = store.calls()
    await post('/pay')
    expect(store.calls()).toEqual([...usual, mode === 'store' ? 'get' : 'getMany'])
  })

  test('row 84: is 503 when the store fails, and the handler does not run', async () => {
    let [down, asked] = [false, 0]
    // The session is opened all right: only what the guard asks fails.
    const failing = async (read: () => Promise<unknown>) => {
      if (down && (mode === 'revocations' || ++asked > 1)) throw new Error('down')
      return read()
    }
    const { post, ran } = guarded(mode, (memory) => ({
      get: (key) => failing(() => memory.get(key)) as ReturnType<SessionStore['get']>,
      getMany: (keys) => failing(async () => memory.getMany?.(keys)) as never,
    }))
    await post('/login')
    down = true
    const response = await post('/pay')
    expect([response.status, response.headers.get('Retry-After'), ran()]).toEqual([503, '5', 0])
    expect(namesSet(response)).toEqual([])
  })

  test('session.requireAuthoritative throws ERR_SESSION_ENDED, and the visitor is anonymous from there on', async () => {
    const { app, post, clock, elsewhere, jar } = guarded(mode)
    const errors: unknown[] = []
    app.post('/try', async (c) => {
      const { session } = c.var
      expect(session.userId).toBe('u1')
      await elsewhere.users.revokeAll('u1')
      session.data.before = 1
      await session.requireAuthoritative().catch((error) => errors.push(error))
      await session.requireAuthoritative().catch((error) => errors.push(error))
      expect(() => session.signIn('u2')).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
      expect(() => {
        session.data.after = 1
      }).toThrow(expect.objectContaining({ code: 'ERR_SESSION_ENDED' }))
      return c.json([session.userId ?? null, session.isNew, session.data])
    })
    await post('/login')
    clock.advance(LATER)
    const before = jar.header()
    const response = await post('/try')
    expect(await response.json()).toEqual([null, true, {}])
    expect([namesSet(response), jar.header()]).toEqual([[], before])
    expect(errors).toEqual([
      expect.objectContaining({ code: 'ERR_SESSION_ENDED', status: 409 }),
      expect.objectContaining({ code: 'ERR_SESSION_ENDED', status: 409 }),
    ])
  })

  test('session.signOut still clears the cookie of one that was refused', async () => {
    const { app, post, clock, elsewhere, jar } = guarded(mode)
    app.post('/leave', async (c) => {
      await c.var.session.requireAuthoritative().catch(() => {})
      c.var.session.signOut()
      return c.text('bye')
    })
    await post('/login')
    clock.advance(LATER)
    await elsewhere.users.revokeAll('u1')
    await post('/leave')
    expect(jar.header()).toBe('')
  })
})

describe('requireAuthoritative', () => {
  test('row 71: refuses a session that was ended in the store as it refuses anyone', async () => {
    const { post, elsewhere, jar } = guarded('store')
    await post('/login')
    await elsewhere.users.revokeAll('u1')
    const revoked = await wire(await post('/pay'))
    jar.set('__Host-session', 'AWFiY2QAAAA')
    expect(await wire(await post('/pay'))).toEqual(revoked)
  })

  test('on sealed cookies alone has nobody to ask, and lets signed-in users through', async () => {
    const { post } = guarded('sealed')
    expect((await post('/pay')).status).toBe(401)
    await post('/login')
    expect((await post('/pay')).status).toBe(200)
  })

  test('sees a revocation that the last check came too early for', async () => {
    const { get, post, clock, elsewhere } = guarded('revocations')
    await post('/login')
    clock.advance(60)
    await get('/page')
    await elsewhere.users.revokeAll('u1')
    expect(await (await get('/page')).text()).toBe('u1')
    expect((await post('/pay')).status).toBe(401)
    expect(await (await get('/page')).text()).toBe('u1')
    clock.advance(60)
    expect(await (await get('/page')).text()).toBe('nobody')
  })

  test('after a sign-out of the same request is a 401', async () => {
    const { app, post } = guarded('store')
    app.post('/left/*', async (c, next) => {
      c.var.session.signOut()
      await next()
    })
    app.post('/left/pay', requireAuthoritative(), (c) => c.text('unreached'))
    await post('/login')
    expect((await post('/left/pay')).status).toBe(401)
  })

  test('of a visitor whom the store could not tell is 503, also with onStoreError anonymous', async () => {
    const site = honoSite(
      {
        store: { ...memoryStore(), get: () => Promise.reject(new Error('down')) },
        onStoreError: 'anonymous',
      },
      true,
    )
    site.app.post('/login', (c) => {
      c.var.session.signIn('u1')
      return c.text('ok')
    })
    site.app.get('/page', (c) => c.text(c.var.session.userId ?? 'nobody'))
    site.app.post('/pay', requireAuthoritative(), (c) => c.text('unreached'))
    await site.post('/login')
    expect(await (await site.get('/page')).text()).toBe('nobody')
    expect((await site.post('/pay')).status).toBe(503)
  })

  test('guards the session of its variable', async () => {
    const clock = fakeClock()
    const site = honoSite({ store: memoryStore({ clock }), clock })
    const staff = session<AnyData, 'staff'>(
      { ...site.options, cookie: { name: '__Host-staff' } },
      { variable: 'staff' },
    )
    site.app.use(staff as never)
    site.app.post('/login', (c) => {
      c.var.session.signIn('u1')
      return c.text('ok')
    })
    site.app.get('/own', requireAuthoritative(), (c) => c.text('in'))
    site.app.get('/staff', requireAuthoritative({ variable: 'staff' }) as never, (c) => c.text('in'))
    await site.post('/login')
    expect([(await site.get('/own')).status, (await site.get('/staff')).status]).toEqual([200, 401])
  })
})
