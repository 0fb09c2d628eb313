import { decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import {
  createTokenIssuer,
  generateSigningKey,
  type SigningAlgorithm,
  type SigningKey,
} from 'wafer-session/jwt'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { AUDIENCE, claimsOf, hasAlgorithm, ISSUER, tokens } from '../support/tokens.ts'

const key = await generateSigningKey()

function issuerWith(options: object): unknown {
  return createTokenIssuer({ issuer: ISSUER, keys: [key], ...options })
}

describe('TokenIssuer.issue', () => {
  test('gives the token of RFC 9068: its header and its claims', async () => {
    const place = await tokens()
    place.clock.advance(0.999)
    const { token } = await place.request('', (session) => {
      session.signIn('u1', { amr: ['pwd', 'otp'], acr: 'aal2' })
    })
    expect(decodeProtectedHeader(token)).toEqual({ typ: 'at+jwt', alg: 'EdDSA', kid: place.key.kid })
    const iat = Math.floor(place.clock() / 1000)
    expect(claimsOf(token)).toEqual({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'u1',
      client_id: ISSUER,
      iat,
      exp: iat + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sid: expect.stringMatching(/^[\w-]{22}$/),
      auth_time: iat,
      acr: 'aal2',
      amr: ['pwd', 'otp'],
    })
  })

  test('names the session by its public id, and each token anew', async () => {
    const { issuer, open } = await tokens()
    const session = await open()
    session.signIn('u1')
    const issued = [
      await issuer.issue(session, { audience: AUDIENCE }),
      await issuer.issue(session, { audience: AUDIENCE }),
    ]
    const [one, other] = issued.map(claimsOf)
    expect([one?.sid, other?.sid]).toEqual([session.id, session.id])
    expect(one?.jti).not.toBe(other?.jti)
  })

  test('takes the time of the last authentication, not of the request', async () => {
    const { request, clock } = await tokens()
    const { cookie } = await request('', (session) => session.signIn('u1'))
    const signedInAt = Math.floor(clock() / 1000)
    clock.advance(600)
    expect(claimsOf((await request(cookie)).token)).toMatchObject({
      auth_time: signedInAt,
      iat: signedInAt + 600,
    })
    const again = await request(cookie, (session) => session.reauthenticate({ acr: 'aal2' }))
    expect(claimsOf(again.token)).toMatchObject({ auth_time: signedInAt + 600, acr: 'aal2' })
  })

  test('never outlives its session', async () => {
    const { request, clock } = await tokens({ idleTimeout: 1000, absoluteTimeout: 1200 }, { lifetime: 300 })
    const { token, cookie } = await request('', (session) => session.signIn('u1'))
    const start = Math.floor(clock() / 1000)
    expect(claimsOf(token).exp).toBe(start + 300)
    clock.advance(950)
    const later = await request(cookie)
    expect(claimsOf(later.token).exp).toBe(start + 1200)
  })

  test('refuses a session that expires while the request lasts', async () => {
    const { request, clock } = await tokens({ idleTimeout: 1000 })
    const { cookie } = await request('', (session) => session.signIn('u1'))
    const late = request(cookie, () => clock.advance(1000))
    await expect(late).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })

  test('takes a client, several audiences and further claims', async () => {
    const { verify, token } = await tokens()
    const audience = ['https://other.test', AUDIENCE]
    const claims = { scope: 'read write', roles: ['admin'], tenant: { id: 7 } }
    const issued = await token({ audience, clientId: 'spa', claims })
    expect(await verify(issued)).toMatchObject({ aud: audience, client_id: 'spa', ...claims })
  })

  test.each([
    'iss',
    'aud',
    'sub',
    'client_id',
    'iat',
    'nbf',
    'exp',
    'jti',
    'sid',
    'auth_time',
    'acr',
    'amr',
    'session_marks',
  ])('refuses %s among the claims of the application', async (name) => {
    const { token } = await tokens()
    await expect(token({ claims: { [name]: undefined } })).rejects.toThrow(TypeError)
    await expect(token({ claims: { [name]: 'x' } })).rejects.toThrow(name)
  })

  test.each([
    ['a Date', { at: new Date(0) }],
    ['a number that JSON has not', { n: Number.NaN }],
    ['a function', { f: () => 1 }],
    ['a list', []],
    ['a text', 'x'],
  ])('refuses claims with %s', async (_, claims) => {
    const { token } = await tokens()
    await expect(token({ claims: claims as never })).rejects.toThrow(
      /claims must be an object of JSON values/,
    )
  })

  test('refuses an anonymous session, one that has signed out, and what is none', async () => {
    const { issuer, open, request } = await tokens()
    await expect(issuer.issue(await open(), { audience: AUDIENCE })).rejects.toThrow(/Nobody is signed in/)
    const { cookie } = await request('', (session) => session.signIn('u1'))
    await expect(request(cookie, (session) => session.signOut())).rejects.toThrow(TypeError)
    const lookalike = { userId: 'u1', id: 'x', expiresAt: Number.MAX_SAFE_INTEGER, amr: [] }
    await expect(issuer.issue(lookalike as never, { audience: AUDIENCE })).rejects.toThrow(TypeError)
  })

  test.each([
    {},
    { audience: '' },
    { audience: [] },
    { audience: [''] },
    { audience: 'a', clientId: '' },
    {
      audience: 'a',
      aud: 'b',
    },
  ])('refuses wrong options: %j', async (options) => {
    const { issuer, open } = await tokens()
    const session = await open()
    session.signIn('u1')
    await expect(issuer.issue(session, options as never)).rejects.toThrow(TypeError)
  })

  test('refuses to make a token that no service would read', async () => {
    const { token } = await tokens()
    const claims = { text: 'x'.repeat(12_300) }
    await expect(token({ claims })).rejects.toMatchObject({ code: 'ERR_SESSION_TOO_LARGE' })
  })

  test('asks whether the session still stands: no old copy of a cookie turns into a token', async () => {
    const clock = fakeClock()
    const { manager, request } = await tokens({ clock, revocations: memoryStore({ clock }) })
    const { cookie } = await request('', (session) => session.signIn('u1'))
    await manager.users.revokeAll('u1')
    await expect(request(cookie)).rejects.toMatchObject({ code: 'ERR_SESSION_ENDED' })
  })
})

describe('TokenIssuer.jwks', () => {
  test('publishes the public keys, the first one first, to be cached', async () => {
    const next = await generateSigningKey('ES256')
    const response = createTokenIssuer({ issuer: ISSUER, keys: [key, next] }).jwks()
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('application/jwk-set+json')
    expect(response.headers.get('Cache-Control')).toMatch(/^public, max-age=300\b/)
    const { keys } = await response.json()
    expect(keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: key.x, kid: key.kid, alg: 'EdDSA', use: 'sig' },
      { kty: 'EC', crv: 'P-256', x: next.x, y: next.y, kid: next.kid, alg: 'ES256', use: 'sig' },
    ])
  })

  test.each(['EdDSA', 'ES256', 'RS256'] as const)(
    'shows no private member of %s, whatever a key has',
    async (alg) => {
      const whole = { ...(await generateSigningKey(alg)), k: 'k', note: 'mine', x5c: ['mine'] }
      const { keys } = await createTokenIssuer({ issuer: ISSUER, keys: [whole] })
        .jwks()
        .json()
      const members = Object.keys(keys[0]).filter(
        (name) => !['kty', 'crv', 'x', 'y', 'n', 'e'].includes(name),
      )
      expect(members.toSorted()).toEqual(['alg', 'kid', 'use'])
    },
  )

  test('may be asked again and again', async () => {
    const issuer = createTokenIssuer({ issuer: ISSUER, keys: [key] })
    expect(await issuer.jwks().json()).toEqual(await issuer.jwks().json())
  })
})

