import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { type EndSessionUrlOptions, endSessionUrl } from 'wafer-session/oidc'
import { ALICE, CLIENT, ISSUER, idToken, MODES, type Mode, network, relyingParty } from '../support/logout.ts'
import { requestWith, visitWith } from '../support/visitor.ts'

const END = `${ISSUER}/session/end`
const options = { endSessionEndpoint: END, clientId: CLIENT }

describe.each(MODES)('row F3: endSessionUrl with %s', (mode: Mode) => {
  async function signedIn(given: { pending?: boolean } = {}) {
    const rp = await relyingParty(mode)
    const token = await idToken(rp.key)
    const oidc = { ...ALICE, idToken: token }
    const cookie = await visitWith(rp.manager, '', (session) => session.signIn('u1', { oidc, ...given }))
    const open = async (header = cookie) => rp.manager.open(requestWith(header))
    return { ...rp, idToken: token, cookie, open }
  }

  test('has the ID token of the sign-in, which is in no cookie, as id_token_hint', async () => {
    const { idToken, cookie, open } = await signedIn()
    const url = await endSessionUrl(await open(), options)
    expect(url.origin + url.pathname).toBe(END)
    expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: CLIENT, id_token_hint: idToken })
    expect(cookie.length).toBeLessThan(600)
    expect(cookie).not.toContain(idToken.slice(0, 20))
  })

  test('has it after a regeneration, and once half a sign-in has become a whole one', async () => {
    const { manager, open, idToken, cookie } = await signedIn({ pending: true })
    expect((await endSessionUrl(await open(), options)).searchParams.get('id_token_hint')).toBe(idToken)
    const whole = await visitWith(manager, cookie, (session) => session.reauthenticate({ amr: ['otp'] }))
    const after = await visitWith(manager, whole, (session) => session.regenerate())
    expect((await endSessionUrl(await open(after), options)).searchParams.get('id_token_hint')).toBe(idToken)
  })

  test('has none any more after the sign-out', async () => {
    const { manager, cookie, open } = await signedIn()
    await visitWith(manager, cookie, (session) => session.signOut())
    const url = await endSessionUrl(await open(), options)
    expect(url.searchParams.has('id_token_hint')).toBe(false)
  })
})

describe('row F3: endSessionUrl', () => {
  const sealed = createSessionManager({ secret: generateSecret() })
  const anonymous = () => sealed.open(requestWith(''))

  async function alice() {
    const cookie = await visitWith(sealed, '', (session) =>
      session.signIn('u1', { oidc: { ...ALICE, idToken: 'a.b.c' } }),
    )
    return sealed.open(requestWith(cookie))
  }

  test('has the sub as logout_hint where no server keeps the ID token', async () => {
    const url = await endSessionUrl(await alice(), options)
    expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: CLIENT, logout_hint: 'alice' })
  })

  test('has only the client for a visitor of whom nothing is known', async () => {
    const url = await endSessionUrl(await anonymous(), options)
    expect(Object.fromEntries(url.searchParams)).toEqual({ client_id: CLIENT })
  })

  test('adds where to come back to, as it was registered, and the state', async () => {
    const url = await endSessionUrl(await anonymous(), {
      endSessionEndpoint: new URL(`${END}?realm=a`),
      clientId: CLIENT,
      postLogoutRedirectUri: 'https://shop.test',
      state: 'a&b',
    })
    expect(Object.fromEntries(url.searchParams)).toEqual({
      realm: 'a',
      client_id: CLIENT,
      post_logout_redirect_uri: 'https://shop.test',
      state: 'a&b',
    })
  })

  test('finds the endpoint in the metadata of the issuer', async () => {
    const issuer = 'https://end.op.test'
    const asked = network({
      [`${issuer}/.well-known/openid-configuration`]: () => ({
        issuer,
        end_session_endpoint: `${issuer}/end`,
      }),
    })
    for (let i = 0; i < 2; i++) {
      const url = await endSessionUrl(await anonymous(), { issuer, clientId: CLIENT })
      expect(url.href).toBe(`${issuer}/end?client_id=shop`)
    }
    expect(asked.length).toBe(1)
  })

  test('tells another issuer nothing of the user', async () => {
    const issuer = 'https://another.op.test'
    network({
      [`${issuer}/.well-known/openid-configuration`]: () => ({
        issuer,
        end_session_endpoint: `${issuer}/end`,
      }),
    })
    expect((await endSessionUrl(await alice(), { issuer, clientId: CLIENT })).search).toBe('?client_id=shop')
  })

  test('throws ERR_TOKEN_KEYS when the metadata is out of reach, or has no endpoint', async () => {
    const issuer = 'https://endless.op.test'
    network({ [`${issuer}/.well-known/openid-configuration`]: () => ({ issuer }) })
    for (const one of [issuer, 'https://nowhere.op.test']) {
      const url = endSessionUrl(await anonymous(), { issuer: one, clientId: CLIENT })
      await expect(url).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS', status: 503 })
    }
  })

  test('tells a wrong option', async () => {
    const session = await anonymous()
    for (const wrong of [
      {},
      { clientId: CLIENT },
      { endSessionEndpoint: END },
      { ...options, clientId: '' },
      { ...options, endSessionEndpoint: 'http://op.test/end' },
      { ...options, endSessionEndpoint: 'javascript:alert(1)' },
      { ...options, postLogoutRedirectUri: '/bye' },
      { ...options, postLogoutRedirectURI: 'https://shop.test' },
      { issuer: 'op.test', clientId: CLIENT },
    ]) {
      await expect(endSessionUrl(session, wrong as EndSessionUrlOptions)).rejects.toThrow(TypeError)
    }
    await expect(endSessionUrl({} as never, options)).rejects.toThrow(TypeError)
  })
})
