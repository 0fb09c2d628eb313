import { generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { createTokenIssuer, generateSigningKey, type JwkSet, verifyAccessToken } from 'wafer-session/jwt'
import { otherSpelling } from '../support/other-spelling.ts'
import { AUDIENCE, expectInvalid, hasAlgorithm, ISSUER, tokens } from '../support/tokens.ts'

const encode = (text: string) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const json = (value: unknown) => encode(JSON.stringify(value))
const place = await tokens()
const rsa = await generateSigningKey('RS256')

describe('verifyAccessToken', () => {
  test('gives the claims of a good token', async () => {
    expect(await place.verify(await place.token())).toMatchObject({ iss: ISSUER, aud: AUDIENCE, sub: 'u1' })
    expect(await place.verify(await place.forge())).toMatchObject({ sub: 'u1', jti: 'j1' })
  })

  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])('takes the typ %s', async (typ) => {
    expect(await place.verify(await place.forge({ header: { typ } }))).toMatchObject({ sub: 'u1' })
  })

  test.each(['JWT', 'jwt', 'logout+jwt', 'dpop+jwt', 'text/at+jwt', '', undefined, 7, null, ['at+jwt']])(
    'refuses the typ %j',
    async (typ) => {
      await expectInvalid(place.verify(await place.forge({ header: { typ } })))
    },
  )

  test('refuses alg none, with and without a signature', async () => {
    const [, payload = '', signature = ''] = (await place.forge()).split('.')
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const header = json({ alg, typ: 'at+jwt', kid: place.key.kid })
      await expectInvalid(place.verify(`${header}.${payload}.`))
      await expectInvalid(place.verify(`${header}.${payload}.${signature}`), /algorithm is not allowed/)
    }
  })

  test('refuses HS256 with the public key as the secret, in every spelling of it', async () => {
    const text = new TextEncoder()
    const published = place.jwks.keys[0]
    const secrets = [JSON.stringify(published), JSON.stringify(place.jwks), published.x, 'x'.repeat(32)]
    for (const secret of secrets) {
      const forged = await place.forge({ header: { alg: 'HS256' }, key: text.encode(secret) })
      await expectInvalid(place.verify(forged), /algorithm is not allowed/)
    }
  })

  test('refuses a symmetric key though it is published', async () => {
    const oct = { kty: 'oct', k: encode('x'.repeat(32)), alg: 'HS256', kid: 'sym' }
    const jwks = { keys: [...place.jwks.keys, oct] } as JwkSet
    const key = new TextEncoder().encode('x'.repeat(32))
    await expectInvalid(
      place.verify(await place.forge({ header: { alg: 'HS256', kid: 'sym' }, key }), { jwks }),
    )
  })

  test('uses a key only with its own algorithm', async () => {
    const mixed = await tokens({ clock: place.clock }, { keys: [rsa, place.key] })
    expect(await mixed.verify(await mixed.token())).toMatchObject({ sub: 'u1' })
    const { privateKey } = await generateKeyPair('PS256')
    for (const alg of ['PS256', 'RS512', 'RS384', 'ES384', 'ES512']) {
      const key = alg === 'PS256' ? privateKey : (await generateKeyPair(alg)).privateKey
      await expectInvalid(mixed.verify(await mixed.forge({ header: { alg, kid: rsa.kid }, key })))
    }
    // Of another family, under the name of a key that is published.
    const ours = await mixed.forge({ header: { alg: 'EdDSA', kid: rsa.kid }, key: place.key })
    await expectInvalid(mixed.verify(ours), /key that the issuer does not publish/)
    const polymorphic = { ...place.key, alg: 'Ed25519' as const }
    const respelt = await mixed.forge({ header: { alg: 'Ed25519', kid: place.key.kid }, key: polymorphic })
    await expectInvalid(mixed.verify(respelt), /key that the issuer does not publish/)
  })

  test('keeps to the algorithms that are allowed', async () => {
    const token = await place.token()
    await expectInvalid(place.verify(token, { algorithms: ['ES256', 'RS256'] }), /algorithm is not allowed/)
    expect(await place.verify(token, { algorithms: ['ES256', 'EdDSA'] })).toMatchObject({ sub: 'u1' })
  })

  test('refuses a key of its own making: another one, with and without the kid of ours', async () => {
    const other = await generateSigningKey()
    await expectInvalid(place.verify(await place.forge({ key: other })))
    await expectInvalid(place.verify(await place.forge({ key: other, header: { kid: other.kid } })))
    await expectInvalid(place.verify(await place.forge({ key: other, header: { kid: undefined } })))
  })

  test.each(['jwk', 'jku', 'x5u', 'x5c'])('never follows %s', async (parameter) => {
    const other = await generateSigningKey()
    const { d: _, ...jwk } = other
    const value = { jwk, jku: 'https://evil.test/jwks', x5u: 'https://evil.test/x5u', x5c: ['AAAA'] }[
      parameter
    ]
    for (const kid of [other.kid, place.key.kid, undefined]) {
      await expectInvalid(
        place.verify(await place.forge({ key: other, header: { kid, [parameter]: value } })),
      )
    }
  })

  test('refuses critical extensions, whatever they are', async () => {
    const [, payload, signature] = (await place.forge()).split('.')
    for (const crit of [['b64'], ['exp'], [], 'exp', null]) {
      const header = json({ alg: 'EdDSA', typ: 'at+jwt', kid: place.key.kid, b64: true, crit })
      await expectInvalid(place.verify(`${header}.${payload}.${signature}`), /critical extension/)
    }
  })

  test('finds the key without a kid where there is but one for the algorithm', async () => {
    const bare = await place.forge({ header: { kid: undefined } })
    expect(await place.verify(bare)).toMatchObject({ sub: 'u1' })
    const two = await tokens({ clock: place.clock }, { keys: [place.key, await generateSigningKey()] })
    await expectInvalid(two.verify(bare), /any of several keys/)
    await expectInvalid(place.verify(await place.forge({ header: { kid: 7 } })), /kid is no string/)
  })

  test.each([
    ['another issuer', { iss: 'https://evil.test' }],
    ['an issuer with a slash more', { iss: `${ISSUER}/` }],
    ['a list of issuers', { iss: [ISSUER] }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'https://other.test' }],
    ['an audience with a slash more', { aud: `${AUDIENCE}/` }],
    ['an audience in another case', { aud: AUDIENCE.toUpperCase() }],
    ['an empty list of audiences', { aud: [] }],
    ['an audience that is an object', { aud: { [AUDIENCE]: true } }],
    ['a list of audiences with something else in it', { aud: [AUDIENCE, 7] }],
    ['no audience', { aud: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is a number', { sub: 7 }],
    ['no client', { client_id: undefined }],
    ['no id', { jti: undefined }],
    ['no time of issue', { iat: undefined }],
    ['a time of issue in words', { iat: '2026-01-01' }],
    ['a negative time of issue', { iat: -1 }],
    ['no expiry', { exp: undefined }],
    ['an expiry in words', { exp: 'never' }],
    ['a null expiry', { exp: null }],
    ['a session that is a number', { sid: 7 }],
    ['a time of authentication in words', { auth_time: 'now' }],
    ['a level that is a list', { acr: ['aal2'] }],
    ['methods in one text', { amr: 'pwd' }],
    ['a scope that is a list', { scope: ['read'] }],
    ['marks that are none', { session_marks: { keys: 'x', auth_time_ms: 1 } }],
    ['marks without a time', { session_marks: { keys: ['x'] } }],
    ['marks that are null', { session_marks: null }],
  ])('refuses %s', async (_, claims) => {
    await expectInvalid(place.verify(await place.forge({ claims })))
  })

  test('refuses an expiry beyond all numbers', async () => {
    const iat = Math.floor(place.clock() / 1000)
    const text = JSON.stringify({
      iss: ISSUER,
      aud: AUDIENCE,
      sub: 'u1',
      client_id: 'c',
      jti: 'j',
      iat,
      exp: 0,
    })
    const payload = text.replace('"exp":0', '"exp":1e999')
    const { CompactSign, importJWK } = await import('jose')
    const token = await new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ typ: 'at+jwt', alg: 'EdDSA', kid: place.key.kid })
      .sign(await importJWK(place.key as never, 'EdDSA'))
    await expectInvalid(place.verify(token), /claim exp/)
  })

  test('takes any of several audiences of its own', async () => {
    const token = await place.token()
    expect(await place.verify(token, { audience: ['https://old.test', AUDIENCE] })).toMatchObject({
      sub: 'u1',
    })
    await expectInvalid(place.verify(token, { audience: ['https://old.test', 'https://older.test'] }))
  })

  test('expires exactly at its second', async () => {
    const { clock, token, verify } = await tokens()
    const issued = await token()
    clock.advance(299.999)
    expect(await verify(issued)).toMatchObject({ sub: 'u1' })
    clock.advance(0.001)
    await expectInvalid(verify(issued))
  })

  test('takes an issuer whose clock is 60 seconds ahead, and none further ahead', async () => {
    const iat = Math.floor(place.clock() / 1000)
    const ahead = (seconds: number) => place.forge({ claims: { iat: iat + seconds, exp: iat + 900 } })
    expect(await place.verify(await ahead(60))).toMatchObject({ sub: 'u1' })
    await expectInvalid(place.verify(await ahead(61)), /issued in the future/)
  })

  test('refuses a token before its time, and everything when the clock gives no number', async () => {
    const nbf = Math.floor(place.clock() / 1000) + 10
    await expectInvalid(place.verify(await place.forge({ claims: { nbf } })))
    await expectInvalid(place.verify(await place.token(), { clock: () => Number.NaN }))
  })

  test('refuses every change of a single character', async () => {
    const token = await place.forge()
    for (let i = 0; i < token.length - 1; i += 7) {
      const other = token[i] === 'A' ? 'B' : 'A'
      await expectInvalid(place.verify(`${token.slice(0, i)}${other}${token.slice(i + 1)}`))
    }
  })

  test.each([
    '',
    '.',
    '..',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    'a.b.c.d.e',
    'é.é.é',
    ' ',
    '\0.\0.\0',
    `${'x'.repeat(20)}.${'y'.repeat(20)}.${'z'.repeat(20)}`,
    `${encode('null')}.${encode('{}')}.AAAA`,
    `${encode('[]')}.${encode('{}')}.AAAA`,
    `${encode('{"alg":{}}')}.${encode('{}')}.AAAA`,
    `${encode('{"alg":"EdDSA","typ":"at+jwt"}')}.${encode('not JSON')}.AAAA`,
    `${encode('{"__proto__":{"alg":"EdDSA"}}')}.${encode('{}')}.AAAA`,
    undefined,
    null,
    7,
    {},
    ['a.b.c'],
  ])('refuses garbage: %j', async (garbage) => {
    await expectInvalid(place.verify(garbage as string))
  })

  test('refuses a token that it would have taken, but with white space or a fourth part', async () => {
    const token = await place.forge()
    for (const changed of [` ${token}`, `${token} `, `${token}\n`, `${token}.`, `${token}=`, `.${token}`]) {
      await expectInvalid(place.verify(changed), /no token/)
    }
  })

  test('refuses a genuine signature in another spelling: with the bits that mean nothing, or white space, in it', async () => {
    const token = await place.forge()
    for (const changed of [otherSpelling(token), `${token.slice(0, -9)} ${token.slice(-9)}`]) {
      await expectInvalid(place.verify(changed), /no token/)
    }
  })

  test('refuses what is longer than any token before it reads it', async () => {
    const genuine = await place.forge({ claims: { text: 'x'.repeat(20_000) } })
    await expectInvalid(place.verify(genuine), /no token/)
    await expectInvalid(place.verify('x'.repeat(1_000_000)), /no token/)
    await expectInvalid(place.verify(`${'a.'.repeat(100_000)}b`), /no token/)
    expect(await place.verify(await place.forge({ claims: { text: 'x'.repeat(10_000) } }))).toMatchObject({
      sub: 'u1',
    })
  })

  test('says nothing of the token in what it throws', async () => {
    const token = await place.forge({ claims: { aud: 'https://other.test' } })
    const error = await place.verify(token).catch((error) => error)
    expect(error.message).toBe('The token does not verify.')
    expect(await error.getResponse().text()).toBe('Unauthorized')
    expect(error.getResponse().headers.get('Cache-Control')).toBe('no-store')
  })
})