describe('createTokenIssuer', () => {
  const { d: _, ...publicKey } = key
  const short = {
    ...key,
    kty: 'RSA',
    alg: 'RS256',
    crv: undefined,
    x: undefined,
    n: 'x'.repeat(171),
    e: 'AQAB',
  }

  test.each([
    ['no issuer', { issuer: '' }],
    ['no keys', { keys: [] }],
    ['a key instead of keys', { keys: key }],
    ['a key that is no object', { keys: ['secret'] }],
    ['a public key', { keys: [publicKey] }],
    ['a key without kid', { keys: [{ ...key, kid: undefined }] }],
    ['a key without alg', { keys: [{ ...key, alg: undefined }] }],
    ['an algorithm of another family', { keys: [{ ...key, alg: 'ES256' }] }],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'k' }] }],
    ['alg none', { keys: [{ ...key, alg: 'none' }] }],
    ['a key for encryption', { keys: [{ ...key, use: 'enc' }] }],
    ['another curve', { keys: [{ ...key, crv: 'X25519' }] }],
    ['an RSA key of 1024 bits', { keys: [short] }],
    ['a key type of the prototype', { keys: [{ ...key, kty: 'constructor' }] }],
    ['two keys of one kid', { keys: [key, { ...key }] }],
    ['a misspelt option', { lifeTime: 60 }],
    ['a lifetime in words', { lifetime: '5m' }],
  ])('refuses %s with a TypeError', (_, options) => {
    expect(() => issuerWith(options)).toThrow(TypeError)
  })

  test.each([0, -1, 1.5, Number.POSITIVE_INFINITY, 86_401])('refuses a lifetime of %d', (lifetime) => {
    expect(() => issuerWith({ lifetime })).toThrow(RangeError)
  })

  test('never shows a key in what it throws', () => {
    expect(() => issuerWith({ keys: [{ ...key, kid: '' }] })).toThrow(/^keys\[0\] has no kid/)
    const thrown = [{ ...key, alg: 'none' }, publicKey].map((wrong) => {
      try {
        return issuerWith({ keys: [wrong] })
      } catch (error) {
        return String(error)
      }
    })
    expect(thrown.join()).not.toContain(key.d)
  })

  test('keeps its own copy of the keys, and leaves the given ones as they are', async () => {
    const mine: SigningKey = { ...key }
    const place = await tokens({}, { keys: [mine] })
    Object.assign(mine, { kid: 'changed', d: 'AAAA' })
    expect(Object.isFrozen(mine)).toBe(false)
    expect(await place.verify(await place.token())).toMatchObject({ sub: 'u1' })
  })

  test('says that a damaged key cannot sign, with the first token', async () => {
    const place = await tokens({}, { keys: [{ ...key, d: 'AAAA' }] })
    await expect(place.token()).rejects.toThrow(/cannot sign/)
    await expect(place.token()).rejects.toThrow(TypeError)
  })
})

