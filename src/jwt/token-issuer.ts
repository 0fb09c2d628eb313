import { importJWK, SignJWT } from 'jose'
import { SessionError } from '../errors.ts'
import { namedText } from '../manager/named-text.ts'
import { refuseUnknown } from '../manager/refuse-unknown.ts'
import { wholeNumber } from '../manager/whole-number.ts'
import { backstageOf, type Session } from '../session/session.ts'
import { audienceOf } from './check-options.ts'
import type { SessionMarks } from './claims.ts'
import { customClaims } from './custom-claims.ts'
import { publicJwk, type SigningKey } from './jwk.ts'
import { checkedKeys } from './signing-keys.ts'
import { MAX_TOKEN } from './verify-access-token.ts'

export interface TokenIssuerOptions {
  /** The `iss` of the tokens: the https URL of the application that has the sessions. */
  readonly issuer: string
  /** The first signs, all are published: put a new key last, deploy, and move it to the front after an hour. */
  readonly keys: readonly SigningKey[]
  /** Seconds that a token lives, and never longer than its session. @default 300 */
  readonly lifetime?: number | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

export interface IssueOptions {
  /** The service, or services, that the token is for: each accepts only tokens with its own name in it. */
  readonly audience: string | readonly string[]
  /** Who asked for the token. @default the issuer: the application itself */
  readonly clientId?: string | undefined
  /** Further claims, JSON values: `{ scope: 'read write' }`. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

export interface TokenIssuer {
  /**
   * A signed access token (RFC 9068) for whoever is signed in. There are no refresh tokens: while the session lives, it
   * gets the next one.
   *
   * @throws {TypeError} For an anonymous session, and for claims that are the issuer's own.
   * @throws {SessionError} `ERR_SESSION_ENDED` when the session was ended elsewhere, `ERR_SESSION_STORE`,
   * `ERR_SESSION_TOO_LARGE` when no service would read a token of that length.
   */
  issue<Data extends object>(session: Session<Data>, options: IssueOptions): Promise<string>
  /** The public keys, for services behind (RFC 7517 §5). Route it where their `jwksUri` points to. */
  jwks(): Response
}

/** A day: longer, and it is no access token any more. */
const MAX_LIFETIME = 86_400

/** Services ask again after five minutes; see MAX_AGE in remote-keys.ts. */
const CACHE_CONTROL = 'public, max-age=300, stale-while-revalidate=60'

const OPTIONS = ['issuer', 'keys', 'lifetime', 'clock']
const ISSUE_OPTIONS = ['audience', 'clientId', 'claims']

/**
 * Mints short-lived access tokens from sessions. Make it once: the key is imported with the first token.
 *
 * @throws {TypeError | RangeError} For wrong options.
 */
export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  refuseUnknown('createTokenIssuer', options, OPTIONS)
  const { clock = Date.now } = options
  const issuer = namedText('issuer', options.issuer)
  const lifetime = wholeNumber('lifetime', options.lifetime ?? 300, MAX_LIFETIME)
  const keys = checkedKeys(options.keys)
  const sign = signer(keys[0] as SigningKey)
  const published = JSON.stringify({ keys: keys.map((key) => publicJwk(key, key.alg)) })

  return {
    async issue(session, issueOptions) {
      refuseUnknown('issue', issueOptions, ISSUE_OPTIONS)
      const { audience, clientId = issuer, claims } = issueOptions
      const given = {
        ...customClaims(claims),
        aud: audienceOf(audience),
        client_id: namedText('clientId', clientId),
      }
      return sign({ ...given, iss: issuer, ...(await sessionClaims(session, clock, lifetime)) })
    },
    jwks() {
      const headers = { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': CACHE_CONTROL }
      return new Response(published, { headers })
    },
  }
}

/** What the session says of its user, and for how long. */
async function sessionClaims<Data extends object>(
  session: Session<Data>,
  clock: () => number,
  lifetime: number,
): Promise<Record<string, unknown>> {
  const backstage = backstageOf(session)
  if (backstage === undefined) throw new TypeError('issue(session) wants a session of createSessionManager.')
  // An old copy of a sealed cookie must not turn into a token that outlives the next check.
  if (session.userId !== undefined) await session.requireAuthoritative()
  const { userId, id, authTime = 0, acr, amr, expiresAt } = session
  if (userId === undefined) throw new TypeError('Nobody is signed in: a token needs a user.')
  const iat = Math.floor(clock() / 1000)
  const exp = Math.min(iat + lifetime, Math.floor(expiresAt / 1000))
  if (!(exp > iat)) throw new SessionError('ERR_SESSION_ENDED', 'The session has expired.')
  return {
    sub: userId,
    sid: id,
    jti: crypto.randomUUID(),
    iat,
    exp,
    auth_time: Math.floor(authTime / 1000),
    ...(acr !== undefined && { acr }),
    ...(amr.length > 0 && { amr: [...amr] }),
    ...marked(await backstage.markKeys(), authTime),
  }
}

function marked(keys: readonly string[], authTime: number): { session_marks?: SessionMarks } {
  return keys.length === 0 ? {} : { session_marks: { keys, auth_time_ms: authTime } }
}

/** @returns Signs claims; the key is imported once. */
function signer(key: SigningKey): (claims: Record<string, unknown>) => Promise<string> {
  const { alg, kid } = key
  let imported: ReturnType<typeof importJWK> | undefined
  return async function sign(claims) {
    imported ??= importJWK({ ...key, key_ops: ['sign'] } as never, alg)
    const privateKey = await imported.catch((cause) => {
      imported = undefined
      throw new TypeError(
        `The key ${kid} cannot sign: is it whole, and has the Web Crypto of this runtime ${alg}?`,
        { cause },
      )
    })
    const token = await new SignJWT(claims).setProtectedHeader({ typ: 'at+jwt', alg, kid }).sign(privateKey)
    if (token.length <= MAX_TOKEN) return token
    throw new SessionError(
      'ERR_SESSION_TOO_LARGE',
      `A token of ${token.length} characters: ask for fewer claims.`,
    )
  }
}
