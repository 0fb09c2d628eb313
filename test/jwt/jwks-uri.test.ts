import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SessionError } from 'wafer-session'
import {
  createTokenIssuer,
  generateSigningKey,
  type SigningKey,
  type VerifyAccessTokenOptions,
} from 'wafer-session/jwt'
import { expectInvalid, ISSUER, tokens } from '../support/tokens.ts'

const [first, second, third] = [
  await generateSigningKey(),
  await generateSigningKey(),
  await generateSigningKey('ES256'),
]
let endpoints = 0

/** An issuer that publishes its keys, as `fetch` sees it. */
async function published() {
  const place = await tokens({}, { keys: [first] })
  const jwksUri = `https://issuer-${++endpoints}.test/jwks`
  const endpoint = {
    keys: [first] as SigningKey[],
    fetches: 0,
    respond: (): Response | Promise<Response> =>
      createTokenIssuer({ issuer: ISSUER, keys: endpoint.keys }).jwks(),
  }
  const answer = async (uri: unknown) => {
    expect(uri).toBe(jwksUri)
    endpoint.fetches += 1
    return endpoint.respond()
  }
  vi.mocked(fetch).mockImplementation(answer)
  const verify = (token: string, options: Partial<VerifyAccessTokenOptions> = {}) =>
    place.verify(token, { jwksUri, ...options })
  const signedBy = (key: SigningKey) => place.forge({ header: { kid: key.kid, alg: key.alg }, key })
  const long = (key: SigningKey) => {
    const exp = Math.floor(place.clock() / 1000) + 100_000
    return place.forge({ header: { kid: key.kid, alg: key.alg }, key, claims: { exp } })
  }
  return { ...place, endpoint, jwksUri, verify, signedBy, long }
}

const down = () => Promise.reject(new TypeError('connection refused'))

/** Nobody can tell whether the token is good. */
async function expectUnavailable(verified: Promise<unknown>): Promise<void> {
  const error = (await verified.catch((error) => error)) as SessionError
  expect(error).toMatchObject({ name: 'SessionError', code: 'ERR_TOKEN_KEYS', status: 503 })
  expect(error.cause).toBeInstanceOf(Error)
  const response: Response = error.getResponse()
  expect([response.headers.get('Retry-After'), response.headers.get('WWW-Authenticate')]).toEqual(['5', null])
}

