import { base64url, calculateJwkThumbprintUri, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type CookieJar, cookieJar, type FakeClock, fakeClock } from 'wafer-session/testing'
import { didApp } from '../examples/did/app.ts'
import { didKeyToJwk, jwkToDidKey } from '../examples/did/did-key.ts'
import { createIdentity, type Identity, type Kind } from '../examples/did/identity.ts'

// examples/did, on every runtime. did.node.test.ts starts it as a program.

const origin = 'https://site.test'

let clock: FakeClock
let app: ReturnType<typeof didApp>

beforeEach(() => {
  clock = fakeClock()
  const sessions = createSessionManager({ secret: generateSecret(), store: memoryStore({ clock }), clock })
  app = didApp({ origin, sessions, clock })
})

interface Request {
  readonly client_id: string
  readonly nonce: string
}

async function ask(jar: CookieJar): Promise<Request> {
  return (await jar.request(app, '/request', { method: 'POST' })).json()
}

/** The status of the answer to a token. */
async function answer(jar: CookieJar, id_token: string): Promise<number> {
  const body = new URLSearchParams({ id_token })
  return (await jar.request(app, '/response', { method: 'POST', body })).status
}

async function userOf(jar: CookieJar): Promise<string | undefined> {
  const me = await jar.request(app, '/me')
  return me.status === 200 ? (await me.json()).userId : undefined
}

function visitor(): CookieJar {
  return cookieJar({ origin, clock })
}

async function signIn(identity: Identity, jar = visitor()): Promise<CookieJar> {
  expect(await answer(jar, await identity.sign(await ask(jar), clock()))).toBe(200)
  return jar
}

describe('examples/did signs in', () => {
  test.each<[Kind, 'ES256' | 'Ed25519', RegExp]>([
    ['did:key', 'ES256', /^did:key:zDn[\w]{46}$/],
    ['did:key', 'Ed25519', /^did:key:z6Mk[\w]{44}$/],
    ['did:jwk', 'ES256', /^did:jwk:[\w-]+$/],
    ['did:jwk', 'Ed25519', /^did:jwk:[\w-]+$/],
    ['jwk-thumbprint', 'ES256', /^urn:ietf:params:oauth:jwk-thumbprint:sha-256:[\w-]{43}$/],
    ['jwk-thumbprint', 'Ed25519', /^urn:ietf:params:oauth:jwk-thumbprint:sha-256:[\w-]{43}$/],
  ])('a %s of %s, always as the same user', async (kind, alg, subject) => {
    const identity = await createIdentity(kind, alg)
    expect(identity.sub).toMatch(subject)
    const [first, second] = [await signIn(identity), await signIn(identity)]
    expect(await userOf(first)).toBe(identity.sub)
    expect(await userOf(second)).toBe(identity.sub)
  })

  test('in a session of its own: what was there before is over', async () => {
    const [ada, grace] = [await createIdentity('did:key'), await createIdentity('did:jwk')]
    const jar = await signIn(ada)
    const before = jar.header()
    await signIn(grace, jar)
    expect(await userOf(jar)).toBe(grace.sub)
    const old = await app.request('/me', { headers: { Cookie: before } })
    expect(old.status).toBe(401)
  })

  test('a Cookie that was handed out with the request opens nothing afterwards', async () => {
    const jar = visitor()
    const asked = await ask(jar)
    const before = jar.header()
    await answer(jar, await (await createIdentity('did:key')).sign(asked, clock()))
    expect((await app.request('/me', { headers: { Cookie: before } })).status).toBe(401)
  })
})

