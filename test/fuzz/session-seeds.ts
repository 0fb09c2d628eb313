import { encodeFields, type Fields } from '../support/wafer1.ts'
import { HANDLE, NOW, SECONDS } from './sealer.ts'

const OIDC = ['https://op.example', 'j\u00fcrgen', 'f81d4fae-7dec']

function fields(meta: readonly unknown[], data: unknown, times: Partial<Fields> = {}): Fields {
  return {
    handle: HANDLE,
    createdAt: SECONDS - 100,
    lastSeenAt: SECONDS - 10,
    idleExpiresAt: SECONDS + 1700,
    absoluteExpiresAt: SECONDS + 86_000,
    authTime: typeof meta[0] === 'string' ? NOW - 100_000 : 0,
    meta,
    data,
    ...times,
  }
}

/** Sessions with all that there can be in one, as they stand inside a seal. */
export const SESSIONS: readonly Uint8Array[] = [
  fields([], { cart: ['a1', 'b2'] }),
  fields(['u1'], {}),
  fields(['u1', ['pwd', 'otp'], 'aal2', 1, { notice: { text: 'Hello' } }], {
    a: [1.5, null, true, { '': '\u00fc' }],
  }),
  fields(['u1', null, null, null, null, { b: [1, { userAgent: 'AAAAAAAAAAA' }], c: SECONDS, o: OIDC }], {
    n: 1,
  }),
  fields(['u1', null, null, null, null, { d: 'curl', l: 'Lisbon, PT', s: SECONDS - 1 }], { n: 2 }),
  fields([null, null, null, null, { f: 1 }, { p: ['u3', NOW - 1000, ['pwd'], 'aal1', 1, OIDC] }], { n: 3 }),
  fields(
    [null, null, null, null, null, { q: { pkce: ['v', SECONDS + 60, 'n'], webauthn: ['w', SECONDS + 60] } }],
    {},
  ),
].map(encodeFields)

/** Refused for their times: issued in the future, past their absolute end, idle for too long. */
export const OUT_OF_TIME: readonly Uint8Array[] = [
  fields([], {}, { createdAt: SECONDS + 3600, lastSeenAt: SECONDS + 3600 }),
  fields([], {}, { idleExpiresAt: SECONDS - 1, absoluteExpiresAt: SECONDS - 1 }),
  fields([], {}, { idleExpiresAt: SECONDS - 1 }),
].map(encodeFields)

/** Words of what is inside. */
export const SESSION_WORDS: readonly string[] = [
  '\n',
  '{}',
  '[]',
  'null',
  '__proto__',
  '\\u005f_proto__',
  '"',
  '[null,null,null,null,null,{"q":{}}]',
  '{"b":[1,{}]}',
  '1e999',
  '-0',
  '\u00ef\u00bb\u00bf',
  '\u00ed\u00a0\u0080',
  '\u0000\u0000\u0000\u0000',
  '\u00ff\u00ff\u00ff\u00ff',
]