describe('the keys of verifyAccessToken', () => {
  test('a key without alg is for one algorithm all the same', async () => {
    const keys = place.jwks.keys.map(({ alg: _, use: __, ...key }: Record<string, unknown>) => key)
    expect(await place.verify(await place.token(), { jwks: { keys } })).toMatchObject({ sub: 'u1' })
  })

  test('what cannot be used among them hurts no other', async () => {
    const odd = [null, 7, 'key', {}, { kty: 'constructor' }, { kty: 'RSA' }, { kty: 'AKP', pub: 'AAAA' }]
    const jwks = { keys: [...odd, ...place.jwks.keys] } as JwkSet
    expect(await place.verify(await place.token(), { jwks })).toMatchObject({ sub: 'u1' })
  })

  test('a damaged key refuses its tokens', async () => {
    const jwks = { keys: [{ ...place.jwks.keys[0], x: 'AAAA' }] }
    await expectInvalid(place.verify(await place.token(), { jwks }), /key cannot be used/)
  })

  test('one that Web Crypto does not know refuses its tokens, and says why', async () => {
    const young = { kty: 'AKP', alg: 'ML-DSA-44', kid: 'young', pub: encode('\0'.repeat(1312)) }
    const header = json({ typ: 'at+jwt', alg: 'ML-DSA-44', kid: 'young' })
    const token = `${header}.${json({ iss: ISSUER })}.${encode('\0'.repeat(2420))}`
    const why = (await hasAlgorithm('ML-DSA-44'))
      ? /does not verify/
      : /has the Web Crypto of this runtime ML-DSA-44/
    await expectInvalid(place.verify(token, { jwks: { keys: [...place.jwks.keys, young] } }), why)
  })

  test('of RSA with 1024 bits no key is used', async () => {
    const short = { kty: 'RSA', alg: 'RS256', kid: 'short', n: 'x'.repeat(171), e: 'AQAB' }
    const jwks = { keys: [short, ...place.jwks.keys] }
    const token = await place.forge({ header: { alg: 'RS256', kid: 'short' }, key: rsa })
    await expectInvalid(place.verify(token, { jwks }), /does not publish/)
  })

  test('rotate: announced, then signing, then gone; no token is refused before its time', async () => {
    const { clock, open } = await tokens()
    const [old, young] = [await generateSigningKey(), await generateSigningKey('ES256')]
    const verify = async (token: string, keys: (typeof old)[]) => {
      const jwks = await createTokenIssuer({ issuer: ISSUER, keys, clock }).jwks().json()
      return verifyAccessToken(token, { issuer: ISSUER, audience: AUDIENCE, jwks, clock })
    }
    const issue = async (keys: (typeof old)[]) => {
      const session = await open()
      session.signIn('u1')
      return createTokenIssuer({ issuer: ISSUER, keys, clock }).issue(session, { audience: AUDIENCE })
    }
    const first = await issue([old])
    const announced = await issue([old, young])
    const swapped = await issue([young, old])
    for (const keys of [
      [old, young],
      [young, old],
    ]) {
      for (const token of [first, announced, swapped]) {
        expect(await verify(token, keys)).toMatchObject({ sub: 'u1' })
      }
    }
    expect(await verify(first, [old])).toMatchObject({ sub: 'u1' })
    await expectInvalid(verify(swapped, [old]), /does not publish/)
    await expectInvalid(verify(announced, [young]), /does not publish/)
    clock.advance(300)
    const last = await issue([young])
    expect(await verify(last, [young])).toMatchObject({ sub: 'u1' })
  })
})

