import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, SessionError } from 'wafer-session'
import { type BackchannelLogoutOptions, backchannelLogout } from 'wafer-session/oidc'
import {
  ALICE,
  CLIENT,
  halfSignedIn,
  ISSUER,
  MODES,
  type Mode,
  postOf,
  relyingParty,
  signingKey,
  tokensOf,
} from '../support/logout.ts'
import { visitWith, whoseIs } from '../support/visitor.ts'

const OTHER_SESSION = { ...ALICE, sid: 's-phone' }
const BOB = { iss: ISSUER, sub: 'bob', sid: 's-bob' }

describe.each(MODES)('backchannelLogout with %s', (mode: Mode) => {
  test('ends the session with the sid, wherever its cookie is, and no other', async () => {
    const { signIn, token, post, whose } = await relyingParty(mode)
    const [one, phone, bob] = [await signIn(), await signIn(OTHER_SESSION), await signIn(BOB)]

    const response = await post(token())
    expect(response.status).toBe(200)
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(await response.text()).toBe('')
    expect(await whose(one)).toBeUndefined()
    expect(await whose(phone)).toBe('alice')
    expect(await whose(bob)).toBe('bob')
  })

  test('ends every session of the sub when there is no sid', async () => {
    const { signIn, token, post, whose } = await relyingParty(mode)
    const [one, phone, bob] = [await signIn(), await signIn(OTHER_SESSION), await signIn(BOB)]

    expect((await post(token({ claims: { sid: undefined } }))).status).toBe(200)
    expect(await whose(one)).toBeUndefined()
    expect(await whose(phone)).toBeUndefined()
    expect(await whose(bob)).toBe('bob')
  })

  test('takes a token with a sid and no sub', async () => {
    const { signIn, token, post, whose } = await relyingParty(mode)
    const [one, phone] = [await signIn(), await signIn(OTHER_SESSION)]

    expect((await post(token({ claims: { sub: undefined } }))).status).toBe(200)
    expect(await whose(one)).toBeUndefined()
    expect(await whose(phone)).toBe('alice')
  })

  test('ends half a sign-in: the second factor makes no whole one of it', async () => {
    const { manager, signIn, token, post } = await relyingParty(mode)
    const [half, other] = [await signIn(ALICE, { pending: true }), await signIn(BOB, { pending: true })]
    expect(await halfSignedIn(manager, half)).toBe('alice')

    expect((await post(token())).status).toBe(200)
    const complete = (cookie: string) => visitWith(manager, cookie, (session) => session.reauthenticate())
    const after = await complete(half).catch(() => '')
    expect(await whoseIs(manager, after)).toBeUndefined()
    expect(await whoseIs(manager, await complete(other))).toBe('bob')
  })

  test('answers 200 when nobody is signed in: the end of nothing has succeeded', async () => {
    const { token, post } = await relyingParty(mode)
    expect((await post(token())).status).toBe(200)
  })

  test('lets the same user sign in again afterwards, with the same sid too', async () => {
    const { clock, signIn, token, post, whose } = await relyingParty(mode)
    await signIn()
    await post(token())
    clock.advance(1)
    expect(await whose(await signIn())).toBe('alice')
  })

  test('does not touch the sessions of another issuer, of the same sid and sub', async () => {
    const elsewhere = 'https://other.test'
    const [here, there] = [await signingKey(), await signingKey()]
    const rp = await relyingParty(mode, {
      providers: [
        { issuer: ISSUER, clientId: CLIENT, jwks: { keys: [here.jwk] } },
        { issuer: elsewhere, clientId: 'shop-there', jwks: { keys: [there.jwk] } },
      ],
    })
    const [one, other] = [await rp.signIn(), await rp.signIn({ ...ALICE, iss: elsewhere })]

    const theirs = tokensOf(there, rp.clock)
    const claims = { iss: elsewhere, aud: 'shop-there' }
    expect((await rp.post(theirs({ claims: { aud: 'shop-there' } }))).status).toBe(400)
    expect((await rp.post(theirs({ claims: { ...claims, aud: CLIENT } }))).status).toBe(400)
    expect((await rp.post(tokensOf(here, rp.clock)({ claims }))).status).toBe(400)
    expect(await rp.whose(other)).toBe('alice')

    expect((await rp.post(theirs({ claims }))).status).toBe(200)
    expect(await rp.whose(other)).toBeUndefined()
    expect(await rp.whose(one)).toBe('alice')

    expect((await rp.post(theirs({ claims: { ...claims, sid: undefined } }))).status).toBe(200)
    expect(await rp.whose(one)).toBe('alice')
  })

  test('does not touch sessions that came from no provider', async () => {
    const { manager, token, post, whose } = await relyingParty(mode)
    const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
    expect((await post(token({ claims: { sid: undefined } }))).status).toBe(200)
    expect(await whose(cookie)).toBe('alice')
  })
})

