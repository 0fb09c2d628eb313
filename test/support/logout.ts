import {
  type CompactJWSHeaderParameters,
  CompactSign,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose'
import { afterEach, vi } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type OidcSubject,
  type SessionEvent,
  type SessionManager,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { type BackchannelLogoutOptions, backchannelLogout, type Jwk } from 'wafer-session/oidc'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { requestWith, visitWith, whoseIs } from './visitor.ts'

export const ISSUER = 'https://op.test'
export const CLIENT = 'shop'
export const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
export const ALICE: OidcSubject = { iss: ISSUER, sub: 'alice', sid: 's-alice' }

/** Where the sessions are. */
export type Mode = 'store' | 'revocations'
export const MODES: readonly Mode[] = ['store', 'revocations']

interface TokenChange {
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
  readonly key?: CryptoKey | Uint8Array
}

/** A provider's key, and what it publishes of it. */
export async function signingKey(alg = 'ES256', kid = 'op-1') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
  return { alg, kid, privateKey, publicKey, jwk: jwk as Jwk }
}

export type OpKey = Awaited<ReturnType<typeof signingKey>>

let count = 0

/** Makes logout tokens by a key, told by a clock; what is undefined is left out. */
export function tokensOf(key: OpKey, clock: () => number) {
  return async function token({ header, claims, key: other }: TokenChange = {}): Promise<string> {
    const iat = Math.floor(clock() / 1000)
    const payload = {
      iss: ISSUER,
      aud: CLIENT,
      sub: ALICE.sub,
      sid: ALICE.sid,
      iat,
      exp: iat + 120,
      jti: `jti-${count++}`,
      events: { [EVENT]: {} },
      ...claims,
    }
    const protectedHeader = { typ: 'logout+jwt', alg: key.alg, kid: key.kid, ...header }
    return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader(without(protectedHeader) as unknown as CompactJWSHeaderParameters)
      .sign((other ?? key.privateKey) as CryptoKey)
  }
}

/** An ID token as the provider would have made it. */
export function idToken(key: OpKey): Promise<string> {
  return new SignJWT({ sub: ALICE.sub, nonce: 'n' })
    .setProtectedHeader({ alg: key.alg, kid: key.kid })
    .sign(key.privateKey)
}

/** An application of which the provider at `ISSUER` knows. */
export async function relyingParty(
  mode: Mode,
  {
    change = () => ({}),
    clock = fakeClock(),
    ...options
  }: Partial<BackchannelLogoutOptions> & {
    clock?: FakeClock
    change?: (store: SessionStore) => Partial<SessionStore>
  } = {},
) {
  const key = await signingKey()
  const memory = memoryStore({ clock })
  const store = { ...memory, ...change(memory) }
  const events: SessionEvent[] = []
  const manager = createSessionManager({
    secret: generateSecret(),
    clock,
    onEvent: (event) => events.push(event),
    ...(mode === 'store' ? { store } : { revocations: store }),
  } satisfies SessionManagerOptions)
  const provider =
    'providers' in options ? {} : { issuer: ISSUER, clientId: CLIENT, jwks: { keys: [key.jwk] } }
  const given = { sessions: manager, clock, ...provider, ...options } as BackchannelLogoutOptions
  const logout = backchannelLogout(given)

  return {
    key,
    clock,
    manager,
    store,
    events,
    logout,
    options: given,
    token: tokensOf(key, clock),
    /** Signs in from there; the Cookie header. */
    signIn: (oidc: OidcSubject = ALICE, { pending = false } = {}) =>
      visitWith(manager, '', (session) => session.signIn(oidc.sub, { oidc, pending })),
    /** Posts a token as the provider does. */
    post: async (token: string | Promise<string>) => logout(postOf(await token)),
    /** Whose session the cookie opens, once what was ended must be known. */
    async whose(cookie: string) {
      if (mode === 'revocations') clock.advance(61)
      return whoseIs(manager, cookie)
    },
  }
}

export type RelyingParty = Awaited<ReturnType<typeof relyingParty>>

export function postOf(token: string, headers: Record<string, string> = {}): Request {
  return new Request('https://shop.test/logout/backchannel', {
    method: 'POST',
    body: `logout_token=${token}`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
  })
}

/** Who is half signed in by this cookie. */
export async function halfSignedIn(manager: SessionManager, cookie: string): Promise<string | undefined> {
  return (await manager.open(requestWith(cookie))).pending?.userId
}

/** Documents at URLs in the place of the network; everything else is out of reach. Ends with the test. */
export function network(documents: Record<string, () => unknown>) {
  const asked: string[] = []

  async function answer(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const url = String(input instanceof Request ? input.url : input)
    asked.push(url)
    const document = await documents[url]?.()
    if (document === undefined) throw new TypeError('fetch failed')
    if (!(document instanceof Response)) return Response.json(document)
    const location = document.headers.get('Location')
    return location === null || init.redirect === 'manual' ? document : answer(location, init)
  }

  vi.stubGlobal('fetch', answer)
  return asked
}

afterEach(() => vi.unstubAllGlobals())

function without(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
