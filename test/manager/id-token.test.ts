import { describe, expect, test } from 'vitest'
import type { SessionManagerOptions } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { MODES, type Mode, SERVER_MODES, siteOf } from '../support/modes.ts'
import { type AnyData, site } from '../support/site.ts'
import { type WatchedStore, watchedStore } from '../support/watched-store.ts'

const oidc = { iss: 'https://op.test', sub: '1' }
const withToken = { ...oidc, idToken: 'header.payload.signature' }

/** A site with its store in sight. */
function watched(mode: Mode) {
  const clock = fakeClock()
  const store: WatchedStore = watchedStore(memoryStore({ clock }))
  const options: Partial<SessionManagerOptions<AnyData>> = { [mode]: store }
  return { ...site<AnyData>(options, clock), store }
}

describe.each(MODES)('signOut of a user that came from a provider, %s', (mode) => {
  test.each([oidc, withToken])('%j: ends the session', async (given) => {
    const { visit, respond } = siteOf(mode)
    await visit((session) => session.signIn('ada', { oidc: given }))
    const response = await respond((session) => session.signOut())
    expect(response.status).toBe(200)
    expect(await visit(({ isNew }) => isNew)).toBe(true)
  })
})

describe.each(SERVER_MODES)('the ID token of a sign-in, %s', (mode) => {
  /** Kept under the half of the id that stays. */
  const kept = async ({ manager }: Pick<ReturnType<typeof watched>, 'manager'>, id: string) => {
    const bytes = Uint8Array.from(atob(id.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const half = btoa(String.fromCharCode(...bytes.subarray(0, 8))).replace('=', '')
    const name = half.replaceAll('+', '-').replaceAll('/', '_')
    return (await manager.serverState('id-token').get([name]))?.value
  }

  test('is kept until the sign-out', async () => {
    const made = watched(mode)
    await made.visit((session) => session.signIn('ada', { oidc: withToken }))
    const id = await made.visit((session) => session.id)
    expect(await kept(made, id)).toBe('header.payload.signature')
    await made.visit((session) => session.signOut())
    expect(await kept(made, id)).toBeUndefined()
  })

  test('goes on with the session that half a sign-in becomes', async () => {
    const made = watched(mode)
    await made.visit((session) => session.signIn('ada', { pending: true, oidc: withToken }))
    await made.visit((session) => session.reauthenticate())
    const id = await made.visit((session) => session.id)
    expect(await kept(made, id)).toBe('header.payload.signature')
  })

  test('of half a sign-in is not passed on to somebody else', async () => {
    const made = watched(mode)
    await made.visit((session) => session.signIn('ada', { pending: true, oidc: withToken }))
    await made.visit((session) => session.signIn('bob', { oidc: { ...oidc, sub: '2' } }))
    const { id, userId } = await made.visit((session) => session)
    expect([userId, await kept(made, id)]).toEqual(['bob', undefined])
  })

  test('of half a sign-in is not there when none came with it', async () => {
    const made = watched(mode)
    await made.visit((session) => session.signIn('ada', { pending: true, oidc }))
    const before = [...made.store.places.keys()]
    made.store.calls()
    await made.visit((session) => session.reauthenticate())
    const id = await made.visit((session) => session.id)
    expect(await kept(made, id)).toBeUndefined()
    expect(await made.manager.serverState('id-token').get([])).toBeNull()
    const written = [...made.store.places.keys()].filter((key) => !before.includes(key))
    expect(written).toHaveLength(1) // The whole session, or the mark that ends the half.
  })

  test('is not asked for, nor deleted, where a user came from no provider', async () => {
    const { visit, store } = watched(mode)
    const calls = async (page: Parameters<typeof visit>[0]) => {
      store.calls()
      await visit(page)
      return store.calls().join(' ')
    }
    const pages: Parameters<typeof visit>[0][] = [
      (session) => session.signIn('ada', { pending: true }),
      (session) => session.reauthenticate(),
      (session) => session.signOut(),
    ]
    const made: string[] = []
    for (const page of pages) made.push(await calls(page))
    expect(made).toEqual(
      mode === 'store'
        ? ['create', 'get create update', 'get update delete']
        : ['', 'getMany get create', 'get create'],
    )
  })
})