describe('examples/did refuses with 401, and leaves the session as it is:', () => {
  let ada: Identity
  let key: { privateKey: CryptoKey; jwk: JWK }
  let signedIn: CookieJar

  beforeEach(async () => {
    ada = await createIdentity('did:key')
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
    key = { privateKey, jwk: await exportJWK(publicKey) }
    signedIn = await signIn(ada)
  })

  /** A token like those of a wallet, but for what is given. */
  async function forged(
    nonce: string,
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
  ): Promise<string> {
    const did = jwkToDidKey(key.jwk)
    const iat = Math.floor(clock() / 1000)
    const payload = { iss: did, sub: did, aud: origin, iat, exp: iat + 120, nonce, ...claims }
    const kid = `${payload.sub}#${String(payload.sub).slice('did:key:'.length)}`
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(key.privateKey)
  }

  /** Somebody who is signed in gives a token: refused, and still signed in. An anonymous visitor stays one. */
  async function expectRefused(make: (request: Request) => string | Promise<string>): Promise<void> {
    const anonymous = visitor()
    expect(await answer(anonymous, await make(await ask(anonymous)))).toBe(401)
    expect(await userOf(anonymous)).toBeUndefined()
    expect(await answer(signedIn, await make(await ask(signedIn)))).toBe(401)
    expect(await userOf(signedIn)).toBe(ada.sub)
  }

  test('nothing that is wrong with a token of this kind is wrong with the others', async () => {
    const jar = visitor()
    expect(await answer(jar, await forged((await ask(jar)).nonce))).toBe(200)
  })

  test('a wrong nonce, and none', async () => {
    await expectRefused(() => forged('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'))
    await expectRefused(() => forged('x', { nonce: undefined }))
  })

  test('a nonce that was used, and that of another session', async () => {
    const [jar, other] = [visitor(), visitor()]
    const asked = await ask(jar)
    const before = jar.header()
    const token = await ada.sign(asked, clock())
    expect(await answer(jar, token)).toBe(200)
    expect(await answer(jar, token)).toBe(401)
    const replayed = await app.request('/response', {
      method: 'POST',
      headers: { Cookie: before, Origin: 'http://localhost' },
      body: new URLSearchParams({ id_token: token }),
    })
    expect(replayed.status).toBe(401)
    await ask(other)
    expect(await answer(other, token)).toBe(401)
    expect(await userOf(other)).toBeUndefined()
  })

  test('an answer after 300 seconds', async () => {
    const [early, late] = [visitor(), visitor()]
    const asked = [await ask(early), await ask(late)] as const
    clock.advance(299)
    expect(await answer(early, await ada.sign(asked[0], clock()))).toBe(200)
    clock.advance(1)
    expect(await answer(late, await ada.sign(asked[1], clock()))).toBe(401)
  })

  test('a token for another site', async () => {
    await expectRefused(({ nonce }) => forged(nonce, { aud: 'https://elsewhere.test' }))
    await expectRefused(({ nonce }) => forged(nonce, { aud: undefined }))
  })

  test('a key that is not that of the DID', async () => {
    const other = (await createIdentity('did:key')).sub
    const { x = '', y = '' } = key.jwk
    const jwk = { ...key.jwk, x: y, y: x }
    await expectRefused(({ nonce }) => forged(nonce, { iss: other, sub: other }))
    await expectRefused(({ nonce }) => forged(nonce, { iss: ada.sub, sub: ada.sub }))
    const { sub } = await createIdentity('did:jwk')
    await expectRefused(({ nonce }) => forged(nonce, { iss: sub, sub }, { kid: `${sub}#0` }))
    const thumbprint = await calculateJwkThumbprintUri(jwk, 'sha256')
    await expectRefused(({ nonce }) => forged(nonce, { iss: thumbprint, sub: thumbprint, sub_jwk: key.jwk }))
  })

  test('an issuer that is not the subject', async () => {
    await expectRefused(({ nonce }) => forged(nonce, { iss: ada.sub }))
    await expectRefused(({ nonce }) => forged(nonce, { iss: undefined }))
  })

  test('a DID without the kid of its key, or with a key of its own beside it', async () => {
    await expectRefused(({ nonce }) => forged(nonce, {}, { kid: undefined }))
    await expectRefused(({ nonce }) => forged(nonce, {}, { kid: `${ada.sub}#0` }))
    await expectRefused(({ nonce }) => forged(nonce, { sub_jwk: key.jwk }))
    const did = `did:jwk:${base64url.encode(JSON.stringify(key.jwk))}`
    const jar = visitor()
    const whole = await forged((await ask(jar)).nonce, { iss: did, sub: did }, { kid: `${did}#0` })
    expect(await answer(jar, whole)).toBe(200)
    await expectRefused(({ nonce }) => forged(nonce, { iss: did, sub: did }, { kid: `${did}#1` }))
    await expectRefused(({ nonce }) => forged(nonce, { iss: did, sub: did }, { kid: undefined }))
  })

  test('alg none, and HS256 with the public key as the secret', async () => {
    const none = (token: string) => {
      const header = base64url.encode(JSON.stringify({ alg: 'none' }))
      return `${header}.${token.split('.')[1]}.`
    }
    await expectRefused(async ({ nonce }) => none(await forged(nonce)))
    await expectRefused(async ({ nonce }) => {
      const { sub } = await createIdentity('did:key')
      const secret = new TextEncoder().encode(JSON.stringify(key.jwk))
      const kid = `${sub}#${sub.slice('did:key:'.length)}`
      const iat = Math.floor(clock() / 1000)
      return new SignJWT({ iss: sub, sub, aud: origin, iat, exp: iat + 120, nonce })
        .setProtectedHeader({ alg: 'HS256', kid })
        .sign(secret)
    })
  })

  test('a token that has expired, is from before or from later, never ends or lasts too long', async () => {
    const now = Math.floor(clock() / 1000)
    await expectRefused(({ nonce }) => forged(nonce, { iat: now - 200, exp: now - 31 }))
    await expectRefused(({ nonce }) => forged(nonce, { iat: now - 400, exp: now - 110 }))
    await expectRefused(({ nonce }) => forged(nonce, { iat: now - 331, exp: now + 60 }))
    await expectRefused(({ nonce }) => forged(nonce, { iat: now + 31, exp: now + 120 }))
    await expectRefused(({ nonce }) => forged(nonce, { exp: now + 301 }))
    await expectRefused(({ nonce }) => forged(nonce, { exp: undefined }))
    await expectRefused(({ nonce }) => forged(nonce, { iat: undefined }))
  })

  test('a private key in sub_jwk, or in a did:jwk', async () => {
    const { d } = await exportJWK(key.privateKey)
    const leaked = { ...key.jwk, d }
    const sub = await calculateJwkThumbprintUri(key.jwk, 'sha256')
    const whole = { iss: sub, sub, sub_jwk: key.jwk }
    const jar = visitor()
    expect(await answer(jar, await forged((await ask(jar)).nonce, whole))).toBe(200)
    await expectRefused(({ nonce }) => forged(nonce, { ...whole, sub_jwk: leaked }))
    const did = `did:jwk:${base64url.encode(JSON.stringify(leaked))}`
    await expectRefused(({ nonce }) => forged(nonce, { iss: did, sub: did }, { kid: `${did}#0` }))
  })

  test('subjects of other kinds, and what is no token', async () => {
    for (const sub of ['did:web:site.test', 'did:jwk:e30', 'did:jwk:!', 'did:key:z', 'ada', '', 7, null]) {
      await expectRefused(({ nonce }) => forged(nonce, { iss: sub, sub }))
    }
    for (const text of ['', 'x', 'a.b.c', '..', 'x'.repeat(8000)]) await expectRefused(() => text)
  })

  test('a megabyte, with 413', async () => {
    await ask(signedIn)
    expect(await answer(signedIn, 'x'.repeat(2 ** 20))).toBe(413)
    expect(await userOf(signedIn)).toBe(ada.sub)
  })

  test('a token as a file, and a body that is no form', async () => {
    const { nonce } = await ask(signedIn)
    const body = new FormData()
    body.set('id_token', new Blob([await forged(nonce)]), 'token')
    expect((await signedIn.request(app, '/response', { method: 'POST', body })).status).toBe(401)
    const json = { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } }
    expect((await signedIn.request(app, '/response', json)).status).toBe(401)
    expect(await userOf(signedIn)).toBe(ada.sub)
  })
})

