import { describe, expect, test } from 'vitest'
import { type Answer, type ask, setBy, tokenOf } from '../support/bearer.ts'
import { change, DAY, START, signedIn, twoDeployments } from '../support/renewal.ts'

describe('row 27: what carries a token', () => {
  test('after renewalTimeout no response carries any token but the next one', async () => {
    const pages: Parameters<typeof ask>[2][] = [
      () => {},
      change,
      (session) => session.flash('a', 'b'),
      (session) => session.flash('a'),
      (session) => session.commit(),
      async (session) => {
        change(session)
        await session.commit()
        session.data.n = 2
        await session.commit()
      },
      () => new Response('', { status: 404 }),
      () => new Response(null, { status: 304 }),
      () => new Response(null, { status: 204 }),
      () => Response.redirect('https://example.test/', 303),
    ]
    const { one, other, first } = await twoDeployments({ idleTimeout: 5000 })
    one.at(900)
    const next = tokenOf((await one.ask(first)).cookie)
    one.at(2000) // A touch is due, too.
    for (const page of pages) {
      for (const scene of [one, other]) {
        const { userId, cookie } = await scene.ask(first, page)
        expect([userId, tokenOf(cookie)]).toEqual(['u1', next])
      }
    }
    expect((await one.ask(first, () => {}, { method: 'HEAD' })).cookie).not.toBeNull()
  })

  test.each([500, 503, 599])('a %i carries no offer, and takes none away', async (status) => {
    const { scene, first } = await signedIn()
    scene.at(900)
    expect((await scene.ask(first, () => new Response('', { status }))).cookie).toBeNull()
    expect((await scene.ask(first)).cookie).not.toBeNull()
  })

  test('a protocol switch carries no offer: its headers may not change', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const headers = { Cookie: `__Host-session=${first}` }
    const session = await scene.manager.open(new Request('https://example.test/', { headers }))
    const upgrade = { status: 101, headers: new Headers() } as Response
    expect(await scene.manager.respond(session, upgrade)).toBe(upgrade)
    expect([...upgrade.headers]).toEqual([])
  })

  test('a handler that throws carries none, and the next request has the offer', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const thrown = scene.ask(first, () => {
      throw new Error('mine')
    })
    await expect(thrown).rejects.toThrow('mine')
    expect((await scene.ask(first)).cookie).not.toBeNull()
  })

  test('a confirmation stands though the handler fails', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    await scene.ask(next, () => new Response('', { status: 500 }))
    scene.at(961)
    expect((await scene.ask(first)).userId).toBeUndefined()
    expect(scene.told()).toEqual(['renew', 'reject reused', 'end reused'])
  })

  test('manager.commit() gives the line of the offer', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const headers = { Cookie: `__Host-session=${first}` }
    const session = await scene.manager.open(new Request('https://example.test/', { headers }))
    const lines = await scene.manager.commit(session)
    expect(lines).toHaveLength(1)
    expect(setBy(new Response('', { headers: { 'Set-Cookie': lines[0] as string } }))).not.toBe(first)
  })

  test('a response with an offer is not stored, and varies; one without is private', async () => {
    const { scene, first } = await signedIn()
    const headersOf = ({ response: { headers } }: Answer) => [
      headers.get('Cache-Control'),
      headers.get('Vary'),
    ]
    expect(headersOf(await scene.ask(first))).toEqual(['private', 'Cookie'])
    scene.at(900)
    expect(headersOf(await scene.ask(first))).toEqual(['no-store', 'Cookie'])
  })

  test('the offered cookie is as persistent as the session: Max-Age is the absolute life left', async () => {
    const remember = { idleTimeout: 10 * DAY, absoluteTimeout: 30 * DAY }
    for (const wanted of [true, false]) {
      const { scene } = await signedIn({ remember })
      const first = (await scene.ask('', (session) => session.signIn('u1', { remember: wanted })))
        .cookie as string
      scene.at(1000)
      const [line] = (await scene.ask(first)).response.headers.getSetCookie()
      expect(line?.match(/; Max-Age=(\d+)/)?.[1]).toBe(wanted ? String(30 * DAY - 1000) : undefined)
    }
  })

  test('an anonymous session is not renewed, however old; signing in starts the count', async () => {
    const { scene } = await signedIn()
    const visitor = (await scene.ask('', change)).cookie as string
    scene.at(5000)
    expect((await scene.ask(visitor)).cookie).toBeNull()
    const first = (await scene.ask(visitor, (session) => session.signIn('u1'))).cookie as string
    scene.at(5899)
    expect((await scene.ask(first)).cookie).toBeNull()
    scene.at(5900)
    expect((await scene.ask(first)).cookie).not.toBeNull()
  })

  test('a renewal moves neither the id nor the absolute limit, and counts as activity', async () => {
    const { scene, first } = await signedIn()
    scene.at(900)
    const read = async (value: string) => {
      let shown: object = {}
      const { cookie } = await scene.ask(value, (session) => {
        const { lastSeenAt, expiresAt, ...rest } = session.toJSON()
        shown = { rest, lastSeenAt }
      })
      return { cookie, shown }
    }
    const before = await read(first)
    const after = await read(before.cookie as string)
    expect(after.shown).toMatchObject({ ...before.shown, lastSeenAt: START + 900_000 })
  })

  test('a confirmation where a touch is due is one write, not two', async () => {
    const { scene, first } = await signedIn({ idleTimeout: 5000 })
    scene.at(900)
    const next = (await scene.ask(first)).cookie as string
    scene.store.calls()
    await scene.ask(next)
    expect(scene.store.calls()).toEqual(['get', 'update'])
  })

  test('a confirmation does not revive a session whose time is over', async () => {
    const { scene, first } = await signedIn({ idleTimeout: 1000 })
    scene.at(999)
    const next = (await scene.ask(first, () => new Response('', { status: 404 }))).cookie as string
    scene.at(1999)
    expect((await scene.ask(next)).userId).toBeUndefined()
    expect(scene.told().filter((name) => name === 'renew')).toEqual([])
  })
})
