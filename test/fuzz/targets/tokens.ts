import { createSessionManager, SessionError } from 'wafer-session'
import { type VerifyAccessTokenOptions, verifyAccessToken } from 'wafer-session/jwt'
import { backchannelLogout, frontchannelLogout, type OidcProvider } from 'wafer-session/oidc'
import { memoryStore } from 'wafer-session/stores/memory'
import { otherSpelling } from '../../support/other-spelling.ts'
import { type FuzzTarget, must } from '../fuzz-target.ts'
import {
  AUDIENCE,
  CLAIMS,
  HEADER,
  ISSUER,
  JWK,
  LOGOUT,
  LOGOUT_HEADER,
  partsOf,
  signer,
  TOKEN_WORDS,
} from '../fuzz-tokens.ts'
import { mutateJson, mutateText } from '../mutate.ts'
import { NOW, SECONDS, SECRET } from '../sealer.ts'

const clock = () => NOW
const jwks = { keys: [JWK] }

/** What a token came to: `accepted`, or the code of the one error that may be thrown. */
async function verifying(
  token: string,
  options: Partial<VerifyAccessTokenOptions> = { jwks },
): Promise<string> {
  try {
    await verifyAccessToken(token, { issuer: ISSUER, audience: AUDIENCE, clock, ...options })
    return 'accepted'
  } catch (error) {
    if (!(error instanceof SessionError)) throw error
    must(['ERR_TOKEN_INVALID', 'ERR_TOKEN_KEYS'].includes(error.code), `it throws ${error.code}`)
    return error.code
  }
}

async function loggingOut(body: string, provider: Partial<OidcProvider> = { jwks }): Promise<number> {
  const sessions = createSessionManager({ secret: SECRET, store: memoryStore({ clock }), clock })
  const handler = backchannelLogout({ issuer: ISSUER, clientId: 'shop', sessions, clock, ...provider })
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
  const { status } = await handler(new Request('https://shop.test/logout', { method: 'POST', body, headers }))
  must([200, 400, 413, 503].includes(status), `the answer is ${status}`)
  return status
}

