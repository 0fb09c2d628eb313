import { expect, test } from 'vitest'
import { backchannelLogout } from 'wafer-session/oidc'
import {
  CLIENT,
  ISSUER,
  network,
  type OpKey,
  postOf,
  type RelyingParty,
  relyingParty,
  signingKey,
  tokensOf,
} from '../support/logout.ts'

let count = 0

/** A relying party that gets the keys over the network, from a URI that no other test knows. */
async function remote(answer: () => unknown, others: Record<string, () => unknown> = {}) {
  const jwksUri = `https://op.test/jwks-${count++}`
  const asked = network({ [jwksUri]: answer, ...others })
  const rp = await relyingParty('store', {
    providers: [{ issuer: ISSUER, clientId: CLIENT, jwksUri }],
  })
  const post = async (key: OpKey, header = {}) =>
    (await rp.logout(postOf(await tokensOf(key, rp.clock)({ header })))).status
  return { ...rp, asked, jwksUri, postBy: post }
}

const published = (...keys: OpKey[]) => ({ keys: keys.map(({ jwk }) => jwk) })

test('jwksUri is asked once in five minutes, by however many handlers', async () => {
  const key = await signingKey()
  const { postBy, asked, clock, options } = await remote(() => published(key))
  for (let i = 0; i < 3; i++) expect(await postBy(key)).toBe(200)
  const another = backchannelLogout(options)
  expect((await another(postOf(await tokensOf(key, clock)()))).status).toBe(200)
  expect(asked.length).toBe(1)
  clock.advance(300)
  expect(await postBy(key)).toBe(200)
  expect(asked.length).toBe(2)
})

test('an unknown kid asks once more, and then not again for 30 seconds', async () => {
  const [key, next] = [await signingKey(), await signingKey('ES256', 'op-2')]
  let keys = published(key)
  const { postBy, asked, clock, signIn, whose } = await remote(() => keys)
  const cookie = await signIn()
  expect(await postBy(key, { kid: 'made-up-0' })).toBe(400)
  expect(asked.length).toBe(1) // The keys have just come.
  expect(await postBy(key, { kid: 'made-up-0' })).toBe(400)
  expect(asked.length).toBe(2)
  for (let i = 1; i < 20; i++) expect(await postBy(key, { kid: `made-up-${i}` })).toBe(400)
  expect(asked.length).toBe(2)
  expect(await whose(cookie)).toBe('alice')

  clock.advance(30)
  keys = published(key, next)
  expect(await postBy(next)).toBe(200)
  expect(asked.length).toBe(3)
  expect(await whose(cookie)).toBeUndefined()
})

test('a key that was published a moment ago is found at once', async () => {
  const [key, next] = [await signingKey(), await signingKey('ES256', 'op-2')]
  let keys = published(key)
  const { postBy, asked } = await remote(() => keys)
  expect(await postBy(key)).toBe(200)
  keys = published(next)
  expect(await postBy(next)).toBe(200)
  expect(asked.length).toBe(2)
  expect(await postBy(key)).toBe(400)
})

/** On Workers no request may wait for what another one fetches. */
const isWorkerd = navigator.userAgent === 'Cloudflare-Workers'

test('of tokens that come at once, one asks for the keys', async () => {
  const [key, next] = [await signingKey(), await signingKey('ES256', 'op-2')]
  let keys = published(key)
  let gate = Promise.withResolvers<void>()
  const { logout, asked, clock } = await remote(async () => {
    await gate.promise
    return keys
  })

  async function atOnce(by: OpKey) {
    gate = Promise.withResolvers()
    const made = await Promise.all([by, by, by].map((one) => tokensOf(one, clock)()))
    const answers = made.map((token) => logout(postOf(token)))
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve))
    gate.resolve()
    return (await Promise.all(answers)).map(({ status }) => status).sort()
  }

  expect(await atOnce(key)).toEqual([200, 200, 200])
  expect(asked.length).toBe(isWorkerd ? 3 : 1)
  keys = published(next)
  const before = asked.length
  expect(await atOnce(next)).toEqual(isWorkerd ? [200, 503, 503] : [200, 200, 200])
  expect(asked.length - before).toBe(1)
})

const outages: Record<string, (key: OpKey) => unknown> = {
  'cannot be reached': () => undefined,
  'answers 500': () => new Response('no', { status: 500 }),
  'answers 500 with keys': () => Response.json({ keys: [] }, { status: 500 }),
  'answers 404': () => new Response('no', { status: 404 }),
  redirects: () => new Response(null, { status: 302, headers: { Location: 'https://evil.test/jwks' } }),
  'answers no JSON': () => new Response('<html>'),
  'answers no key set': () => ({ error: 'x' }),
  'answers a list': () => [],
  'answers a megabyte': () => new Response(`{"keys":[],"x":"${'x'.repeat(1_048_576)}"}`),
}

test.each(Object.entries(outages))(
  'a jwksUri that %s is a 503, and nobody is signed out',
  async (_, outage) => {
    const key = await signingKey()
    let answer = outage
    const { logout, token, signIn, whose, clock } = await remote(() => answer(key), {
      'https://evil.test/jwks': () => published(key),
    })
    const cookie = await signIn()
    const logoutToken = await tokensOf(key, clock)()
    expect(await token()).not.toBe(logoutToken)

    const response = await logout(postOf(logoutToken))
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('5')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await whose(cookie)).toBe('alice')

    answer = () => published(key)
    expect((await logout(postOf(logoutToken))).status).toBe(200)
    expect(await whose(cookie)).toBeUndefined()
  },
)

