import { describe, expect, test } from 'vitest'
import { SessionError } from 'wafer-session'
import { namesSet, site } from '../support/site.ts'

/** The headers that a handler's response has once a session of this kind is on it. */
async function headersOf(kind: 'none' | 'live' | 'written' | 'ended', headers: Record<string, string> = {}) {
  const { visit, respond } = site()
  if (kind !== 'none') await visit((session) => session.signIn('u1'))
  const response = await respond((session) => {
    if (kind === 'written') session.data.a = 1
    if (kind === 'ended') session.signOut()
    return new Response('ok', { headers })
  })
  return response.headers
}

describe('Vary', () => {
  test('is not touched for a visitor without a session', async () => {
    expect((await headersOf('none', { Vary: 'Accept' })).get('Vary')).toBe('Accept')
    expect((await headersOf('none')).has('Vary')).toBe(false)
  })

  test.each(['live', 'written', 'ended'] as const)(
    'row 58: names Cookie when the session is %s',
    async (kind) => {
      expect((await headersOf(kind)).get('Vary')).toBe('Cookie')
    },
  )

  test.each([
    ['Accept-Encoding', 'Accept-Encoding, Cookie'],
    ['Accept, Origin', 'Accept, Origin, Cookie'],
    ['cookie', 'cookie'],
    ['Accept,COOKIE', 'Accept,COOKIE'],
    ['Accept, Cookie', 'Accept, Cookie'],
    ['Accept, *', 'Accept, *'],
    ['*', '*'],
    ['X-Cookie', 'X-Cookie, Cookie'],
  ])('row 58: is merged with %j', async (given, expected) => {
    expect((await headersOf('live', { Vary: given })).get('Vary')).toBe(expected)
  })

  test('names Cookie for a session that this request began', async () => {
    const { respond } = site()
    expect((await respond((session) => session.signIn('u1'))).headers.get('Vary')).toBe('Cookie')
  })
})

describe('Cache-Control', () => {
  test('is not touched for a visitor without a session', async () => {
    expect((await headersOf('none')).has('Cache-Control')).toBe(false)
    expect((await headersOf('none', { 'Cache-Control': 'public' })).get('Cache-Control')).toBe('public')
  })

  test('is private for a live session, unless the handler set one', async () => {
    expect((await headersOf('live')).get('Cache-Control')).toBe('private')
    expect((await headersOf('live', { 'Cache-Control': 'max-age=60' })).get('Cache-Control')).toBe(
      'max-age=60',
    )
  })

  test.each(['written', 'ended'] as const)(
    'row 58: is no-store, whatever the handler set, when the session is %s',
    async (kind) => {
      expect((await headersOf(kind)).get('Cache-Control')).toBe('no-store')
      expect(
        (await headersOf(kind, { 'Cache-Control': 'public, max-age=31536000' })).get('Cache-Control'),
      ).toBe('no-store')
    },
  )

  test('row 58: is no-store when only activity is recorded', async () => {
    const { visit, respond, clock } = site()
    await visit((session) => session.signIn('u1'))
    clock.advance(600)
    const response = await respond(() => new Response('ok', { headers: { 'Cache-Control': 'public' } }))
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  })
})

const targeted = {
  'CDN-Cache-Control': 'max-age=60',
  'Cloudflare-CDN-Cache-Control': 'max-age=60',
  'Vercel-CDN-Cache-Control': 'max-age=60',
  'Netlify-CDN-Cache-Control': 'public, durable, max-age=60',
  'Surrogate-Control': 'max-age=60',
}

/** Headers whose names only look like those. */
const alike = {
  'X-Other': 'kept',
  'Surrogate-Key': 'kept',
  'Surrogate-Control-Log': 'kept',
  'X-Surrogate-Control': 'kept',
  'CDN-Cache-Control-Log': 'kept',
  'XCDN-Cache-Control': 'kept',
}

