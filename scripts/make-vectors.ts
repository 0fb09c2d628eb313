/**
 * Made test/vectors/seal-v1.json, once: a vector is never made anew, or it would freeze nothing. For a new version of
 * the format, write to a new file.
 */
import { writeFileSync } from 'node:fs'
import type { Session } from 'wafer-session'
import { bytesOf, managerOf, type Setting } from '../test/support/vector-setting.ts'
import type { OpenVector, RefuseVector, VectorSecret, Vectors } from '../test/support/vectors.ts'
import {
  base64url,
  decodeFields,
  encodeFields,
  type Fields,
  fromBase64url,
  fromHex,
  hex,
  openValue,
  recordBytes,
  sealBytes,
} from '../test/support/wafer1.ts'

const FILE = new URL('../test/vectors/seal-v1.json', import.meta.url)
const START = Date.UTC(2026, 10, 23, 9, 41, 27, 345)
const HOUR = 3_600_000
const DAY = 86_400

const TEXT: VectorSecret = { utf8: 'a secret for vectors, and for nothing else' }
const OLDER: VectorSecret = { utf8: 'the secret that came before it, still in the list' }
const BASE64: VectorSecret = { utf8: 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=' }
const BYTES: VectorSecret = { hex: '00ff80c0fe010203f5f4e2828041424344454647e9e8e7e6d5d4d3d2c1c0bfbe7f' }

const usual: Setting = {
  secrets: [TEXT],
  cookieName: '__Host-session',
  timeouts: { idleTimeout: 1800, absoluteTimeout: DAY },
  maxChunks: 1,
}
const remembering = {
  ...usual.timeouts,
  remember: { idleTimeout: 30 * DAY, absoluteTimeout: 90 * DAY },
}

/** The Cookie header after each step, every one a request of its own. */
async function visit(
  setting: Setting,
  ...steps: readonly [number, (session: Session) => void][]
): Promise<string> {
  let cookie = ''
  for (const [now, step] of steps) {
    const manager = managerOf({ ...setting, now })
    const session = await manager.open(new Request('https://example.test/', { headers: { Cookie: cookie } }))
    step(session)
    cookie = (await manager.commit(session)).map((line) => line.slice(0, line.indexOf(';'))).join('; ')
  }
  return cookie
}

async function openVector(
  name: string,
  setting: Setting,
  cookie: string,
  now: number,
  sealedUnder = 0,
): Promise<OpenVector> {
  const parts = cookie.split('; ').map((pair) => pair.slice(pair.indexOf('=') + 1))
  const value = parts.join('').replace(/^\d\./, '')
  const secret = bytesOf(setting.secrets[sealedUnder])
  const { kid, hour, iv, key, aad, record } = await openValue(value, {
    secret,
    cookieName: setting.cookieName,
  })
  const fields = decodeFields(record)
  const [userId = null, amr, acr = null, remember, flash] = fields.meta
  const session: OpenVector['session'] = {
    id: base64url(fromHex(fields.handle)),
    userId: userId as string | null,
    createdAt: fields.createdAt * 1000,
    lastSeenAt: fields.lastSeenAt * 1000,
    expiresAt: fields.idleExpiresAt * 1000,
    authTime: userId === null ? null : fields.authTime,
    amr: (amr ?? []) as string[],
    acr: acr as string | null,
    remember: remember === 1,
    data: fields.data,
    flash: (flash ?? {}) as Record<string, unknown>,
  }
  return {
    name,
    ...setting,
    now,
    cookie,
    sealedUnder,
    value,
    kid,
    hour,
    iv,
    key,
    aad,
    record: hex(record),
    fields,
    session,
  }
}

async function openVectors(): Promise<OpenVector[]> {
  const at = START
  const soon = START + 5000
  const vector = async (
    name: string,
    setting: Setting,
    step: (session: Session) => void,
    now = soon,
  ): Promise<OpenVector> => openVector(name, setting, await visit(setting, [at, step]), now)
  const rotated = { ...usual, secrets: [TEXT, OLDER] }
  const unhurried = { ...usual, timeouts: { idleTimeout: DAY, absoluteTimeout: DAY } }
  const late = Date.UTC(2026, 10, 23, 10, 0, 30)

  return [
    await vector('anonymous', usual, ({ data }) => {
      data.cart = ['a1', 'b2']
    }),
    await vector('signed in', usual, (session) => {
      session.signIn('u_01HZX3')
      session.data.roles = ['admin', 'editor']
    }),
    await vector('signed in, no data', usual, (session) => session.signIn('1')),
    await vector('remembered, with amr and acr', { ...usual, timeouts: remembering }, (session) =>
      session.signIn('u2', { amr: ['pwd', 'otp'], acr: 'aal2', remember: true }),
    ),
    await vector('acr without amr', usual, (session) => session.signIn('u3', { acr: 'aal1' })),
    await vector('flash of an anonymous visitor', usual, (session) => {
      session.flash('notice', 'Saved.')
      session.flash('errors', [{ field: 'name', code: 7 }])
    }),
    await vector('everything that JSON holds', usual, ({ data }) => {
      Object.assign(data, {
        s: '',
        n: -0.5e-7,
        big: 9007199254740991,
        t: true,
        f: false,
        nil: null,
        list: [[], {}],
      })
    }),
    await vector('beyond ASCII', usual, (session) => {
      session.signIn('j\u00fcrgen \u7528\u6237 \ud834\udd1e')
      Object.assign(session.data, {
        'e\u0301': '\u0000\u001f\u007f\u0085\u00a0\u2028\u2029\ufeff\ufffd\uffff "\\/',
        '\ud834\udd1e': '\u202eabc',
      })
    }),
    await vector('another cookie name', { ...usual, cookieName: '__Secure-sid' }, (s) => s.signIn('u4')),
    await vector('a secret of bytes that are no text', { ...usual, secrets: [BYTES] }, (s) => s.signIn('u5')),
    await vector('a secret that looks like base64 is text', { ...usual, secrets: [BASE64] }, (s) =>
      s.signIn('u6'),
    ),
    await vector('the first of two secrets', rotated, (session) => session.signIn('u7')),
    await openVector(
      'the second of two secrets',
      rotated,
      await visit({ ...usual, secrets: [OLDER] }, [at, (session) => session.signIn('u8')]),
      soon,
      1,
    ),
    await vector('two parts', { ...usual, maxChunks: 2 }, ({ data }) => {
      data.text = '0123456789'.repeat(400)
    }),
    await openVector(
      'seen later, under a new handle',
      usual,
      await visit(
        usual,
        [at, (session) => session.signIn('u9')],
        [at + 900_000, (session) => session.regenerate()],
      ),
      at + 900_000,
    ),
    await openVector(
      'authenticated again, hours after it was created',
      unhurried,
      await visit(
        unhurried,
        [at, (session) => session.signIn('u10', { amr: ['pwd'] })],
        [at + 5 * HOUR, (session) => session.reauthenticate({ amr: ['otp'], acr: 'aal2' })],
      ),
      at + 5 * HOUR,
    ),
    await vector('one second before the idle deadline', usual, (s) => s.signIn('u11'), at + 1_799_000),
    await openVector(
      'sealed by a clock that is 60 seconds ahead, in the next hour',
      usual,
      await visit(usual, [late, (session) => session.signIn('u12')]),
      late - 60_000,
    ),
    await vector(
      'the oldest hour that can be alive',
      { ...usual, timeouts: remembering },
      (session) => session.signIn('u13', { remember: true }),
      at - 345 + 30 * DAY * 1000 - 1000,
    ),
  ]
}

async function refuseVectors(): Promise<RefuseVector[]> {
  const now = START + 5000
  const hour = Math.floor(START / HOUR)
  const secret = bytesOf(TEXT)
  const { cookieName } = usual
  const seconds = Math.floor(START / 1000)
  const fields: Fields = {
    handle: '000102030405060708090a0b0c0d0e0f',
    createdAt: seconds,
    lastSeenAt: seconds,
    idleExpiresAt: seconds + 1800,
    absoluteExpiresAt: seconds + DAY,
    authTime: START,
    meta: ['u1'],
    data: { n: 1 },
  }
  const seal = (record: Uint8Array) => sealBytes(record, { secret, cookieName, hour })
  const good = await seal(encodeFields(fields))
  const vector = (
    name: string,
    reason: string,
    value: string,
    more: Partial<RefuseVector> = {},
  ): RefuseVector => ({
    name,
    ...usual,
    now,
    cookie: `${cookieName}=${value}`,
    reason,
    ...more,
  })
  const flipped = (at: number, mask = 1) => {
    const bytes = fromBase64url(good)
    bytes[at] = (bytes[at] as number) ^ mask
    return base64url(bytes)
  }
  const text = async (name: string, content: string | Uint8Array) =>
    vector(name, 'undecodable', await seal(recordBytes(fields, content)))
  const record = async (change: Partial<Fields>) => seal(encodeFields({ ...fields, ...change }))
  const other = await record({ handle: 'ff'.repeat(16), meta: ['u2'] })
  const length = fromBase64url(good).length
  const wholeGroups = await record({ data: { n: 100 + (3 - ((length + 2) % 3)) } })

  return [
    vector('empty', 'malformed', ''),
    vector('white space inside', 'malformed', `${good.slice(0, 9)} ${good.slice(9)}`),
    vector('quotes around it', 'malformed', `"${good}"`),
    vector('the other alphabet', 'malformed', `${good.slice(0, 30)}+/${good.slice(32)}`),
    vector('padding', 'malformed', `${good}=`),
    vector('percent encoding', 'malformed', `%41${good.slice(1)}`),
    vector('a length that base64url does not have', 'malformed', wholeGroups.slice(0, 4 * 20 + 1)),
    vector('unused bits that are not zero', 'malformed', `${good.slice(0, 4 * 20)}AB`),
    vector('35 bytes', 'malformed', base64url(fromBase64url(good).slice(0, 35))),
    vector('a part count where one cookie is allowed', 'malformed', `2.${good}`),
    vector('longer than a cookie', 'too-long', 'A'.repeat(4100)),
    vector('five cookies of the name', 'too-many', Array(5).fill(good).join(`; ${cookieName}=`)),
    vector('two sessions', 'ambiguous', `${good}; ${cookieName}=${other}`),
    vector('version 0', 'unknown-version', flipped(0)),
    vector(
      'version 2, sealed as such',
      'unknown-version',
      await sealBytes(encodeFields(fields), { secret, cookieName, hour, version: 2 }),
    ),
    vector('the first bit of the kid', 'unknown-key', flipped(1, 0x80)),
    vector('the last bit of the kid', 'unknown-key', flipped(4)),
    vector(
      'a secret that is not in the list',
      'unknown-key',
      await sealBytes(encodeFields(fields), { secret: bytesOf(OLDER), cookieName, hour }),
    ),
    vector(
      'the base64 that a secret looks like, decoded',
      'unknown-key',
      await sealBytes(encodeFields(fields), { secret: fromBase64url(decodable(BASE64)), cookieName, hour }),
      { secrets: [BASE64] },
    ),
    vector('an hour before it', 'forged', flipped(7, hour & 1 ? 1 : 3), {
      now: now + 100_000,
      timeouts: remembering,
    }),
    vector(
      'the next hour, 61 seconds before it begins',
      'hour-out-of-range',
      await sealBytes(encodeFields(fields), { secret, cookieName, hour: hour + 1 }),
      { now: (hour + 1) * HOUR - 61_000 },
    ),
    vector('an hour in which no cookie can have been sealed', 'hour-out-of-range', good, {
      now: (hour + 1) * HOUR + 1_800_000,
    }),
    vector('the first bit of the hour', 'hour-out-of-range', flipped(5, 0x80)),
    vector('a bit of the IV', 'forged', flipped(8, 0x10)),
    vector('a bit of the ciphertext', 'forged', flipped(20)),
    vector('the last bit of the tag', 'forged', flipped(length - 1)),
    vector('one byte less', 'forged', base64url(fromBase64url(good).slice(0, -1))),
    vector('one byte more', 'forged', base64url(Uint8Array.of(...fromBase64url(good), 0))),
    vector('no ciphertext, only 36 bytes', 'forged', base64url(fromBase64url(good).slice(0, 36))),
    vector('the cookie of another name', 'forged', good, {
      cookieName: '__Host-admin',
      cookie: `__Host-admin=${good}`,
    }),
    vector(
      'another purpose',
      'forged',
      await sealBytes(encodeFields(fields), { secret, cookieName, hour, purpose: 'record' }),
    ),
    vector('nothing inside', 'undecodable', await seal(new Uint8Array())),
    vector('a record without text', 'undecodable', await seal(recordBytes(fields, ''))),
    vector('half a record', 'undecodable', await seal(encodeFields(fields).slice(0, 20))),
    await text('no LF', '{"n":1}'),
    await text('an LF and nothing behind it', '["u1"]\n'),
    await text('invalid UTF-8', Uint8Array.of(...Buffer.from('["u1"]\n{"n":"'), 0xff, ...Buffer.from('"}'))),
    await text('a byte order mark', '["u1"]\n\ufeff{"n":1}'),
    await text('meta that is no JSON', '["u1"\n{"n":1}'),
    await text('meta that is no array', '{"0":"u1"}\n{"n":1}'),
    await text('meta that is null', 'null\n{"n":1}'),
    await text('a user id that is a number', '[1]\n{"n":1}'),
    await text('amr that is a string', '["u1","pwd"]\n{"n":1}'),
    await text('amr with a number', '["u1",[1]]\n{"n":1}'),
    await text('acr that is an array', '["u1",null,["aal2"]]\n{"n":1}'),
    await text('flash that is an array', '["u1",null,null,null,[1]]\n{"n":1}'),
    await text('flash that is a string', '["u1",null,null,null,"x"]\n{"n":1}'),
    await text('data that is no JSON', '["u1"]\n{n:1}'),
    await text('data that is cut off', '["u1"]\n{"n":1'),
    await text('data that is an array', '["u1"]\n[1]'),
    await text('data that is null', '["u1"]\nnull'),
    await text('data that is a string', '["u1"]\n"x"'),
    await text('a key __proto__', '["u1"]\n{"__proto__":{"admin":true}}'),
    await text('a key __proto__ deep inside', '["u1"]\n{"a":[{"b":{"__proto__":1}}]}'),
    await text('a key __proto__ with escapes', '["u1"]\n{"\\u005f_proto\\u005F_":{}}'),
    await text('a key __proto__ with other letters escaped', '["u1"]\n{"__pr\\u006Fto__":{}}'),
    await text(
      'a flash key __proto__ deep inside, with a letter escaped',
      '["u1",null,null,null,{"a":{"__\\u0070roto__":1}}]\n{}',
    ),
    await text('a flash key __proto__', '[null,null,null,null,{"__proto__":1}]\n{}'),
    vector('at the idle deadline', 'idle-timeout', await record({ idleExpiresAt: seconds + 5 })),
    vector('at the idle deadline of a stricter policy', 'idle-timeout', good, {
      timeouts: { idleTimeout: 5, absoluteTimeout: DAY },
    }),
    vector('at the absolute deadline', 'absolute-timeout', await record({ absoluteExpiresAt: seconds + 5 })),
    vector('at the absolute deadline of a stricter policy', 'absolute-timeout', good, {
      timeouts: { idleTimeout: 1800, absoluteTimeout: 5 },
    }),
    vector('created 61 seconds ahead', 'issued-in-future', await record({ createdAt: seconds + 66 })),
    vector('seen 61 seconds ahead', 'issued-in-future', await record({ lastSeenAt: seconds + 66 })),
    vector('authenticated 61 seconds ahead', 'issued-in-future', await record({ authTime: START + 66_000 })),
  ]
}

function decodable(secret: VectorSecret): string {
  return 'utf8' in secret ? secret.utf8.replace(/=+$/, '') : ''
}

const vectors: Vectors = {
  format: 'wafer/1, described in docs/format.md',
  open: await openVectors(),
  refuse: await refuseVectors(),
  oneKid: [
    [
      { utf8: 'two secrets, one key id by chance: 13886' },
      { utf8: 'two secrets, one key id by chance: 59663' },
    ],
  ],
}
const text = JSON.stringify(vectors, null, 2).replace(
  /[\u007f-\uffff]/g,
  (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
)
// wx: fails when the file is there.
writeFileSync(FILE, `${text}\n`, { flag: 'wx' })
