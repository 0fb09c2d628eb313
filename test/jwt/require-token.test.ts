import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { SessionError, type SessionStore } from 'wafer-session'
import { type RequireTokenOptions, requireToken } from 'wafer-session/jwt'
import { memoryStore } from 'wafer-session/stores/memory'
import { AUDIENCE, ISSUER, type Tokens, tokens } from '../support/tokens.ts'

const place = await tokens()

/** A service behind, and one request of it with this Authorization header. */
function service(
  options: Partial<RequireTokenOptions> = {},
  { jwks, clock }: Pick<Tokens, 'jwks' | 'clock'> = place,
) {
  const guard = requireToken({ issuer: ISSUER, audience: AUDIENCE, jwks, clock, ...options })
  const app = new Hono().use(guard).get('/', (c) => c.json(c.var.token.sub))
  return async (authorization?: string) => {
    const response = await app.request(
      '/',
      authorization ? { headers: { Authorization: authorization } } : {},
    )
    const { status, headers } = response
    return { status, challenge: headers.get('WWW-Authenticate'), headers, body: await response.text() }
  }
}

describe('requireToken', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])('lets a token through behind %s', async (scheme) => {
    const { status, body, challenge } = await service()(`${scheme} ${await place.token()}`)
    expect({ status, body, challenge }).toEqual({ status: 200, body: '"u1"', challenge: null })
  })

  test.each([undefined, 'Basic dTpw', 'Bearer', 'Bearertoken', 'DPoP x'])(
    'says nothing of errors where no token came: %s',
    async (authorization) => {
      const { status, challenge, headers } = await service()(authorization)
      expect({ status, challenge }).toEqual({ status: 401, challenge: 'Bearer' })
      expect(headers.get('Cache-Control')).toBe('no-store')
    },
  )

  test.each(['Bearer x', 'Bearer a.b.c', 'Bearer a b', 'Bearer null', `Bearer ${'x'.repeat(20_000)}`])(
    'answers invalid_token to %.20s',
    async (authorization) => {
      const { status, challenge, body } = await service()(authorization)
      expect({ status, challenge }).toEqual({ status: 401, challenge: 'Bearer error="invalid_token"' })
      expect(body).toBe('Unauthorized')
    },
  )

  test('takes no token from anywhere but the header', async () => {
    const token = await place.token()
    const guard = requireToken({ issuer: ISSUER, audience: AUDIENCE, jwks: place.jwks, clock: place.clock })
    const app = new Hono().use(guard).all('/', (c) => c.text('in'))
    const form = new URLSearchParams({ access_token: token })
    expect((await app.request(`/?access_token=${token}`)).status).toBe(401)
    expect((await app.request('/', { method: 'POST', body: form })).status).toBe(401)
    expect((await app.request('/', { headers: { Cookie: `access_token=${token}` } })).status).toBe(401)
  })

  test('takes no token twice', async () => {
    const token = await place.token()
    expect((await service()(`Bearer ${token}, Bearer ${token}`)).status).toBe(401)
  })

  test('never runs the handler when it refuses', async () => {
    let runs = 0
    const guard = requireToken({ issuer: ISSUER, audience: AUDIENCE, jwks: place.jwks, clock: place.clock })
    const app = new Hono().use(guard).get('/', (c) => c.text(String(++runs)))
    await app.request('/')
    await app.request('/', { headers: { Authorization: 'Bearer x' } })
    expect(runs).toBe(0)
  })

  test('leaves what verifyAccessToken throws to onError', async () => {
    const seen: unknown[] = []
    const guard = requireToken({ issuer: ISSUER, audience: AUDIENCE, jwks: place.jwks, clock: place.clock })
    const app = new Hono().use(guard).onError((error, c) => {
      seen.push(error instanceof SessionError && error.code)
      return c.text('no', 401)
    })
    await app.request('/', { headers: { Authorization: 'Bearer x' } })
    expect(seen).toEqual(['ERR_TOKEN_INVALID'])
  })

  test('is 503, with Retry-After, when the marks cannot be read', async () => {
    const marked = await tokens({ clock: place.clock, revocations: memoryStore({ clock: place.clock }) })
    const getMany = () => Promise.reject(new Error('down'))
    const revocations: SessionStore = { ...memoryStore(), getMany }
    const { status, headers, challenge } = await service(
      { revocations },
      marked,
    )(`Bearer ${await marked.token()}`)
    expect({ status, challenge }).toEqual({ status: 503, challenge: null })
    expect(headers.get('Retry-After')).toBe('5')
  })

  test('takes a function where bindings arrive per request', async () => {
    const { jwks, clock } = place
    const app = new Hono<{ Bindings: { AUDIENCE: string } }>()
      .use(requireToken((c) => ({ issuer: ISSUER, audience: c.env.AUDIENCE, jwks, clock })))
      .get('/', (c) => c.text('in'))
    const headers = { Authorization: `Bearer ${await place.token()}` }
    expect((await app.request('/', { headers }, { AUDIENCE })).status).toBe(200)
    expect((await app.request('/', { headers }, { AUDIENCE: 'https://other.test' })).status).toBe(401)
  })
})