// The test vectors of the did:key method, v0.9.
const VECTORS: Record<string, JWK> = {
  'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK': {
    kty: 'OKP',
    crv: 'Ed25519',
    x: 'Lm_M42cB3HkUiODQsXRcweM6TByfzEHGO9ND274JcOY',
  },
  'did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv': {
    kty: 'EC',
    crv: 'P-256',
    x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns',
    y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM',
  },
  'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169': {
    kty: 'EC',
    crv: 'P-256',
    x: 'fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI',
    y: 'hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU',
  },
}

describe('didKeyToJwk', () => {
  test.each(Object.entries(VECTORS))('%s is the key of the method, and back', (did, jwk) => {
    expect(didKeyToJwk(did)).toEqual(jwk)
    expect(jwkToDidKey(jwk)).toBe(did)
  })

  test('reads what it writes, for keys of either sign', async () => {
    for (let times = 0; times < 8; times++) {
      const jwk = await exportJWK((await generateKeyPair('ES256')).publicKey)
      expect(didKeyToJwk(jwkToDidKey(jwk))).toEqual(jwk)
    }
  })

  test('takes no second spelling, no other kind of key, and no point beside the curve', () => {
    const [ed25519 = '', p256 = ''] = Object.keys(VECTORS)
    const refused = [
      ed25519.replace(':z', ':z1'),
      ed25519.replace(':z', ':Z'),
      ed25519.replace(':z', ':u'),
      `${ed25519}2`,
      ed25519.slice(0, -1),
      p256.slice(0, -1),
      ed25519.replace('h', '0'),
      'did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc', // X25519
      'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme', // secp256k1
      'did:key:z',
      '',
      `did:key:z${'z'.repeat(10_000)}`,
    ]
    for (const did of refused) expect(didKeyToJwk(did), did).toBeNull()
    const ed25519OfLength = (bytes: bigint) => jwkOf(0xed01n << (8n * bytes))
    expect([31n, 32n, 33n].map((length) => ed25519OfLength(length)?.crv)).toEqual([
      undefined,
      'Ed25519',
      undefined,
    ])
    // There is a point at x = 5 and none at x = 1; and 5 + P is no second name for 5.
    const of = (sign: number, x: bigint) => jwkOfPoint(sign, x)
    const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
    expect([of(2, 5n), of(3, 5n)].map((jwk) => jwk?.x)).toEqual(Array(2).fill(`${'A'.repeat(42)}U`))
    for (const jwk of [of(2, 1n), of(3, 1n), of(4, 5n), of(2, 5n + P)]) expect(jwk).toBeNull()
  })
})

/** The key of a compressed point. */
function jwkOfPoint(sign: number, x: bigint): JWK | null {
  return jwkOf((((0x8024n << 8n) + BigInt(sign)) << 256n) + x)
}

/** The key that a number is, in base 58. */
function jwkOf(number: bigint): JWK | null {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  let text = ''
  for (let rest = number; rest > 0n; rest /= 58n) text = alphabet.charAt(Number(rest % 58n)) + text
  return didKeyToJwk(`did:key:z${text}`)
}