describe('verifyAccessToken refuses wrong options with a TypeError:', () => {
  const good = { issuer: ISSUER, audience: AUDIENCE, jwks: place.jwks }

  test.each([
    ['none', undefined],
    ['no issuer', { ...good, issuer: undefined }],
    ['no audience', { ...good, audience: undefined }],
    ['an empty audience', { ...good, audience: '' }],
    ['no keys', { issuer: ISSUER, audience: AUDIENCE }],
    ['keys twice', { ...good, jwksUri: 'https://shop.test/jwks' }],
    ['a set that is none', { ...good, jwks: { keys: 'x' } }],
    ['a response instead of its content', { ...good, jwks: place.issuer.jwks() }],
    ['a private key', { ...good, jwks: { keys: [place.key] } }],
    ['http', { issuer: ISSUER, audience: AUDIENCE, jwksUri: 'http://shop.test/jwks' }],
    ['http that looks local', { issuer: ISSUER, audience: AUDIENCE, jwksUri: 'http://localhost.evil.test/' }],
    ['a file', { issuer: ISSUER, audience: AUDIENCE, jwksUri: 'file:///etc/jwks' }],
    ['no URL', { issuer: ISSUER, audience: AUDIENCE, jwksUri: 'jwks' }],
    ['HS256', { ...good, algorithms: ['HS256'] }],
    ['none as an algorithm', { ...good, algorithms: ['none'] }],
    ['no algorithm at all', { ...good, algorithms: [] }],
    ['revocations that are neither', { ...good, revocations: {} }],
    ['revocations that are the client of a database', { ...good, revocations: { get: async () => null } }],
    ['revocations that are null', { ...good, revocations: null }],
    ['a misspelt option', { ...good, revocation: {} }],
    ['a timeout in words', { ...good, timeout: '5s' }],
  ])('%s', async (_, options) => {
    await expect(verifyAccessToken('a.b.c', options as never)).rejects.toThrow(TypeError)
  })

  test('a RangeError for a timeout out of bounds', async () => {
    await expect(verifyAccessToken('a.b.c', { ...good, timeout: 0 })).rejects.toThrow(RangeError)
  })
})
