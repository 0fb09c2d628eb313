import { NOW, SECONDS, textOf } from './sealer.ts'

export const ISSUER = 'https://issuer.test'
export const AUDIENCE = 'https://api.test'
export const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** The key of RFC 8037, appendix A.1: its signatures are always the same. */
const KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
}

export const JWK = { kty: 'OKP', crv: 'Ed25519', x: KEY.x, kid: 'k1', alg: 'EdDSA', use: 'sig' }

export const HEADER = { typ: 'at+jwt', alg: 'EdDSA', kid: 'k1' }
export const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'u1',
  client_id: 'c1',
  iat: SECONDS,
  exp: SECONDS + 300,
  jti: 'j1',
  sid: 's1',
  auth_time: SECONDS - 10,
  acr: 'aal2',
  amr: ['pwd'],
  scope: 'read write',
  session_marks: { keys: ['AAAAAAAAAAAAAAAAAAAAAA'], auth_time_ms: NOW - 10_000 },
}

export const LOGOUT_HEADER = { typ: 'logout+jwt', alg: 'EdDSA', kid: 'k1' }
export const LOGOUT = {
  iss: ISSUER,
  aud: 'shop',
  sub: 'alice',
  sid: 's-alice',
  iat: SECONDS,
  exp: SECONDS + 120,
  jti: 'j1',
  events: { [EVENT]: {} },
}

export const TOKEN_WORDS: readonly string[] = [
  '.',
  '..',
  'e30',
  'none',
  'HS256',
  'EdDSA',
  'Ed25519',
  'ES256',
  'RS256',
  'at+jwt',
  'application/at+jwt',
  'logout+jwt',
  'crit',
  'b64',
  'jku',
  'jwk',
  'nonce',
  ISSUER,
  AUDIENCE,
  EVENT,
  '__proto__',
]

/** Signs whatever it is given, as somebody with the issuer's key would. */
export async function signer(): Promise<(header: string, claims: string) => Promise<string>> {
  const key = await crypto.subtle.importKey('jwk', KEY, 'Ed25519', false, ['sign'])
  return async (header, claims) => {
    const signed = `${base64url(header)}.${base64url(claims)}`
    const signature = await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(signed))
    return `${signed}.${textOf(new Uint8Array(signature))}`
  }
}

function base64url(text: string): string {
  return textOf(new TextEncoder().encode(text))
}

/** Header and claims of an input that is to be signed; of what is no JSON as they stand. */
export function partsOf(input: string): { header: string; claims: string; isJson: boolean } {
  try {
    const { header, claims } = Object(JSON.parse(input))
    return { header: textIn(header), claims: textIn(claims), isJson: true }
  } catch {
    return { header: input, claims: input, isJson: false }
  }
}

function textIn(value: unknown): string {
  return JSON.stringify(value) ?? ''
}