describe('requireToken with scope', () => {
  test.each([
    ['read', 'read', 200],
    ['read', 'write read', 200],
    [['read', 'write'], 'write read', 200],
    ['read write', 'read', 403],
    ['read', 'readonly', 403],
    ['read', 'READ', 403],
    ['read', '', 403],
    ['read', undefined, 403],
  ])('%j, and a token for %j: %i', async (scope, granted, expected) => {
    const token = await place.token({ claims: granted === undefined ? {} : { scope: granted } })
    const { status, challenge } = await service({ scope })(`Bearer ${token}`)
    expect(status).toBe(expected)
    const wanted = [scope].flat().join(' ')
    expect(challenge).toBe(status === 200 ? null : `Bearer error="insufficient_scope", scope="${wanted}"`)
  })
})

describe('requireToken with maxAge and acr', () => {
  const stepUp = 'Bearer error="insufficient_user_authentication"'

  test('asks for a new authentication when the last one is too old', async () => {
    const { request, jwks, clock } = await tokens()
    const call = service({ maxAge: 60 }, { jwks, clock })
    const { cookie, token } = await request('', (session) => session.signIn('u1'))
    clock.advance(60)
    expect((await call(`Bearer ${token}`)).status).toBe(200)
    clock.advance(1)
    const late = await call(`Bearer ${token}`)
    expect(late).toMatchObject({ status: 401, challenge: `${stepUp}, max_age="60"` })
    const same = await request(cookie)
    expect((await call(`Bearer ${same.token}`)).status).toBe(401)
    const again = await request(cookie, (session) => session.reauthenticate())
    expect((await call(`Bearer ${again.token}`)).status).toBe(200)
  })

  test('a token that does not say when is too old', async () => {
    const token = await place.forge()
    expect(await service({ maxAge: 86_400 })(`Bearer ${token}`)).toMatchObject({
      status: 401,
      challenge: `${stepUp}, max_age="86400"`,
    })
  })

  test.each([
    ['aal2', 'aal2', 200],
    ['aal2', 'aal3', 200],
    ['aal1', 'aal2', 200],
    ['aal3', 'aal2', 401],
    ['aal2', 'aal1', 401],
    ['aal2', undefined, 401],
    ['aal2', 'phr', 401],
    [['phr', 'aal3'], 'phr', 200],
    ['phr phrh', 'phrh', 200],
    [['phr', 'phrh'], 'aal3', 401],
  ])('acr %j, and a token of %j: %i', async (acr, reached, expected) => {
    const { token } = await place.request('', (session) => {
      session.signIn('u1', reached === undefined ? {} : { acr: reached })
    })
    const { status, challenge } = await service({ acr })(`Bearer ${token}`)
    expect(status).toBe(expected)
    const wanted = [acr].flat().join(' ')
    expect(challenge).toBe(status === 200 ? null : `${stepUp}, acr_values="${wanted}"`)
  })

  test('names both in one challenge; a missing scope comes first', async () => {
    const authorization = `Bearer ${await place.token()}`
    const both = { acr: 'aal2', maxAge: 300 }
    const { challenge } = await service(both)(authorization)
    expect(challenge).toBe(`${stepUp}, acr_values="aal2", max_age="300"`)
    expect((await service({ ...both, scope: 'read' })(authorization)).status).toBe(403)
  })
})

describe('requireToken refuses wrong options at once:', () => {
  test.each([
    ['no issuer', { issuer: '' }],
    ['a misspelt option', { scopes: 'read' }],
    ['a scope with a quote', { scope: 'read"' }],
    ['a scope with two spaces', { scope: 'read  write' }],
    ['an empty scope', { scope: '' }],
    ['an acr with a line break', { acr: 'aal2\n' }],
  ])('%s', (_, options) => {
    expect(() => service(options as never)).toThrow(TypeError)
  })

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '60'])('a maxAge of %s', (maxAge) => {
    expect(() => service({ maxAge: maxAge as number })).toThrow(RangeError)
  })
})
