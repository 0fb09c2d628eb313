import { exportSPKI, type JWK } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { backchannelLogout, type LogoutAlgorithm } from 'wafer-session/oidc'
import {
  ALICE,
  CLIENT,
  EVENT,
  halfSignedIn,
  ISSUER,
  idToken,
  MODES,
  type Mode,
  postOf,
  type RelyingParty,
  relyingParty,
  signingKey,
  tokensOf,
} from '../support/logout.ts'
import { otherSpelling } from '../support/other-spelling.ts'
import { requestWith } from '../support/visitor.ts'

type Claims = Record<string, unknown>

const seconds = (clock: () => number) => Math.floor(clock() / 1000)

/** What is wrong with a token, by what is changed in a good one. */
const badClaims: Record<string, (now: number) => Claims> = {
  'a nonce': () => ({ nonce: 'n' }),
  'a nonce that is null': () => ({ nonce: null }),
  'no events': () => ({ events: undefined }),
  'events that are a string': () => ({ events: EVENT }),
  'events that are a list': () => ({ events: [EVENT] }),
  'events that are null': () => ({ events: null }),
  'events of another kind': () => ({ events: { 'http://schemas.openid.net/event/other': {} } }),
  'an event that is no object': () => ({ events: { [EVENT]: true } }),
  'an event that is a list': () => ({ events: { [EVENT]: [] } }),
  'an event that is null': () => ({ events: { [EVENT]: null } }),
  'another iss': () => ({ iss: 'https://evil.test' }),
  'the iss with a slash more': () => ({ iss: `${ISSUER}/` }),
  'no iss': () => ({ iss: undefined }),
  'a list of iss': () => ({ iss: [ISSUER] }),
  'another aud': () => ({ aud: 'another' }),
  'a list of other aud': () => ({ aud: ['another', `${CLIENT}2`] }),
  'no aud': () => ({ aud: undefined }),
  'an aud that is an object': () => ({ aud: { [CLIENT]: true } }),
  'an exp that has passed': (now) => ({ exp: now }),
  'an exp that is a string': (now) => ({ exp: String(now + 60) }),
  'an exp two days ahead': (now) => ({ exp: now + 2 * 86_400 }),
  'no iat': () => ({ iat: undefined }),
  'an iat far ahead': (now) => ({ iat: now + 61, exp: now + 180 }),
  'an iat that is a string': (now) => ({ iat: String(now) }),
  'an nbf that has not come': (now) => ({ nbf: now + 30 }),
  'no exp and an iat of two minutes ago': (now) => ({ exp: undefined, iat: now - 120 }),
  'no jti': () => ({ jti: undefined }),
  'an empty jti': () => ({ jti: '' }),
  'a jti that is a number': () => ({ jti: 1 }),
  'neither sid nor sub': () => ({ sid: undefined, sub: undefined }),
  'a sid that is a number, beside a sub': () => ({ sid: 7 }),
  'an empty sid': () => ({ sid: '', sub: undefined }),
  'a sid that is null': () => ({ sid: null }),
  'a sub that is a list': () => ({ sub: ['alice'], sid: undefined }),
}

const badTypes = [
  'JWT',
  'at+jwt',
  'application/at+jwt',
  'logout',
  'jwt',
  'logout+jwt2',
  '',
  1,
  null,
  undefined,
]

