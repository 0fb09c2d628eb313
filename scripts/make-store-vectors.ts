/**
 * Made test/vectors/id-v2.json and test/vectors/record-v1.json, once: a vector is never made anew, or it would freeze
 * nothing. For a new version of a format, write to a new file.
 */
import { writeFileSync } from 'node:fs'
import type { Session } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { storeManagerOf } from '../test/support/store-vector-setting.ts'
import type {
  IdRefusal,
  IdVector,
  IdVectors,
  RecordRefusal,
  RecordVector,
  RecordVectors,
  StoreSetting,
} from '../test/support/store-vectors.ts'
import { bytesOf } from '../test/support/vector-setting.ts'
import type { OpenVector, VectorSecret } from '../test/support/vectors.ts'
import {
  base64url,
  decodeFields,
  type Fields,
  fromBase64url,
  fromHex,
  hex,
  kidOf,
  openValue,
  sealBytes,
} from '../test/support/wafer1.ts'
import { decodeStored, encodeStored, nextToken, partsOf, signId } from '../test/support/wafer1-store.ts'
import { watchedStore } from '../test/support/watched-store.ts'

const START = Date.UTC(2026, 10, 23, 9, 41, 27, 345)
const SECONDS = Math.floor(START / 1000)
const HOUR = 3_600_000
const DAY = 86_400

const TEXT: VectorSecret = { utf8: 'a secret for vectors, and for nothing else' }
const OLDER: VectorSecret = { utf8: 'the secret that came before it, still in the list' }
const BASE64: VectorSecret = { utf8: 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=' }
const BYTES: VectorSecret = { hex: '00ff80c0fe010203f5f4e2828041424344454647e9e8e7e6d5d4d3d2c1c0bfbe7f' }
const HANDLE = fromHex('000102030405060708090a0b0c0d0e0f')
const TOKEN = fromHex('f0'.repeat(16) + '0f'.repeat(16))

const usual: StoreSetting = {
  secrets: [TEXT],
  cookieName: '__Host-session',
  options: { idleTimeout: 5000, absoluteTimeout: DAY },
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))

async function idVector(
  name: string,
  secrets: readonly VectorSecret[],
  { taggedUnder = 0, cookieName = usual.cookieName, handle = random(16), token = random(32) } = {},
): Promise<IdVector> {
  const owner = { secret: bytesOf(secrets[taggedUnder]), cookieName }
  const signed = await signId(owner, handle, token)
  const seed = random(16)
  return {
    name,
    secrets,
    cookieName,
    taggedUnder,
    kid: hex(await kidOf(owner.secret)),
    handle: hex(handle),
    token: hex(token),
    ...signed,
    seed: hex(seed),
    next: hex(await nextToken(owner, handle, fromHex(signed.hash), seed)),
  }
}