test('an endpoint that goes on failing is left alone for five seconds at a time', async () => {
  const key = await signingKey()
  let answer: () => unknown = () => undefined
  const { postBy, asked, clock } = await remote(() => answer())
  for (let i = 0; i < 20; i++) expect(await postBy(key)).toBe(503)
  expect(asked.length).toBe(3)
  clock.advance(5)
  for (let i = 0; i < 20; i++) expect(await postBy(key)).toBe(503)
  expect(asked.length).toBe(4)
  answer = () => published(key)
  expect(await postBy(key)).toBe(503)
  clock.advance(5)
  expect(await postBy(key)).toBe(200)

  answer = () => undefined
  clock.advance(3600)
  expect(await postBy(key)).toBe(503)
  answer = () => published(key)
  expect(await postBy(key)).toBe(200) // One failure after a success is no row of them.
})

test('while the endpoint is down, keys serve for an hour, and unknown ones are a 503', async () => {
  const key = await signingKey()
  let answer: () => unknown = () => published(key)
  const { postBy, clock } = await remote(() => answer())
  expect(await postBy(key)).toBe(200)
  answer = () => undefined
  clock.advance(3599)
  expect(await postBy(key)).toBe(200)
  expect(await postBy(key, { kid: 'op-2' })).toBe(503)
  expect(await postBy(key, { kid: 'op-2' })).toBe(503)
  clock.advance(1)
  expect(await postBy(key)).toBe(503)
})

test('tokens of other issuers and algorithms ask nobody for keys', async () => {
  const key = await signingKey()
  const { post, asked, token } = await remote(() => published(key))
  expect((await post(token({ claims: { iss: 'https://evil.test' } }))).status).toBe(400)
  expect((await post(token({ claims: { aud: 'x' } }))).status).toBe(400)
  expect((await post(token({ header: { typ: 'JWT' } }))).status).toBe(400)
  expect(asked).toEqual([])
})

test('symmetric keys in a published set verify nothing', async () => {
  const key = await signingKey()
  const k = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I'
  const { postBy, token, post } = await remote(() => ({ keys: [{ kty: 'oct', kid: 'op-1', k }, key.jwk] }))
  expect(await postBy(key)).toBe(200)
  const secret = Uint8Array.from(atob(k), (character) => character.charCodeAt(0))
  expect((await post(token({ header: { alg: 'HS256' }, key: secret }))).status).toBe(400)
})

test('without jwks and jwksUri the metadata of the issuer says where the keys are', async () => {
  for (const issuer of [`https://op-${count++}.test`, `https://op-${count++}.test/realm/`]) {
    const key = await signingKey()
    const metadata = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const asked = network({
      [metadata]: () => ({ issuer, jwks_uri: `${new URL(issuer).origin}/keys` }),
      [`${new URL(issuer).origin}/keys`]: () => published(key),
    })
    const rp = await discovering(issuer)
    const cookie = await rp.signIn({ iss: issuer, sub: 'alice', sid: 's-alice' })
    const token = tokensOf(key, rp.clock)
    for (let i = 0; i < 2; i++) {
      expect((await rp.post(token({ claims: { iss: issuer } }))).status).toBe(200)
    }
    expect(await rp.whose(cookie)).toBeUndefined()
    expect(asked).toEqual([metadata, `${new URL(issuer).origin}/keys`])
  }
})

test.each([
  ['of another issuer', (keys: string) => ({ issuer: 'https://evil.test', jwks_uri: keys })],
  ['without jwks_uri', (_: string, issuer: string) => ({ issuer })],
  [
    'with a jwks_uri on plain http',
    (_: string, issuer: string) => ({ issuer, jwks_uri: 'http://op.test/keys' }),
  ],
  [
    'with a jwks_uri that is no text',
    (_: string, issuer: string) => ({ issuer, jwks_uri: { toString: 0, valueOf: 0 } }),
  ],
  ['that is none', () => ['x']],
])('metadata %s is a 503: no key is taken from it', async (_, document) => {
  const key = await signingKey()
  const issuer = `https://op-${count++}.test`
  const asked = network({
    [`${issuer}/.well-known/openid-configuration`]: () => document(`${issuer}/keys`, issuer),
    [`${issuer}/keys`]: () => published(key),
    'http://op.test/keys': () => published(key),
  })
  const rp = await discovering(issuer)
  expect((await rp.post(tokensOf(key, rp.clock)({ claims: { iss: issuer } }))).status).toBe(503)
  expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`])
})

// Node 24 says of it that it can be parsed, and then throws; others ask there.
test('metadata with an endless jwks_uri is a 503', async () => {
  const issuer = `https://op-${count++}.test`
  const jwks_uri = `https://K${'eqskeys-'.repeat(2048)}`
  network({ [`${issuer}/.well-known/openid-configuration`]: () => ({ issuer, jwks_uri }) })
  const rp = await discovering(issuer)
  const token = tokensOf(await signingKey(), rp.clock)({ claims: { iss: issuer } })
  expect((await rp.post(token)).status).toBe(503)
})

function discovering(issuer: string): Promise<RelyingParty> {
  return relyingParty('store', { providers: [{ issuer, clientId: CLIENT }] })
}

test('a damaged key signs nobody out: 503 where Web Crypto refuses it, 400 where it verifies nothing', async () => {
  const key = await signingKey()
  const { postBy, signIn, whose } = await remote(() => ({ keys: [{ ...key.jwk, x: 'AAAA', n: 'AAAA' }] }))
  const cookie = await signIn()
  expect([400, 503]).toContain(await postBy(key))
  expect(await whose(cookie)).toBe('alice')
})

test('three parts of base64url that hold no JSON ask no provider', async () => {
  const { logout, asked } = await remote(() => ({ keys: [] }))
  for (const token of ['AAAA.AAAA.AAAA', 'bnVsbA.bnVsbA.AAAA']) {
    expect((await logout(postOf(token))).status).toBe(400)
  }
  expect(asked).toEqual([])
})