describe.each(MODES)('a logout token is refused, and changes no session, with %s:', (mode: Mode) => {
  let rp: RelyingParty
  let cookie: string
  let half: string

  beforeAll(async () => {
    rp = await relyingParty(mode)
    cookie = await rp.signIn()
    half = await rp.signIn(ALICE, { pending: true })
  })

  async function refused(token: string) {
    const response = await rp.post(token)
    expect(response.status).toBe(400)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(response.headers.get('Content-Type')).toMatch(/^application\/json/)
    expect(await response.json()).toEqual({
      error: 'invalid_request',
      error_description: expect.stringMatching(/^[A-Z].+\.$/),
    })
    expect(await halfSignedIn(rp.manager, half)).toBe('alice')
    const session = await rp.manager.open(requestWith(cookie))
    await session.requireAuthoritative()
    expect(session.userId).toBe('alice')
  }

  test('a good one ends what these are about', async () => {
    const other = await relyingParty(mode)
    const gone = await other.signIn()
    expect((await other.post(other.token())).status).toBe(200)
    expect(await other.whose(gone)).toBeUndefined()
  })

  test.each(Object.entries(badClaims))('%s', async (_, claims) => {
    await refused(await rp.token({ claims: claims(seconds(rp.clock)) }))
  })

  test.each(badTypes.map((typ) => ({ typ })))('typ $typ', async ({ typ }) => {
    await refused(await rp.token({ header: { typ } }))
  })

  test('alg none, with a signature or without', async () => {
    const [, payload, signature] = (await rp.token()).split('.')
    for (const alg of ['none', 'None', 'NONE']) {
      const header = encoded({ typ: 'logout+jwt', alg, kid: rp.key.kid })
      await refused(`${header}.${payload}.`)
      await refused(`${header}.${payload}.${signature}`)
    }
  })

  test('alg HS256 with the public key as the secret, in every spelling of it', async () => {
    const { jwk, publicKey } = rp.key
    const pem = await exportSPKI(publicKey)
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk), String(jwk.x)]) {
      const key = new TextEncoder().encode(secret)
      await refused(await rp.token({ header: { alg: 'HS256' }, key }))
      await refused(await rp.token({ header: { alg: 'HS256', kid: undefined }, key }))
    }
  })

  test('an algorithm of another family than the key, or of another size', async () => {
    for (const alg of ['RS256', 'PS256', 'EdDSA', 'ES384']) {
      const { privateKey } = await signingKey(alg)
      await refused(await rp.token({ header: { alg }, key: privateKey }))
      await refused(await rp.token({ header: { alg, kid: undefined }, key: privateKey }))
    }
  })

  test('the key of somebody else, under the same kid and in a header of its own', async () => {
    const { privateKey, jwk } = await signingKey()
    await refused(await rp.token({ key: privateKey }))
    await refused(await rp.token({ key: privateKey, header: { jwk, kid: undefined } }))
    await refused(await rp.token({ key: privateKey, header: { jku: 'https://evil.test/jwks' } }))
  })

  test('an altered signature, payload or header', async () => {
    const token = await rp.token()
    const [header = '', payload = '', signature = ''] = token.split('.')
    const other = encoded({ ...JSON.parse(atob(payload)), sub: 'bob' })
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
    for (const bad of [
      `${header}.${payload}.${flipped}`,
      `${header}.${other}.${signature}`,
      `${encoded({ typ: 'logout+jwt', alg: 'ES256', kid: 'op-1', x: 1 })}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.${signature}`,
      `${header}..${signature}`,
      'x',
      '...',
      '{}',
      '%00',
      encodeURIComponent('é.é.é'),
    ]) {
      await refused(bad)
    }
  })

  test('a genuine one in another spelling: white space, padding, bits that mean nothing', async () => {
    const token = await rp.token()
    const [head, tail] = [token.slice(0, -9), token.slice(-9)]
    for (const bad of [
      `${head} ${tail}`,
      `${head}\n${tail}`,
      `${token}=`,
      `${token}==`,
      `${token} `,
      ` ${token}`,
    ]) {
      await refused(encodeURIComponent(bad))
    }
    await refused(`${head}+${tail}`)
    await refused(otherSpelling(token))
  })

  test('a critical extension, a payload that is not encoded, a kid that is none', async () => {
    for (const header of [
      { crit: ['exp'], exp: 1 },
      { crit: ['urn:x'], 'urn:x': 1 },
      { b64: false, crit: ['b64'] },
      { kid: 1 },
    ]) {
      await rp.token({ header }).then(refused, () => refused(forgedHeader(header)))
    }
  })

  test('an ID token', async () => {
    await refused(await idToken(rp.key))
  })

  test('an unknown kid', async () => {
    await refused(await rp.token({ header: { kid: 'op-2' } }))
  })
})