/** Runs with these documents, by URL, in the place of the network. */
async function withNetwork<T>(
  documents: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  const kept = globalThis.fetch
  globalThis.fetch = (async (url: string | URL | Request) => {
    const document = documents[String(url instanceof Request ? url.url : url)]
    if (document === undefined) throw new TypeError('fetch failed')
    return new Response(document, { headers: { 'Content-Type': 'application/json' } })
  }) as typeof fetch
  try {
    return await work()
  } finally {
    globalThis.fetch = kept
  }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

const list = (value: unknown) => [value].flat()
const isText = (value: unknown) => typeof value === 'string' && value !== ''

/** Only what no verifier may let through. */
function mustBeAccess(header: Record<string, unknown>, claims: Record<string, unknown>): void {
  must(['EdDSA', 'Ed25519'].includes(header.alg as string), `accepted with alg ${header.alg}`)
  must(/^(?:application\/)?at\+jwt$/i.test(String(header.typ)), `accepted with typ ${header.typ}`)
  must(header.crit === undefined, 'accepted with crit')
  must(claims.iss === ISSUER && list(claims.aud).includes(AUDIENCE), 'accepted for others')
  must((claims.exp as number) > SECONDS, `accepted until ${claims.exp}`)
  must((claims.iat as number) <= SECONDS + 61, `accepted from ${claims.iat}`)
  must(claims.nbf === undefined || (claims.nbf as number) <= SECONDS + 1, `accepted before ${claims.nbf}`)
  must([claims.sub, claims.client_id, claims.jti].every(isText), 'accepted without sub, client_id or jti')
}

function mustBeLogout(header: Record<string, unknown>, claims: Record<string, unknown>): void {
  must(['EdDSA', 'Ed25519'].includes(header.alg as string), `taken with alg ${header.alg}`)
  must(/^(?:application\/)?logout\+jwt$/i.test(String(header.typ)), `taken with typ ${header.typ}`)
  must(claims.iss === ISSUER && list(claims.aud).includes('shop'), 'taken for others')
  must(!('nonce' in claims), 'taken with a nonce')
  must(isText(claims.sub) || isText(claims.sid), 'taken without sub and sid')
  must(isText(claims.jti) && typeof claims.iat === 'number', 'taken without jti or iat')
}

let served = 0

/** Tokens of others, the keys that verify them, and what a provider sends. */
export async function tokenTargets(): Promise<FuzzTarget[]> {
  const sign = await signer()
  const access = await sign(JSON.stringify(HEADER), JSON.stringify(CLAIMS))
  const logout = await sign(JSON.stringify(LOGOUT_HEADER), JSON.stringify(LOGOUT))
  const { sid, ...withoutSid } = LOGOUT
  const other = await sign(JSON.stringify(LOGOUT_HEADER), JSON.stringify(withoutSid))
  const unsigned = `${access.split('.').slice(0, 2).join('.')}.`
  const { session_marks, ...plain } = CLAIMS
  const sets = [
    jwks,
    { keys: [{ ...JWK, kid: 'k0' }, JWK] },
    {
      keys: [
        { kty: 'EC', crv: 'P-256', x: JWK.x, y: JWK.x, kid: 'k1' },
        { kty: 'oct', k: 'AAAA', kid: 'k1' },
      ],
    },
    { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'k1' }, JWK] },
  ].map((set) => JSON.stringify(set))
  const signedSeeds = (header: object, ...claims: object[]) =>
    claims.map((one) => JSON.stringify({ header, claims: one }))

  return [
    {
      name: 'access token',
      seeds: [access, unsigned, logout, otherSpelling(access)],
      words: TOKEN_WORDS,
      mutate: mutateText,
      outcomes: ['accepted', 'ERR_TOKEN_INVALID'],
      share: 2,
      async read(input) {
        const outcome = await verifying(input)
        must(outcome !== 'accepted' || input === access, 'accepted what nobody issued')
        return outcome
      },
    },
    {
      name: 'claims of an access token',
      seeds: signedSeeds(HEADER, CLAIMS, plain, { ...plain, aud: [AUDIENCE, 'b'], nbf: SECONDS }, {}),
      words: TOKEN_WORDS,
      mutate: mutateJson,
      outcomes: ['accepted', 'ERR_TOKEN_INVALID'],
      share: 0.5,
      async read(input) {
        const { header, claims } = partsOf(input)
        const outcome = await verifying(await sign(header, claims))
        if (outcome === 'accepted') mustBeAccess(parsed(header), parsed(claims))
        return outcome
      },
    },
    {
      name: 'keys of an issuer',
      seeds: [...sets, '{}'],
      words: [...TOKEN_WORDS, 'keys', 'kty', 'use', 'enc', 'key_ops', 'verify', 'P-256', 'OKP'],
      mutate: mutateJson,
      outcomes: ['accepted', 'ERR_TOKEN_INVALID', 'ERR_TOKEN_KEYS'],
      share: 0.5,
      async read(input) {
        const jwksUri = `https://issuer.test/${served++}`
        const outcome = await withNetwork({ [jwksUri]: input }, () => verifying(access, { jwksUri }))
        must(outcome !== 'accepted' || hasKey(input), 'accepted without the key')
        return outcome
      },
    },
    {
      name: 'posted logout token',
      seeds: [
        `logout_token=${logout}`,
        `logout_token=${other}`,
        `a=b&logout_token=${logout}&c`,
        `logout_token=${access}`,
        `logout_token=${otherSpelling(logout)}`,
      ],
      words: [...TOKEN_WORDS, 'logout_token=', '&', '=', '%', '%2e', '+', ';'],
      mutate: mutateText,
      outcomes: ['200', '400'],
      share: 0.5,
      async read(input) {
        const status = await loggingOut(input)
        const tokens = new URLSearchParams(input).getAll('logout_token')
        const isIssued = tokens.length === 1 && [logout, other].includes(tokens[0] as string)
        must(status !== 200 || isIssued, 'taken what nobody issued')
        return String(status)
      },
    },
    {
      name: 'claims of a logout token',
      seeds: signedSeeds(LOGOUT_HEADER, LOGOUT, withoutSid, {}),
      words: TOKEN_WORDS,
      mutate: mutateJson,
      outcomes: ['200', '400'],
      share: 0.5,
      async read(input) {
        const { header, claims } = partsOf(input)
        const status = await loggingOut(`logout_token=${await sign(header, claims)}`)
        if (status === 200) mustBeLogout(parsed(header), parsed(claims))
        return String(status)
      },
    },
    {
      name: 'keys and metadata of a provider',
      seeds: [...sets, '{}'].flatMap((set) => [
        JSON.stringify({
          metadata: { issuer: 'ISSUER', jwks_uri: 'https://op.test/keys' },
          keys: JSON.parse(set),
        }),
      ]),
      words: [
        ...TOKEN_WORDS,
        'ISSUER',
        'https://op.test/keys',
        'http://op.test/keys',
        'jwks_uri',
        'file:///etc/passwd',
      ],
      mutate: mutateJson,
      outcomes: ['200', '400', '503'],
      share: 0.3,
      read: (input) => readProvider(input, sign),
    },
    {
      name: 'frame of a front-channel logout',
      seeds: [
        `?iss=${ISSUER}&sid=s-alice`,
        '',
        `?iss=${encodeURIComponent(ISSUER)}&sid=a&b=c`,
        '?iss=a&sid=b',
      ],
      words: ['iss=', 'sid=', '&', '?', '%', '%00', ISSUER, '#', '+'],
      mutate: mutateText,
      outcomes: ['200', '400'],
      share: 0.5,
      read: readFrame,
    },
  ]
}