async function idVectors(): Promise<IdVectors> {
  const owner = { secret: bytesOf(TEXT), cookieName: usual.cookieName }
  const { value: good } = await signId(owner, HANDLE, TOKEN)
  const refusal = (
    name: string,
    reason: string,
    value: string,
    more: Partial<IdRefusal> = {},
  ): IdRefusal => ({
    name,
    secrets: usual.secrets,
    cookieName: usual.cookieName,
    reason,
    value,
    ...more,
  })
  const flipped = (at: number, mask = 1) => {
    const bytes = fromBase64url(good)
    bytes[at] = (bytes[at] as number) ^ mask
    return base64url(bytes)
  }
  const foreign = async (more: object) => (await signId({ ...owner, ...more }, HANDLE, TOKEN)).value
  return {
    format: 'wafer/1, the signed handle of a session in a store, described in docs/format.md',
    open: [
      await idVector('counted bytes', [TEXT], { handle: HANDLE, token: TOKEN }),
      await idVector('zeros', [TEXT], { handle: new Uint8Array(16), token: new Uint8Array(32) }),
      await idVector('ones', [TEXT], { handle: fromHex('ff'.repeat(16)), token: fromHex('ff'.repeat(32)) }),
      await idVector('random bytes', [TEXT]),
      await idVector('another cookie name', [TEXT], { cookieName: '__Secure-sid' }),
      await idVector('a secret of bytes that are no text', [BYTES]),
      await idVector('a secret that looks like base64 is text', [BASE64]),
      await idVector('the first of two secrets', [TEXT, OLDER]),
      await idVector('the second of two secrets', [TEXT, OLDER], { taggedUnder: 1 }),
    ],
    refuse: [
      refusal('empty', 'malformed', ''),
      refusal('the public id', 'malformed', base64url(HANDLE)),
      refusal('one byte less', 'malformed', base64url(fromBase64url(good).slice(0, -1))),
      refusal('no tag', 'malformed', base64url(fromBase64url(good).slice(0, 53))),
      refusal('one byte more', 'too-long', base64url(Uint8Array.of(...fromBase64url(good), 0))),
      refusal('twice behind itself', 'too-long', good + good),
      refusal('white space inside', 'malformed', `${good.slice(0, 9)} ${good.slice(10)}`),
      refusal('the other alphabet', 'malformed', `${good.slice(0, 30)}+/${good.slice(32)}`),
      refusal('padding', 'malformed', `${good.slice(0, -1)}=`),
      refusal('version 0', 'unknown-version', flipped(0, 2)),
      refusal('version 1', 'unknown-version', flipped(0, 3)),
      refusal('version 3, signed as such', 'unknown-version', (await signId(owner, HANDLE, TOKEN, 3)).value),
      refusal('the first bit of the kid', 'unknown-key', flipped(1, 0x80)),
      refusal('the last bit of the kid', 'unknown-key', flipped(4)),
      refusal('a secret that is not in the list', 'unknown-key', await foreign({ secret: bytesOf(OLDER) })),
      refusal('the first bit of the handle', 'forged', flipped(5, 0x80)),
      refusal('the last bit of the handle', 'forged', flipped(20)),
      refusal('the first bit of the token', 'forged', flipped(21, 0x80)),
      refusal('the last bit of the token', 'forged', flipped(52)),
      refusal('the first bit of the tag', 'forged', flipped(53, 0x80)),
      refusal('the last bit of the tag', 'forged', flipped(68)),
      refusal('the tag of another cookie name', 'forged', await foreign({ cookieName: '__Host-admin' })),
      refusal('the hash in the place of the tag', 'forged', await hashAsTag(good)),
    ],
  }
}

/** What a store knows of a token must not do for its tag. */
async function hashAsTag(good: string): Promise<string> {
  const bytes = fromBase64url(good)
  const { hash } = await signId({ secret: bytesOf(TEXT), cookieName: usual.cookieName }, HANDLE, TOKEN)
  bytes.set(fromHex(hash), 53)
  return base64url(bytes)
}

type Step = readonly [now: number, step: (session: Session) => void, secrets?: readonly VectorSecret[]]

/** The cookie after the steps, each a request of its own with the cookie before, and what the store has then. */
async function visit(setting: StoreSetting, steps: readonly Step[]) {
  const clock = fakeClock(START)
  const store = watchedStore(memoryStore({ clock }))
  const cookies: string[] = []
  for (const [now, step, secrets = setting.secrets] of steps) {
    clock.set(now)
    const manager = storeManagerOf({ ...setting, secrets }, now, store, { clock })
    const headers = { Cookie: `${setting.cookieName}=${cookies.at(-1) ?? ''}` }
    const session = await manager.open(new Request('https://example.test/', { headers }))
    step(session)
    const [line] = await manager.commit(session)
    if (line !== undefined) cookies.push(line.slice(line.indexOf('=') + 1, line.indexOf(';')))
  }
  return { cookies, stored: await store.dump() }
}

interface Presented {
  /** Which of the cookies so far. @default the last one */
  readonly cookie?: number
  readonly now?: number
  readonly sealedUnder?: number
  readonly reason?: string
  readonly secrets?: readonly VectorSecret[]
}

