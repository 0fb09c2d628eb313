import { describe, expect, test } from 'vitest'
import { aal1, aal2, aal3, type Session } from 'wafer-session'
import {
  type FreshOptions,
  requireAuthoritative,
  requireFresh,
  requireSession,
  requireUser,
  returnPath,
} from 'wafer-session/hono'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { type HonoSite, honoSite } from '../support/hono-site.ts'
import type { AnyData } from '../support/site.ts'

const CHALLENGE = 'Bearer error="insufficient_user_authentication"'
const PAGE = { headers: { 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html' } }

/** An app whose visitor does `act`, behind which `/in` is guarded. */
async function guarded(
  options: number | FreshOptions,
  act: (session: Session<AnyData>) => void,
  more: (app: HonoSite['app']) => void = () => {},
): Promise<HonoSite> {
  const site = honoSite({ idleTimeout: 90 * 86_400, absoluteTimeout: 90 * 86_400 })
  site.app.post('/act', (c) => {
    act(c.var.session)
    return c.text('ok')
  })
  site.app.on(['GET', 'POST', 'HEAD'], '/in/*', requireFresh(options), (c) => c.text('in'))
  more(site.app)
  await site.post('/act')
  return site
}

const signedIn = (acr?: string) => (session: Session<AnyData>) => session.signIn('alice', { acr })
const half = (session: Session<AnyData>) => session.signIn('alice', { amr: ['pwd'], pending: true })

describe('requireFresh with acr', () => {
  test.each([
    ['aal1', 'aal1', true],
    ['aal2', 'aal1', true],
    ['aal3', 'aal1', true],
    ['aal3', 'aal2', true],
    ['aal1', 'aal2', false],
    ['aal2', 'aal3', false],
    [undefined, 'aal1', false],
    ['AAL2', 'aal2', false],
    ['phr', 'phr', true],
    ['phrh', 'phr', false],
    ['aal3', 'phr', false],
    ['phr', 'aal1', false],
    ['', 'aal1', false],
  ])('a session of %s where %s is asked for: %s', async (reached, acr, passes) => {
    const { get } = await guarded({ acr }, signedIn(reached))
    expect((await get('/in/')).status).toBe(passes ? 200 : 401)
  })

  test.each([
    ['aal1', 200],
    ['phr', 200],
    ['other', 401],
  ])('of several one is enough: %s', async (reached, status) => {
    const { get } = await guarded({ acr: ['phr', 'aal1'] }, signedIn(reached))
    expect((await get('/in/')).status).toBe(status)
  })

  test.each([
    [{ acr: 'aal2' }, `${CHALLENGE}, acr_values="aal2", max_age="86400"`],
    [{ acr: ['aal2', 'phr'] }, `${CHALLENGE}, acr_values="aal2 phr"`],
    [{ acr: ['urn:a', 'urn:b'], maxAge: 60 }, `${CHALLENGE}, acr_values="urn:a urn:b", max_age="60"`],
    [{ maxAge: 60 }, undefined],
  ])('answers the challenge of RFC 9470: %j', async (options, challenge) => {
    const { get } = await guarded(options, signedIn('aal1'))
    expect((await get('/in/')).headers.get('WWW-Authenticate') ?? undefined).toBe(challenge)
  })

  test.each([
    ['aal1', aal1],
    ['aal2', aal2],
    ['aal3', aal3],
  ])('%s lasts as long as NIST allows it', async (acr, { absoluteTimeout }) => {
    const { get, clock } = await guarded({ acr }, signedIn(acr))
    clock.advance(absoluteTimeout)
    expect((await get('/in/')).status).toBe(200)
    clock.advance(1)
    expect((await get('/in/')).status).toBe(401)
  })

  test('of two levels the longer time counts, and a maxAge of the caller’s before both', async () => {
    const two = await guarded({ acr: ['aal2', 'aal3'] }, signedIn('aal3'))
    two.clock.advance(aal2.absoluteTimeout)
    expect((await two.get('/in/')).status).toBe(200)
    const own = await guarded({ acr: 'aal2', maxAge: 10 }, signedIn('aal3'))
    own.clock.advance(11)
    expect((await own.get('/in/')).status).toBe(401)
  })

  test('row 30: a level that no authentication reached opens nothing', async () => {
    const { get, post } = await guarded({ acr: 'aal2' }, signedIn('aal1'), (app) => {
      app.post('/rise', (c) => {
        c.var.session.data.acr = 'aal2'
        c.var.session.regenerate()
        return c.text('ok')
      })
      app.post('/step-up', (c) => {
        c.var.session.reauthenticate({ acr: 'aal2' })
        return c.text('ok')
      })
    })
    await post('/rise')
    expect((await get('/in/')).status).toBe(401)
    await post('/step-up')
    expect((await get('/in/')).status).toBe(200)
  })
})

describe('requireFresh with redirectTo', () => {
  const options = { acr: 'aal2', redirectTo: '/step-up' }

  test('leads a page to where the second factor is asked, and back', async () => {
    const { get } = await guarded(options, signedIn('aal1'))
    const response = await get('/in/a%2Fb?x=1&y=%26', PAGE)
    expect(response.status).toBe(303)
    const location = new URL(response.headers.get('Location') ?? '', 'https://example.test')
    expect([location.origin, location.pathname]).toEqual(['https://example.test', '/step-up'])
    expect(returnPath(location.searchParams.get('return_to'))).toBe('/in/a%2Fb?x=1&y=%26')
  })

  test('leads there from half a sign-in too', async () => {
    const { get } = await guarded(options, half)
    expect((await get('/in/', PAGE)).status).toBe(303)
  })

  test('goes by Accept where a browser sends no Sec-Fetch-Mode', async () => {
    const { get } = await guarded(options, signedIn('aal1'))
    expect((await get('/in/', { headers: { Accept: 'text/html,*/*;q=0.8' } })).status).toBe(303)
    expect((await get('/in/', { headers: { Accept: 'application/json' } })).status).toBe(401)
  })

  test.each([
    { 'Sec-Fetch-Mode': 'cors', Accept: 'text/html' },
    { 'Sec-Fetch-Mode': 'same-origin', Accept: '*/*' },
    { Accept: '*/*' },
    {},
  ])('gives a script the challenge: %j', async (headers: Record<string, string>) => {
    const { get } = await guarded(options, signedIn('aal1'))
    const response = await get('/in/', { headers })
    expect([response.status, response.headers.get('Location')]).toEqual([401, null])
    expect(response.headers.get('WWW-Authenticate')).toContain('acr_values="aal2"')
  })

  test('leads back from GET and HEAD only: a form cannot be sent again', async () => {
    const { get, post } = await guarded(options, signedIn('aal1'))
    const head = await get('/in/x', { method: 'HEAD', ...PAGE })
    expect(head.headers.get('Location')).toBe('/step-up?return_to=%2Fin%2Fx')
    expect((await post('/in/x', PAGE)).headers.get('Location')).toBe('/step-up')
  })

  test('leads nobody who is a stranger', async () => {
    const { get } = await guarded(options, (session) => Object.assign(session.data, { n: 1 }))
    const response = await get('/in/', PAGE)
    expect([response.status, response.headers.get('Location')]).toEqual([401, null])
    expect(response.headers.get('WWW-Authenticate')).toBeNull()
  })

  test.each([
    ['/step-up?factor=otp', '/step-up?factor=otp&return_to=%2Fin%2F'],
    ['/step-up#code', '/step-up?return_to=%2Fin%2F#code'],
    ['/step-up?a=1#code', '/step-up?a=1&return_to=%2Fin%2F#code'],
  ])('keeps what %s has', async (redirectTo, location) => {
    const { get } = await guarded({ maxAge: 1, redirectTo }, half)
    expect((await get('/in/', PAGE)).headers.get('Location')).toBe(location)
  })

  test('a path that another site could be read in leads nowhere else', async () => {
    const { get } = await guarded(options, signedIn('aal1'))
    for (const path of ['/in//evil.test', '/in/..//evil.test', '/in/%5cevil.test', '/in/\\evil.test']) {
      const response = await get(path, PAGE)
      const location = new URL(response.headers.get('Location') ?? '/', 'https://example.test')
      expect(location.origin).toBe('https://example.test')
      const back = returnPath(location.searchParams.get('return_to'))
      expect(new URL(back, location).origin).toBe('https://example.test')
    }
  })

  test('keeps the changes of the request, as any response below 500', async () => {
    const { get, stored } = await guarded(options, signedIn('aal1'), (app) => {
      app.use('/noted', async (c, next) => {
        c.var.session.data.noted = true
        await next()
      })
      app.get('/noted', requireFresh(options), (c) => c.text('in'))
    })
    expect((await get('/noted', PAGE)).status).toBe(303)
    expect((await stored()).data).toEqual({ noted: true })
  })
})

describe('requireFresh, its options', () => {
  test.each([
    { acr: '' },
    { acr: 'a b' },
    { acr: 'a"b' },
    { acr: 'a\\b' },
    { acr: '\u00fc' },
    { acr: 7 },
    { acr: null },
    { acr: [] },
    { acr: ['aal2', ''] },
    { acr: [7] },
    { maxAge: 60, acr: [] },
    { acr: 'aal2', redirectTo: 'https://evil.test/' },
    { acr: 'aal2', redirectTo: '//evil.test' },
    { acr: 'aal2', redirectTo: '/.//evil.test' },
    { acr: 'aal2', redirectTo: 'step-up' },
    { acr: 'aal2', redirectTo: '' },
    { acr: 'aal2', redirectTo: 7 },
    { acr: 'aal2', maxage: 60 },
    { acr: 'aal2', variable: 7 },
  ])('%j is a TypeError', (options) => {
    expect(() => requireFresh(options as never)).toThrow(TypeError)
  })

  test.each([
    {},
    { redirectTo: '/x' },
    { acr: 'aal2', maxAge: 0 },
    { acr: 'aal2', maxAge: -1 },
    { maxAge: '60' },
  ])('%j is a RangeError', (options) => {
    expect(() => requireFresh(options as never)).toThrow(RangeError)
  })

  test('takes the variable among them', async () => {
    const { app } = honoSite()
    app.get('/staff', requireFresh({ acr: 'aal2', variable: 'staff' }) as never, (c) => c.text('in'))
    app.onError((error, c) => c.text(error.message))
    expect(await (await app.request('/staff')).text()).toContain('c.var.staff')
  })
})

describe('half a sign-in', () => {
  test.each(['sealed', 'store'])('opens nothing behind any guard, %s', async (mode) => {
    const clock = fakeClock()
    const { app, get, post } = honoSite(mode === 'store' ? { store: memoryStore({ clock }), clock } : {})
    app.post('/half', (c) => {
      half(c.var.session)
      return c.text('ok')
    })
    app.post('/whole', (c) => {
      c.var.session.reauthenticate({ amr: ['otp'], acr: 'aal2' })
      return c.text('ok')
    })
    const guards = [
      requireSession(),
      requireUser(),
      requireAuthoritative(),
      requireFresh(300),
      requireFresh({ acr: 'aal2' }),
    ]
    guards.forEach((guard, i) => {
      app.get(`/${i}`, guard, (c) => c.text('in'))
    })
    const statuses = async () => Promise.all(guards.map(async (_, i) => (await get(`/${i}`)).status))
    await post('/half')
    expect(await statuses()).toEqual([401, 401, 401, 401, 401])
    await post('/whole')
    expect(await statuses()).toEqual([200, 200, 200, 200, 200])
  })
})