/** However it is spelt: keys are read more kindly than tokens, with white space and bits that mean nothing. */
function hasKey(input: string): boolean {
  return input
    .replaceAll(/\\[tnrf]|[^\w+/-]/g, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .includes(JWK.x.slice(0, 42))
}

/** Metadata, and the keys at the one address that is served. */
async function readProvider(input: string, sign: Awaited<ReturnType<typeof signer>>): Promise<string> {
  const issuer = `https://op-${served++}.test`
  const { metadata, keys } = parsed(input)
  const url = `https://op.test/keys-${served}`
  const documents = {
    [`${issuer}/.well-known/openid-configuration`]: textIn(metadata, input)
      .replaceAll('ISSUER', issuer)
      .replaceAll('https://op.test/keys', url),
    [url]: textIn(keys, input),
  }
  const token = await sign(JSON.stringify(LOGOUT_HEADER), JSON.stringify({ ...LOGOUT, iss: issuer }))
  const provider = { issuer, jwks: undefined }
  const status = await withNetwork(documents, () => loggingOut(`logout_token=${token}`, provider))
  must(status !== 200 || hasKey(input), 'taken without the key')
  return String(status)
}

function textIn(value: unknown, otherwise: string): string {
  return JSON.stringify(value) ?? otherwise
}

async function readFrame(input: string): Promise<string> {
  const sessions = createSessionManager({ secret: SECRET, store: memoryStore({ clock }), clock })
  const handler = frontchannelLogout({ issuer: ISSUER, sessions })
  const url = `https://shop.test/frame${input}`
  const request = URL.canParse(url) ? new Request(new URL(url)) : new Request('https://shop.test/frame')
  const response = await handler(request)
  must([200, 400].includes(response.status), `the answer is ${response.status}`)
  must(
    response.headers.get('Content-Security-Policy')?.endsWith(`frame-ancestors ${ISSUER}`) === true,
    'anyone may frame it',
  )
  return String(response.status)
}