async function recordVector(
  name: string,
  given: StoreSetting,
  steps: readonly Step[],
  { cookie: at = -1, now = START + 5000, sealedUnder = 0, reason, secrets = given.secrets }: Presented = {},
): Promise<RecordVector> {
  const { cookies, stored: kept } = await visit(given, steps)
  const setting = { ...given, secrets }
  const cookie = cookies.at(at) as string
  const { handle, token } = partsOf(fromBase64url(cookie))
  const storeKey = base64url(fromHex(handle))
  const value = kept.get(storeKey)?.value as string
  const { cookieName } = setting
  const secret = bytesOf(secrets[sealedUnder])
  const { record, version, ...opened } = await openValue(value, {
    secret,
    cookieName,
    purpose: 'record',
    storeKey,
  })
  const stored = decodeStored(record)
  const fields = stored.kind === 'live' ? decodeFields(fromHex(stored.record)) : null
  return {
    name,
    ...setting,
    now,
    cookie,
    storeKey,
    value,
    sealedUnder,
    ...opened,
    content: hex(record),
    stored,
    fields,
    session: fields && sessionOf(fields),
    reason: reason ?? null,
    sent: reason === undefined ? await sentToken(setting, now, cookie, storeKey, value, token) : null,
  }
}

/** The token that a plain request is answered with, as the description has it; null for none. */
async function sentToken(
  { secrets, cookieName, options }: StoreSetting,
  now: number,
  cookie: string,
  storeKey: string,
  value: string,
  token: string,
): Promise<string | null> {
  for (const secret of secrets.map(bytesOf)) {
    const opened = await openValue(value, { secret, cookieName, purpose: 'record', storeKey }).catch(
      () => null,
    )
    const stored = opened && decodeStored(opened.record)
    if (stored?.kind !== 'live') continue
    const byKid = new Map<string, Uint8Array<ArrayBuffer>>()
    for (const one of secrets.map(bytesOf)) byKid.set(hex(await kidOf(one)), one)
    const owner = { secret: byKid.get(stored.kid) as Uint8Array<ArrayBuffer>, cookieName }
    const { hash } = await signId(owner, fromHex(partsOf(fromBase64url(cookie)).handle), fromHex(token))
    if (hash !== stored.hash) return null // The next one, which is confirmed, or the one before.
    const { renewalTimeout = 900, renewalGrace = 60 } = options
    const isUser = decodeFields(fromHex(stored.record)).meta[0] != null
    const age = Math.floor(now / 1000) - stored.since
    if (isUser && age >= renewalTimeout) {
      const { handle } = partsOf(fromBase64url(cookie))
      return hex(await nextToken(owner, fromHex(handle), fromHex(hash), fromHex(stored.seed)))
    }
    // From here on the next token may be out, by a clock that is 60 s ahead, and its response on the way.
    if (isUser && age >= renewalTimeout - renewalGrace - 60) return null
    const isFirst = partsOf(fromBase64url(cookie)).kid === hex(await kidOf(bytesOf(secrets[0])))
    return isFirst ? null : token
  }
  return null
}

function sessionOf(fields: Fields): OpenVector['session'] {
  const [userId = null, amr, acr = null, remember, flash] = fields.meta
  return {
    id: base64url(fromHex(fields.handle)),
    userId: userId as string | null,
    createdAt: fields.createdAt * 1000,
    lastSeenAt: fields.lastSeenAt * 1000,
    expiresAt: Math.min(fields.idleExpiresAt, fields.absoluteExpiresAt) * 1000,
    authTime: userId === null ? null : fields.authTime,
    amr: (amr ?? []) as string[],
    acr: acr as string | null,
    remember: remember === 1,
    data: fields.data,
    flash: (flash ?? {}) as Record<string, unknown>,
  }
}

const signIn = (session: Session) => session.signIn('u_01HZX3')
const fillCart = ({ data }: Session) => {
  data.cart = ['a1', 'b2']
}
const nothing = () => {}
const write = ({ data }: Session) => {
  data.n = 1
}