describe('a logout token is taken', () => {
  test('by every asymmetric algorithm, each for a key of its own', async () => {
    const algorithms: LogoutAlgorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
    for (const alg of algorithms) {
      const key = await signingKey(alg)
      const { clock, post } = await relyingParty('store', { jwks: { keys: [key.jwk] } })
      expect([alg, (await post(tokensOf(key, clock)())).status]).toEqual([alg, 200])
    }
  })

  test('only by the algorithms that the options name', async () => {
    const { post, token } = await relyingParty('store', { algorithms: ['RS256', 'PS256'] })
    expect((await post(token())).status).toBe(400)
    const other = await relyingParty('store', { algorithms: ['RS256', 'ES256'] })
    expect((await other.post(other.token())).status).toBe(200)
  })

  test('with the key that its header leaves open, where only one is possible', async () => {
    const [key, second] = [await signingKey(), await signingKey('ES256', 'op-2')]
    const one = await relyingParty('store', { jwks: { keys: [key.jwk] } })
    const untold = { header: { kid: undefined } }
    expect((await one.post(tokensOf(key, one.clock)(untold))).status).toBe(200)
    const two = await relyingParty('store', { jwks: { keys: [key.jwk, second.jwk] } })
    expect((await two.post(tokensOf(key, two.clock)(untold))).status).toBe(400)
    expect((await two.post(tokensOf(second, two.clock)())).status).toBe(200)
  })

  test('with a key that names no alg, and never with one for encryption, or one that is not public', async () => {
    const key = await signingKey()
    const status = async (jwk: JWK) => {
      const rp = await relyingParty('store', { jwks: { keys: [jwk as never] } })
      return (await rp.post(tokensOf(key, rp.clock)())).status
    }
    const { alg, use, ...bare } = key.jwk
    expect(await status(bare as JWK)).toBe(200)
    expect(await status({ ...bare, use: 'enc' } as JWK)).toBe(400)
    expect(await status({ ...bare, alg: 'ES384' } as JWK)).toBe(400)
    expect(await status({ ...bare, d: 'AAAA' } as JWK)).toBe(400)
  })

  test('in whatever case its typ is, and as a whole media type', async () => {
    const { post, token } = await relyingParty('store')
    for (const typ of ['logout+jwt', 'LOGOUT+JWT', 'application/logout+jwt']) {
      expect((await post(token({ header: { typ } }))).status).toBe(200)
    }
  })

  test('without a typ only where allowUntyped says so, and then with no wrong one either', async () => {
    const { post, token } = await relyingParty('store', { allowUntyped: true })
    expect((await post(token({ header: { typ: undefined } }))).status).toBe(200)
    for (const typ of ['JWT', 'at+jwt', '', null]) {
      expect((await post(token({ header: { typ } }))).status).toBe(400)
    }
  })

  test('with an aud among others, an iat a little ahead, no exp, and claims that nobody knows', async () => {
    const { clock, post, token } = await relyingParty('store')
    const now = seconds(clock)
    for (const claims of [
      { aud: ['another', CLIENT] },
      { iat: now + 60 },
      { exp: undefined },
      { exp: undefined, iat: now - 119 },
      { exp: now + 1, iat: now - 3000 },
      { events: { [EVENT]: { detail: 1 }, 'https://op.test/other': {} } },
      { toe: now, txn: 'x' },
    ]) {
      expect([claims, (await post(token({ claims }))).status]).toEqual([claims, 200])
    }
  })

  test('from a form with other fields, and with a charset in its type', async () => {
    const { logout, token } = await relyingParty('store')
    const type = 'application/x-www-form-urlencoded; charset=UTF-8'
    const request = new Request('https://shop.test', {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: `a=1&logout_token=${await token()}&b=%20`,
    })
    expect((await logout(request)).status).toBe(200)
  })
})

test('two tokens in one form are refused', async () => {
  const { logout, token } = await relyingParty('store')
  expect((await logout(postOf(`${await token()}&logout_token=${await token()}`))).status).toBe(400)
})

test('backchannelLogout takes a set without keys, and refuses everything by it', async () => {
  const { options, token } = await relyingParty('store')
  const logout = backchannelLogout({ ...options, jwks: { keys: [] } } as typeof options)
  expect((await logout(postOf(await token()))).status).toBe(400)
})

function encoded(json: object): string {
  return btoa(JSON.stringify(json)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** What jose would not make. */
function forgedHeader(header: object): string {
  return `${encoded({ typ: 'logout+jwt', alg: 'ES256', kid: 'op-1', ...header })}.${encoded({})}.AAAA`
}