test.each(['written', 'ended'] as const)(
  'row 58: no header that a cache prefers to Cache-Control is left when the session is %s',
  async (kind) => {
    const headers = await headersOf(kind, { ...targeted, ...alike })
    for (const name of Object.keys(targeted)) expect(headers.get(name)).toBeNull()
    for (const [name, value] of Object.entries(alike))
      expect([name, headers.get(name)]).toEqual([name, value])
  },
)

test.each(['none', 'live'] as const)('they stay when the session is %s', async (kind) => {
  const headers = await headersOf(kind, targeted)
  for (const [name, value] of Object.entries(targeted)) expect(headers.get(name)).toBe(value)
})

describe('a visitor without a session who signs out', () => {
  test('is given Clear-Site-Data where that was asked for, and the caches are told nothing else', async () => {
    const { respond } = site()
    const response = await respond((session) => {
      session.signOut({ clearSiteData: true })
      return new Response('ok', { headers: { ...targeted, 'Content-Type': 'text/plain' } })
    })
    expect(response.headers.get('Clear-Site-Data')).toBe('"cache", "cookies", "storage"')
    for (const name of ['Cache-Control', 'Vary', 'Set-Cookie']) expect(response.headers.has(name)).toBe(false)
    for (const [name, value] of Object.entries(targeted)) expect(response.headers.get(name)).toBe(value)
  })

  test('leaves alone a cookie of that name that the handler set itself', async () => {
    const { respond } = site()
    const response = await respond((session) => {
      session.signOut()
      return new Response('ok', { headers: { 'Set-Cookie': '__Host-session=x; Path=/; Secure' } })
    })
    expect(namesSet(response)).toEqual(['__Host-session'])
  })
})

describe('respond', () => {
  test.each([204, 205, 304])('a %i that has an empty body all the same takes the cookie', async (status) => {
    // As those of an adapter that makes its responses itself.
    const body = new Response('').body ?? new Blob([]).stream()
    const given = { status, headers: new Headers({ ETag: '"1"' }), body } as Response
    const { manager } = site()
    const session = await manager.open(new Request('https://example.test/'))
    session.signIn('u1')
    const response = await manager.respond(session, given)
    expect([response.status, response.headers.get('ETag'), response.body]).toEqual([status, '"1"', null])
    expect(namesSet(response)).toEqual(['__Host-session'])
  })

  test('adds no second line where an app inside has recorded the same activity', async () => {
    const { visit, respond, clock } = site()
    await visit((session) => session.signIn('u1'))
    clock.advance(600)
    const inner = '__Host-session=inner; Path=/; Secure'
    const response = await respond(() => new Response('ok', { headers: { 'Set-Cookie': inner } }))
    expect(response.headers.getSetCookie()).toEqual([inner])
  })

  test('refuses a cookie of the handler in the place of that of a changed session', async () => {
    const { respond } = site()
    const responding = respond((session) => {
      session.data.n = 1
      return new Response('ok', { headers: { 'Set-Cookie': '__Host-session=; Max-Age=0; Path=/; Secure' } })
    })
    await expect(responding).rejects.toThrow(
      new TypeError(
        'The response already sets the cookie __Host-session. Give each session middleware its own cookie.name; ' +
          'to clear the cookie call session.signOut().',
      ),
    )
  })

  test('refuses one in the place of the line that signs out', async () => {
    const { visit, respond } = site()
    await visit((session) => session.signIn('u1'))
    const responding = respond((session) => {
      session.signOut()
      return new Response('ok', { headers: { 'Set-Cookie': '__Host-session=x; Path=/; Secure' } })
    })
    await expect(responding).rejects.toThrow('The response already sets the cookie __Host-session.')
  })

  test('says of a response that nobody can copy what to do, and why', async () => {
    const { manager } = site()
    const session = await manager.open(new Request('https://example.test/'))
    session.signIn('u1')
    const used = { status: 199, headers: new Headers(), body: null } as Response
    const error: unknown = await manager.respond(session, used).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SessionError)
    expect(error).toMatchObject({
      code: 'ERR_SESSION_COMMITTED',
      message:
        'The headers of this response (status 199) cannot be changed. Change the session on another request.',
      cause: expect.any(Error),
    })
  })
})