async function openRecords(): Promise<RecordVector[]> {
  const rotated = { ...usual, secrets: [TEXT, OLDER] }
  const remembering = {
    ...usual,
    options: { ...usual.options, remember: { idleTimeout: 30 * DAY, absoluteTimeout: 90 * DAY } },
  }
  const confirmed: Step[] = [
    [START, signIn],
    [START + 900_000, nothing],
    [START + 1_000_000, nothing],
  ]
  const moved: Step[] = [
    [START, signIn],
    [START + 100_000, (session) => session.regenerate()],
  ]
  return [
    await recordVector('anonymous', usual, [[START, fillCart]]),
    await recordVector('signed in', usual, [
      [
        START,
        (session) => {
          session.signIn('u_01HZX3', { amr: ['pwd', 'otp'], acr: 'aal2' })
          session.data.roles = ['admin', 'editor']
          session.flash('notice', 'Saved.')
        },
      ],
    ]),
    await recordVector('beyond ASCII', usual, [
      [
        START,
        (session) => {
          session.signIn('j\u00fcrgen \u7528\u6237 \ud834\udd1e')
          session.data['e\u0301'] = '\u0000\u001f\u2028\ufeff\uffff "\\/'
        },
      ],
    ]),
    await recordVector('remembered', remembering, [
      [START, (session) => session.signIn('u2', { remember: true })],
    ]),
    await recordVector('another cookie name', { ...usual, cookieName: '__Secure-sid' }, [[START, signIn]]),
    await recordVector('a secret of bytes that are no text', { ...usual, secrets: [BYTES] }, [
      [START, signIn],
    ]),
    await recordVector(
      'under the second of two secrets: the cookie gets a new tag',
      rotated,
      [[START, signIn, [OLDER]]],
      {
        sealedUnder: 1,
      },
    ),
    await recordVector('written after a rotation: seal and hash are under the first', rotated, [
      [START, signIn, [OLDER]],
      [START + 1000, write],
    ]),
    await recordVector(
      'written after a rotation, close to a renewal: the hash is under the second',
      rotated,
      [
        [START, signIn, [OLDER]],
        [START + 800_000, write],
      ],
      { now: START + 800_000 },
    ),
    await recordVector('one second before the renewal', usual, [[START, signIn]], {
      now: START - 345 + 899_000,
    }),
    await recordVector('at the renewal: the next token is sent', usual, [[START, signIn]], {
      now: START - 345 + 900_000,
    }),
    await recordVector(
      'at the renewal, after a rotation: the next token is of the second secret and under the tag of the first',
      rotated,
      [[START, signIn, [OLDER]]],
      { now: START + 900_000, sealedUnder: 1 },
    ),
    await recordVector('the next token, to be confirmed', usual, confirmed.slice(0, 2), {
      now: START + 901_000,
    }),
    await recordVector('confirmed', usual, confirmed, { now: START + 1_000_000 }),
    await recordVector('the previous token, at the end of the grace', usual, confirmed, {
      cookie: 0,
      now: START - 345 + 1_060_999,
    }),
    await recordVector('the previous token, a second later', usual, confirmed, {
      cookie: 0,
      now: START - 345 + 1_061_000,
      reason: 'reused',
    }),
    await recordVector('a tombstone with a successor, at the end of the grace', usual, moved, {
      cookie: 0,
      now: START - 345 + 160_999,
      reason: 'ended',
    }),
    await recordVector('a tombstone with a successor, a second later', usual, moved, {
      cookie: 0,
      now: START - 345 + 161_000,
      reason: 'reused',
    }),
    await recordVector('under a new handle', usual, moved, { now: START + 100_000 }),
    await recordVector(
      'a tombstone without a successor',
      usual,
      [
        [START, signIn],
        [START + 100_000, (session) => session.signIn('u2')],
      ],
      { cookie: 0, now: START + 500_000, reason: 'ended' },
    ),
    await recordVector('at the idle deadline', usual, [[START, signIn]], {
      now: START - 345 + 5_000_000,
      reason: 'idle-timeout',
    }),
  ]
}

