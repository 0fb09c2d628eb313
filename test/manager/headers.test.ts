import { describe, expect, test } from 'vitest'
import { site } from '../support/site.ts'

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

test.each(['written', 'ended'] as const)(
  'row 58: no header that a cache prefers to Cache-Control is left when the session is %s',
  async (kind) => {
    const headers = await headersOf(kind, { ...targeted, 'X-Other': 'kept', 'Surrogate-Key': 'kept' })
    for (const name of Object.keys(targeted)) expect(headers.get(name)).toBeNull()
    expect([headers.get('X-Other'), headers.get('Surrogate-Key')]).toEqual(['kept', 'kept'])
  },
)

test.each(['none', 'live'] as const)('they stay when the session is %s', async (kind) => {
  const headers = await headersOf(kind, targeted)
  for (const [name, value] of Object.entries(targeted)) expect(headers.get(name)).toBe(value)
})