describe('backchannelLogout', () => {
  test('does not end a session whose sid fits and whose sub does not', async () => {
    const { signIn, token, post, whose } = await relyingParty('store')
    const cookie = await signIn()
    expect((await post(token({ claims: { sub: 'bob' } }))).status).toBe(200)
    expect(await whose(cookie)).toBe('alice')
  })

  test('tells of every session it ended by an event, and of nothing else', async () => {
    const { signIn, token, post, events } = await relyingParty('store')
    await signIn()
    await signIn(OTHER_SESSION)
    events.length = 0
    await post(token({ claims: { sid: undefined } }))
    await post(token({ claims: { nonce: 'n' } }))
    expect(events).toMatchObject([
      { type: 'end', reason: 'revoked', userId: 'alice' },
      { type: 'end', reason: 'revoked', userId: 'alice' },
    ])
  })

  test('finds the manager by the request', async () => {
    const { manager, signIn, options, token, whose } = await relyingParty('store')
    const cookie = await signIn()
    const seen: string[] = []
    const logout = backchannelLogout({
      ...options,
      sessions: async (request) => {
        seen.push(request.url)
        return manager
      },
    })
    expect((await logout(postOf(await token()))).status).toBe(200)
    expect(seen).toEqual(['https://shop.test/logout/backchannel'])
    expect(await whose(cookie)).toBeUndefined()
  })

  test('lets through what the application itself throws', async () => {
    const { options, token } = await relyingParty('store')
    for (const error of [new Error('mine'), new SessionError('ERR_SESSION_TOO_LARGE', 'mine')]) {
      const logout = backchannelLogout({ ...options, sessions: () => Promise.reject(error) })
      await expect(logout(postOf(await token()))).rejects.toBe(error)
    }
  })

  test('knows one issuer under several client ids', async () => {
    const key = await signingKey()
    const provider = { issuer: ISSUER, jwks: { keys: [key.jwk] } }
    const { clock, post } = await relyingParty('store', {
      providers: [
        { ...provider, clientId: 'web' },
        { ...provider, clientId: 'admin' },
      ],
    })
    const token = tokensOf(key, clock)
    expect((await post(token({ claims: { aud: 'web' } }))).status).toBe(200)
    expect((await post(token({ claims: { aud: ['x', 'admin'] } }))).status).toBe(200)
    expect((await post(token({ claims: { aud: 'shop' } }))).status).toBe(400)
  })

  test('with a second manager beside the first, ends the sessions of its own only', async () => {
    const { clock, store, signIn, token, post, whose, options } = await relyingParty('store')
    const secret = generateSecret()
    const back = createSessionManager({ secret, clock, store, cookie: { name: '__Host-back' } })
    const cookie = await visitWith(back, '', (session) => session.signIn('alice', { oidc: ALICE }))
    const shop = await signIn()

    await post(token())
    expect(await whose(shop)).toBeUndefined()
    expect(await whoseIs(back, cookie)).toBe('alice')
    await backchannelLogout({ ...options, sessions: back })(postOf(await token()))
    expect(await whoseIs(back, cookie)).toBeUndefined()
  })

  const provider = { issuer: ISSUER, clientId: CLIENT }
  const jwks = { keys: [] }

  test('refuses a manager with sealed cookies alone', async () => {
    const sessions = createSessionManager({ secret: generateSecret() })
    expect(() => backchannelLogout({ ...provider, jwks, sessions })).toThrow(
      new TypeError(
        'backchannelLogout needs sessions in a store, or revocations: sealed cookies alone cannot be ended from elsewhere.',
      ),
    )
    const { token, options } = await relyingParty('store')
    const late = backchannelLogout({ ...options, sessions: () => sessions })
    await expect(late(postOf(await token()))).rejects.toThrow(TypeError)
  })

  test('tells a wrong option', async () => {
    const { manager: sessions } = await relyingParty('store')
    const wrong: [object, RegExp][] = [
      [{ ...provider, jwks, issuer: '' }, /issuer must be a non-empty string/],
      [{ ...provider, jwks, clientId: undefined }, /clientId must be a non-empty string/],
      [{ ...provider, jwks: {} }, /jwks must be a JWK Set/],
      [{ ...provider, jwks: [] }, /jwks must be a JWK Set/],
      [{ ...provider, jwks, jwksUri: 'https://op.test/jwks' }, /not both/],
      [{ ...provider, jwksUri: 'http://op.test/jwks' }, /jwksUri must be an https URL/],
      [{ ...provider, issuer: 'http://op.test' }, /issuer must be an https URL/],
      [{ ...provider, jwks, algorithms: ['HS256'] }, /algorithms must be/],
      [{ ...provider, jwks, algorithms: ['none'] }, /algorithms must be/],
      [{ ...provider, jwks, algorithms: [] }, /algorithms must be/],
      [{ ...provider, jwks, jwkUri: 'x' }, /no option jwkUri/],
      [{ providers: [] }, /providers must be a list/],
      [{ providers: [{ ...provider, jwks, audience: 'x' }] }, /no option audience/],
      [{ providers: [{ ...provider, jwks }], issuer: ISSUER }, /no option issuer/],
      [{ ...provider, jwks, sessions: {} }, /wants sessions/],
    ]
    for (const [options, message] of wrong) {
      expect(() => backchannelLogout({ sessions, ...options } as BackchannelLogoutOptions)).toThrow(message)
      expect(() => backchannelLogout({ sessions, ...options } as BackchannelLogoutOptions)).toThrow(TypeError)
    }
    expect(() => backchannelLogout(undefined as never)).toThrow(TypeError)
  })
})