async function refusedRecords(good: RecordVector): Promise<RecordRefusal[]> {
  const now = START + 5000
  const { storeKey, cookie, cookieName, options, secrets } = good
  const secret = bytesOf(TEXT)
  const hour = Math.floor(START / HOUR)
  const place = { secret, cookieName, purpose: 'record', storeKey, hour }
  const refusal = (name: string, event: string, value: string): RecordRefusal => ({
    name,
    secrets,
    cookieName,
    options,
    now,
    cookie,
    storeKey,
    value,
    event,
  })
  const sealed = async (name: string, content: Uint8Array) =>
    refusal(name, 'undecodable', await sealBytes(content, place))
  const content = fromHex(good.content)
  const changed = (at: number, ...bytes: number[]) => {
    const copy = content.slice()
    copy.set(bytes, at)
    return copy
  }
  const flipped = (at: number) => {
    const bytes = fromBase64url(good.value)
    bytes[at] = (bytes[at] as number) ^ 1
    return base64url(bytes)
  }
  const elsewhere = async (more: object) => sealBytes(content, { ...place, ...more })
  return [
    refusal('no base64url', 'undecodable', '{"not":"ours"}'),
    refusal('empty', 'undecodable', ''),
    refusal('padding', 'undecodable', `${good.value}=`),
    refusal('35 bytes', 'undecodable', base64url(fromBase64url(good.value).slice(0, 35))),
    refusal('version 0', 'undecodable', flipped(0)),
    refusal('a bit of the kid', 'store-error', flipped(4)),
    refusal('a secret that is not in the list', 'store-error', await elsewhere({ secret: bytesOf(OLDER) })),
    refusal('a bit of the hour', 'undecodable', flipped(7)),
    refusal('a bit of the IV', 'undecodable', flipped(8)),
    refusal('a bit of the ciphertext', 'undecodable', flipped(20)),
    refusal('the last bit of the tag', 'undecodable', flipped(fromBase64url(good.value).length - 1)),
    refusal(
      'the record of another key',
      'undecodable',
      await elsewhere({ storeKey: base64url(fromHex('ff'.repeat(16))) }),
    ),
    refusal('the record of no key', 'undecodable', await elsewhere({ storeKey: '' })),
    refusal(
      'the record of another cookie name',
      'undecodable',
      await elsewhere({ cookieName: '__Host-admin' }),
    ),
    refusal('another purpose', 'undecodable', await elsewhere({ purpose: 'session' })),
    await sealed('nothing inside', new Uint8Array()),
    await sealed('kind 0', changed(0, 0)),
    await sealed('kind 3', changed(0, 3)),
    await sealed('a cookie’s record alone', content.slice(82)),
    await sealed('a head alone', content.slice(0, 66)),
    await sealed('more tags than there are', changed(65, 255)),
    await sealed('a tag less than counted', Uint8Array.of(...content.slice(0, 66), ...content.slice(82))),
    await sealed('no data', content.slice(0, content.length - 3)),
    await sealed(
      'a tombstone of 4 bytes',
      encodeStored({ kind: 'tombstone', endedAt: SECONDS, successor: null }).slice(0, 4),
    ),
    await sealed('a tombstone and half a successor', Uint8Array.of(2, 0, 0, 0, 1, ...HANDLE.slice(0, 8))),
    await sealed('a tombstone and more than a successor', Uint8Array.of(2, 0, 0, 0, 1, ...HANDLE, 0)),
  ]
}

function freeze(name: string, vectors: IdVectors | RecordVectors): void {
  const text = JSON.stringify(vectors, null, 2).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  // wx: fails when the file is there.
  writeFileSync(new URL(`../test/vectors/${name}`, import.meta.url), `${text}\n`, { flag: 'wx' })
}

const open = await openRecords()
freeze('id-v2.json', await idVectors())
freeze('record-v1.json', {
  format: 'wafer/1, a session as a store keeps it, described in docs/format.md',
  open,
  refuse: await refusedRecords(open[1] as RecordVector),
})