beforeEach(() => {
  vi.stubGlobal('fetch', vi.fn())
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('verifyAccessToken with jwksUri', () => {
  test('fetches the keys once, and again after five minutes', async () => {
    const { verify, long, endpoint, clock } = await published()
    const token = await long(first)
    for (let i = 0; i < 3; i++) expect(await verify(token)).toMatchObject({ sub: 'u1' })
    clock.advance(299)
    await verify(token)
    expect(endpoint.fetches).toBe(1)
    clock.advance(1)
    await verify(token)
    await verify(token)
    expect(endpoint.fetches).toBe(2)
  })

  test('takes a URL, and keeps one set of keys for both spellings', async () => {
    const { verify, signedBy, endpoint, jwksUri } = await published()
    const token = await signedBy(first)
    await verify(token)
    expect(await verify(token, { jwksUri: new URL(jwksUri) })).toMatchObject({ sub: 'u1' })
    expect(endpoint.fetches).toBe(1)
  })

  test('asks for what it is, in time, and follows no redirect', async () => {
    const { verify, signedBy } = await published()
    await verify(await signedBy(first))
    expect(vi.mocked(fetch).mock.calls[0]?.[1]).toMatchObject({
      headers: { Accept: 'application/jwk-set+json, application/json' },
      redirect: 'manual',
      signal: expect.any(AbortSignal),
    })
  })

  test('asks no endpoint for a token that is none, or of an algorithm that is not allowed', async () => {
    const { verify, forge, endpoint } = await published()
    await expectInvalid(verify('a.b.c'))
    await expectInvalid(verify(await forge({ header: { alg: 'HS256' }, key: new Uint8Array(32) })))
    await expectInvalid(verify('x'.repeat(100_000)))
    expect(endpoint.fetches).toBe(0)
  })

  test('finds a new key by one more fetch, at once', async () => {
    const { verify, signedBy, endpoint } = await published()
    await verify(await signedBy(first))
    endpoint.keys = [second, first]
    expect(await verify(await signedBy(second))).toMatchObject({ sub: 'u1' })
    expect(await verify(await signedBy(first))).toMatchObject({ sub: 'u1' })
    expect(endpoint.fetches).toBe(2)
  })

  test('asks for unknown keys once in 30 seconds, however many tokens name one', async () => {
    const { verify, long, forge, endpoint, clock } = await published()
    const good = await long(first)
    await verify(good)
    for (let i = 0; i < 20; i++) {
      const forged = await forge({ header: { kid: `made-up-${i}`, alg: third.alg }, key: third })
      await expectInvalid(verify(forged))
    }
    await expectInvalid(verify(await long(second)), /does not publish/)
    expect(endpoint.fetches).toBe(2)
    clock.advance(29)
    await expectInvalid(verify(await long(second)))
    expect(endpoint.fetches).toBe(2)
    clock.advance(1)
    await expectInvalid(verify(await long(second)))
    await expectInvalid(verify(await long(second)))
    expect(endpoint.fetches).toBe(3)
    expect(await verify(good)).toMatchObject({ sub: 'u1' })
  })

  test('does not ask twice for one token when the keys have just come', async () => {
    const { verify, signedBy, endpoint } = await published()
    await expectInvalid(verify(await signedBy(second)), /does not publish/)
    expect(endpoint.fetches).toBe(1)
  })

  test('a flood of unknown keys at once is one fetch', async () => {
    const { verify, signedBy, endpoint } = await published()
    await verify(await signedBy(first))
    const token = await signedBy(second)
    // On Workers nobody may wait for what another request fetches, and so nobody can tell yet.
    const unknown = { code: expect.stringMatching(/^ERR_TOKEN_(?:INVALID|KEYS)$/) }
    await Promise.all(Array.from({ length: 20 }, () => expect(verify(token)).rejects.toMatchObject(unknown)))
    await expectInvalid(verify(token))
    expect(endpoint.fetches).toBe(2)
  })

  test('a key that was taken back is gone after five minutes', async () => {
    const { verify, long, endpoint, clock } = await published()
    const token = await long(first)
    await verify(token)
    endpoint.keys = [second]
    clock.advance(299)
    expect(await verify(token)).toMatchObject({ sub: 'u1' })
    clock.advance(1)
    await expectInvalid(verify(token), /does not publish/)
  })

  test('a private or symmetric key that somebody publishes verifies nothing', async () => {
    const { verify, signedBy, forge, endpoint } = await published()
    const oct = { kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'sym' }
    endpoint.respond = () => Response.json({ keys: [first, oct] })
    await expectInvalid(verify(await signedBy(first)), /does not publish/)
    await expectInvalid(
      verify(await forge({ header: { alg: 'HS256', kid: 'sym' }, key: new Uint8Array(32) })),
    )
  })

  test('a clock that was set back asks again', async () => {
    const { verify, long, endpoint, clock } = await published()
    const token = await long(first)
    clock.advance(60)
    await verify(token)
    clock.advance(-30)
    await verify(token)
    expect(endpoint.fetches).toBe(2)
  })

  test('remembers a hundred endpoints and no more', async () => {
    const { verify, signedBy, jwksUri, endpoint } = await published()
    const token = await signedBy(first)
    await verify(token)
    vi.mocked(fetch).mockImplementation(async () => {
      endpoint.fetches += 1
      return endpoint.respond()
    })
    for (let i = 0; i < 100; i++) await verify(token, { jwksUri: `${jwksUri}/${i}` })
    expect(endpoint.fetches).toBe(101)
    await verify(token, { jwksUri: `${jwksUri}/99` })
    expect(endpoint.fetches).toBe(101)
    await verify(token)
    expect(endpoint.fetches).toBe(102)
  })
})

describe('when the endpoint fails', () => {
  test.each<[string, () => Response | Promise<Response>]>([
    ['cannot be reached', down],
    ['has the status 500', () => new Response('no', { status: 500 })],
    ['has the status 404', () => new Response('no', { status: 404 })],
    ['redirects', () => new Response(null, { status: 302, headers: { Location: 'https://evil.test' } })],
    ['is no JSON', () => new Response('<html>')],
    ['is empty', () => new Response('')],
    ['is no set of keys', () => Response.json({ key: [] })],
    ['is null', () => Response.json(null)],
    ['is a list', () => Response.json([first])],
    ['has megabytes', () => Response.json({ keys: [], text: 'x'.repeat(1_000_000) })],
    ['is not UTF-8', () => new Response(new Uint8Array([0x22, 0xff, 0x22]))],
  ])('because it %s, the answer is 503 and not 401', async (_, respond) => {
    const { verify, signedBy, endpoint } = await published()
    endpoint.respond = respond
    await expectUnavailable(verify(await signedBy(first)))
  })

  test('after three times in a row it is left alone for five seconds', async () => {
    const { verify, long, endpoint, clock } = await published()
    const { respond } = endpoint
    endpoint.respond = down
    const token = await long(first)
    for (let i = 0; i < 5; i++) await expectUnavailable(verify(token))
    expect(endpoint.fetches).toBe(3)
    endpoint.respond = respond
    clock.advance(4)
    await expectUnavailable(verify(token))
    clock.advance(1)
    expect(await verify(token)).toMatchObject({ sub: 'u1' })
    expect(endpoint.fetches).toBe(4)
  })

  test('and answers again, unknown keys are asked about as seldom as ever', async () => {
    const { verify, long, endpoint, clock } = await published()
    const { respond } = endpoint
    endpoint.respond = down
    await expectUnavailable(verify(await long(first)))
    endpoint.respond = respond
    clock.advance(5)
    await verify(await long(first))
    for (let i = 0; i < 5; i++) await expectInvalid(verify(await long(second)), /does not publish/)
    expect(endpoint.fetches).toBe(3)
  })

  test('the keys that are known serve for an hour more', async () => {
    const { verify, long, endpoint, clock } = await published()
    const token = await long(first)
    await verify(token)
    endpoint.respond = down
    clock.advance(300)
    for (let i = 0; i < 5; i++) expect(await verify(token)).toMatchObject({ sub: 'u1' })
    expect(endpoint.fetches).toBe(4)
    clock.advance(3299)
    expect(await verify(token)).toMatchObject({ sub: 'u1' })
    clock.advance(1)
    await expectUnavailable(verify(token))
  })

  test('of a key that is not known nobody can tell', async () => {
    const { verify, long, endpoint, clock } = await published()
    const { respond } = endpoint
    await verify(await long(first))
    endpoint.respond = down
    endpoint.keys = [first, second]
    const token = await long(second)
    for (let i = 0; i < 5; i++) await expectUnavailable(verify(token))
    expect(endpoint.fetches).toBe(4)
    expect(await verify(await long(first))).toMatchObject({ sub: 'u1' })
    endpoint.respond = respond
    clock.advance(5)
    expect(await verify(token)).toMatchObject({ sub: 'u1' })
  })
})