describe('generateSigningKey', () => {
  test('gives Ed25519 unless asked otherwise, another one each time', async () => {
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' })
    expect((await generateSigningKey()).kid).not.toBe(key.kid)
  })

  test('names a key by its thumbprint (RFC 7638 §3)', async () => {
    const canonical = `{"crv":"Ed25519","kty":"OKP","x":"${key.x}"}`
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical)))
    const base64 = btoa(String.fromCharCode(...digest))
    expect(key.kid).toBe(base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))
  })

  test.each(['EdDSA', 'Ed25519', 'ES256', 'RS256'] as const)(
    '%s signs what its public key verifies',
    async (alg) => {
      const place = await tokens({}, { keys: [await generateSigningKey(alg)] })
      const token = await place.token()
      expect(decodeProtectedHeader(token).alg).toBe(alg)
      expect(await place.verify(token)).toMatchObject({ sub: 'u1' })
      expect(await place.verify(token, { algorithms: [alg] })).toMatchObject({ sub: 'u1' })
    },
  )

  test.each(['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const)(
    '%s does where Web Crypto has it, and says so where it has not',
    async (alg) => {
      if (!(await hasAlgorithm(alg))) {
        await expect(generateSigningKey(alg)).rejects.toThrow(`The Web Crypto of this runtime has no ${alg}.`)
        await expect(generateSigningKey(alg)).rejects.toThrow(TypeError)
        return
      }
      const place = await tokens({}, { keys: [await generateSigningKey(alg)] })
      const token = await place.token({ claims: { scope: 'read' } })
      expect(decodeProtectedHeader(token).alg).toBe(alg)
      expect(place.jwks.keys[0]).toMatchObject({ kty: 'AKP', alg, pub: expect.any(String) })
      expect(place.jwks.keys[0]).not.toHaveProperty('priv')
      expect(await place.verify(token)).toMatchObject({ sub: 'u1' })
    },
  )

  test.each(['HS256', 'none', 'ES384', 'constructor', null])('refuses %s', async (alg) => {
    await expect(generateSigningKey(alg as SigningAlgorithm)).rejects.toThrow(TypeError)
  })
})
