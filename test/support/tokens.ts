import { type CryptoKey, decodeJwt, importJWK, type JWTHeaderParameters, SignJWT } from 'jose'
import { expect } from 'vitest'
import { createSessionManager, generateSecret, type Session, type SessionManagerOptions } from 'wafer-session'
import {
  createTokenIssuer,
  generateSigningKey,
  type IssueOptions,
  type SigningAlgorithm,
  type SigningKey,
  type TokenIssuerOptions,
  type VerifyAccessTokenOptions,
  verifyAccessToken,
} from 'wafer-session/jwt'
import { fakeClock } from 'wafer-session/testing'
import { requestWith, visitWith } from './visitor.ts'

export const ISSUER = 'https://shop.test'
export const AUDIENCE = 'https://api.test'

/** Whether the Web Crypto here has it; ML-DSA is too young for some. */
export async function hasAlgorithm(alg: SigningAlgorithm): Promise<boolean> {
  const made = await crypto.subtle.generateKey({ name: alg }, true, ['sign', 'verify']).catch(() => null)
  return made !== null
}

/** An issuer with sessions, and a service behind it, all told by one clock. */
export async function tokens(
  options: Partial<SessionManagerOptions> & { clock?: ReturnType<typeof fakeClock> } = {},
  issuerOptions: Partial<TokenIssuerOptions> = {},
) {
  const { clock = fakeClock() } = options
  const manager = createSessionManager({ secret: generateSecret(), ...options, clock })
  const key = issuerOptions.keys?.[0] ?? (await generateSigningKey())
  const issuer = createTokenIssuer({ issuer: ISSUER, keys: [key], clock, ...issuerOptions })
  const jwks = await issuer.jwks().json()

  /** One request with this Cookie header: its token, and the header after it. */
  async function request(
    cookie: string,
    page: (session: Session) => unknown = () => {},
    issueOptions: Partial<IssueOptions> = {},
  ) {
    let token = ''
    const after = await visitWith(manager, cookie, async (session) => {
      await page(session)
      token = await issuer.issue(session, { audience: AUDIENCE, ...issueOptions })
    })
    return { token, cookie: after }
  }

  return {
    clock,
    manager,
    issuer,
    key,
    jwks,
    request,
    /** The token of someone who signs in now. */
    async token(issueOptions: Partial<IssueOptions> = {}) {
      return (await request('', (session) => session.signIn('u1'), issueOptions)).token
    },
    open: (cookie = '') => manager.open(requestWith(cookie)),
    verify(token: string, verifyOptions: Partial<VerifyAccessTokenOptions> = {}) {
      const keys = verifyOptions.jwksUri === undefined ? { jwks } : {}
      return verifyAccessToken(token, {
        issuer: ISSUER,
        audience: AUDIENCE,
        clock,
        ...keys,
        ...verifyOptions,
      })
    },
    /** A token that the issuer never made, by its key unless another one is given. */
    async forge(
      change: {
        header?: Record<string, unknown>
        claims?: Record<string, unknown>
        key?: SigningKey | CryptoKey | Uint8Array
      } = {},
    ) {
      const signed = change.key ?? key
      const imported = 'kid' in signed ? await importJWK(signed as never, signed.alg) : signed
      const iat = Math.floor(clock() / 1000)
      const claims = {
        iss: ISSUER,
        aud: AUDIENCE,
        sub: 'u1',
        client_id: 'c1',
        jti: 'j1',
        iat,
        exp: iat + 300,
      }
      const header = { typ: 'at+jwt', alg: key.alg, kid: key.kid, ...change.header }
      return new SignJWT(without({ ...claims, ...change.claims }))
        .setProtectedHeader(without(header) as JWTHeaderParameters)
        .sign(imported as never)
    },
  }
}

export type Tokens = Awaited<ReturnType<typeof tokens>>

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return decodeJwt(token)
}

/** It is refused with a 401 that says what RFC 6750 has for it. */
export async function expectInvalid(verified: Promise<unknown>, message: RegExp = /./): Promise<void> {
  const error = await verified.then(
    () => null,
    (error) => error,
  )
  expect(error).toMatchObject({ name: 'SessionError', code: 'ERR_TOKEN_INVALID', status: 401 })
  expect(error.message).toMatch(message)
  expect(error.getResponse().headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"')
}

function without(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
