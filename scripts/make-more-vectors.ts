/**
 * Made test/vectors/more-v1.json, once: a vector is never made anew, or it would freeze nothing. For a new version of a
 * format, write to a new file.
 */
import { writeFileSync } from 'node:fs'
import { createSessionManager, type Session, type SessionManagerOptions } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import type { MoreVector, MoreVectors, StateVector, TagVector } from '../test/support/more-vectors.ts'
import { bytesOf, managerOf, type Setting } from '../test/support/vector-setting.ts'
import type { RefuseVector, VectorSecret } from '../test/support/vectors.ts'
import {
  base64url,
  decodeFields,
  fromBase64url,
  hex,
  openValue,
  recordBytes,
  sealBytes,
} from '../test/support/wafer1.ts'
import { decodeState, encodeState, tagOf } from '../test/support/wafer1-store.ts'
import { watchedStore } from '../test/support/watched-store.ts'

const START = Date.UTC(2026, 10, 23, 9, 41, 27, 345)
const SECONDS = Math.floor(START / 1000)
const HOUR = Math.floor(START / 3_600_000)
const DAY = 86_400
const TEXT: VectorSecret = { utf8: 'a secret for vectors, and for nothing else' }
const OLDER: VectorSecret = { utf8: 'the secret that came before it, still in the list' }
const secret = bytesOf(TEXT)
const cookieName = '__Host-session'
const usual: Setting = {
  secrets: [TEXT],
  cookieName,
  timeouts: {
    idleTimeout: 1800,
    absoluteTimeout: DAY,
    remember: { idleTimeout: DAY, absoluteTimeout: 30 * DAY },
  },
  maxChunks: 1,
}
const owned = { secrets: usual.secrets, cookieName, now: START }
const oidc = { iss: 'https://op.example', sub: 'j\u00fcrgen', sid: 'f81d4fae-7dec' }

type Step = (session: Session) => unknown

async function visit(options: Partial<SessionManagerOptions>, ...steps: readonly Step[]): Promise<string> {
  let cookie = ''
  for (const step of steps) {
    const manager = managerOf({ ...usual, now: START }, options)
    const session = await manager.open(new Request('https://example.test/', { headers: { Cookie: cookie } }))
    await step(session)
    const [line = cookie] = await manager.commit(session)
    cookie = line.split(';', 1)[0] as string
  }
  return cookie
}

async function moreVector(
  name: string,
  shown: Partial<MoreVector['shown']>,
  steps: readonly Step[],
  options: Partial<SessionManagerOptions> = {},
): Promise<MoreVector> {
  const cookie = await visit(options, ...steps)
  const value = cookie.slice(cookie.indexOf('=') + 1)
  const { kid, hour, iv, key, aad, record } = await openValue(value, { secret, cookieName })
  const nothing = { userId: null, pending: null, oidc: null, challenges: {} }
  return {
    name,
    ...usual,
    now: START + 5000,
    cookie,
    sealedUnder: 0,
    value,
    kid,
    hour,
    iv,
    key,
    aad,
    record: hex(record),
    fields: decodeFields(record),
    shown: { ...nothing, ...shown },
  }
}

async function openVectors(): Promise<MoreVector[]> {
  const authTime = START
  const challenges: Record<string, string> = {}
  const { sid, ...withoutSid } = oidc
  const monitor = { assess: () => ({ risk: 1, action: 'stepUp' as const }) }
  return [
    await moreVector('signed in by an OpenID provider', { userId: 'u1', oidc }, [
      (session) => session.signIn('u1', { oidc }),
    ]),
    await moreVector('by one that gives no sid', { userId: 'u1', oidc: withoutSid }, [
      (session) => session.signIn('u1', { amr: ['pwd'], acr: 'aal2', oidc: withoutSid }),
    ]),
    await moreVector('half signed in', { pending: { userId: 'u2', authTime, amr: [] } }, [
      (session) => session.signIn('u2', { pending: true }),
    ]),
    await moreVector(
      'half signed in, with all that there can be',
      { pending: { userId: 'u3', authTime, amr: ['pwd', 'hwk'] } },
      [
        (session) => {
          session.signIn('u3', { amr: ['pwd', 'hwk'], acr: 'aal1', remember: true, pending: true, oidc })
          session.flash('notice', 'One more step.')
        },
      ],
    ),
    await moreVector('challenges', { challenges }, [
      ({ challenge }) => {
        challenges.webauthn = challenge.put('webauthn')
        challenges.pkce = challenge.put('pkce', { value: 'a verifier', ttl: 60 })
        const value = '\u00fc "\ud834\udd1e"\n'
        Object.assign(challenges, { constructor: challenge.put('constructor', { value }) })
      },
    ]),
    await moreVector(
      'a new authentication is asked for',
      { pending: { userId: 'u4', authTime, amr: ['pwd'] } },
      [(session) => session.signIn('u4', { amr: ['pwd'] }), () => {}],
      { monitor },
    ),
  ]
}

async function refuseVectors(): Promise<RefuseVector[]> {
  const times = { createdAt: SECONDS, lastSeenAt: SECONDS }
  const ends = { idleExpiresAt: SECONDS + 1800, absoluteExpiresAt: SECONDS + DAY }
  const fields = { handle: '000102030405060708090a0b0c0d0e0f', ...times, ...ends, authTime: START }
  const wrong: Record<string, unknown> = {
    'o that is a string': { o: 'https://op.example' },
    'o without a sub': { o: ['https://op.example'] },
    'o with a sid that is a number': { o: ['https://op.example', 's', 1] },
    'p that is an object': { p: { id: 'u1' } },
    'p that is too short': { p: ['u1', START, []] },
    'p without a user id': { p: [null, START, [], null, 0, null] },
    'p with a time that is a string': { p: ['u1', String(START), [], null, 0, null] },
    'p with amr that is a string': { p: ['u1', START, 'pwd', null, 0, null] },
    'p with amr of numbers': { p: ['u1', START, [1], null, 0, null] },
    'p with acr that is a number': { p: ['u1', START, [], 2, 0, null] },
    'p with an o that is wrong': { p: ['u1', START, [], null, 0, ['x']] },
    'q that is an array': { q: [['v', SECONDS]] },
    'q with a value alone': { q: { a: 'v' } },
    'q without an end': { q: { a: ['v'] } },
    'q with an end that is a string': { q: { a: ['v', String(SECONDS)] } },
    'q with a value that is a number': { q: { a: [1, SECONDS] } },
    'q with a name that is a number': { q: { a: ['v', SECONDS, 1] } },
    's that is a string': { s: String(SECONDS) },
  }
  return Promise.all(
    Object.entries(wrong).map(async ([name, more]) => {
      const text = `${JSON.stringify(['u1', null, null, null, null, more])}\n{}`
      const value = await sealBytes(recordBytes(fields, text), { secret, cookieName, hour: HOUR })
      const cookie = `${cookieName}=${value}`
      return { name, ...usual, now: START + 5000, cookie, reason: 'undecodable' }
    }),
  )
}

async function stateVectors(): Promise<StateVector[]> {
  const clock = fakeClock(START)
  const store = watchedStore(memoryStore({ clock }))
  const manager = createSessionManager({ secret: secretText(TEXT), store, clock })
  const expiresAt = START + 3_600_000
  const given: [string, string, readonly string[], unknown][] = [
    ['a count', 'attempts', ['totp', 'u1'], { failures: 3, until: null }],
    ['a text beyond ASCII', 'id-token', ['j\u00fcrgen'], '\u00fc "\ud834\udd1e"'],
    ['a name of no parts', 'challenge', [], 1],
  ]
  const kept: StateVector[] = []
  for (const [name, purpose, names, value] of given) {
    await manager.serverState(purpose).create(names, value, { expiresAt })
    const storeKey = base64url(await tagOf(secret, 'state', cookieName, purpose, ...names))
    const sealed = (await store.dump()).get(storeKey)?.value as string
    kept.push(await stateVector(name, { purpose, names, storeKey, value: sealed }))
  }
  const [purpose, names] = ['attempts', ['totp', 'u2']]
  const storeKey = base64url(await tagOf(bytesOf(OLDER), 'state', cookieName, purpose, ...names))
  const movedTo = base64url(await tagOf(secret, 'state', cookieName, purpose, ...names))
  const place = { secret: bytesOf(OLDER), cookieName, purpose: 'record', storeKey, hour: HOUR }
  const moved = async (name: string, state: { value: unknown; hasMoved: boolean }) => {
    const value = await sealBytes(encodeState({ expiresAt, movedTo, ...state }), place)
    return stateVector(name, { purpose, names, storeKey, value, secrets: [TEXT, OLDER], sealedUnder: 1 })
  }
  return [
    ...kept,
    await moved('on its way to another secret', { value: { failures: 1 }, hasMoved: false }),
    await moved('gone to another secret', { value: null, hasMoved: true }),
  ]
}

async function stateVector(
  name: string,
  given: Pick<StateVector, 'purpose' | 'names' | 'storeKey' | 'value'> & Partial<StateVector>,
): Promise<StateVector> {
  const vector = { name, ...owned, sealedUnder: 0, ...given }
  const place = { secret: bytesOf(vector.secrets[vector.sealedUnder]), cookieName, purpose: 'record' }
  const opened = await openValue(vector.value, { ...place, storeKey: vector.storeKey })
  const state = decodeState(opened.record) as StateVector['state']
  return { ...vector, content: hex(opened.record), hour: opened.hour, iv: opened.iv, state }
}

async function tagVector(name: string, names: readonly string[]): Promise<TagVector> {
  return { name, ...owned, names, tag: base64url(await tagOf(secret, ...names)) }
}

/** Where a session of `u1` that came from the provider is listed. */
async function listedVectors(): Promise<TagVector[]> {
  return [
    await tagVector('a user', ['user', 'u1']),
    await tagVector('a session at a provider', ['oidc-sid', oidc.iss, oidc.sid]),
    await tagVector('a user of a provider', ['oidc-sub', oidc.iss, oidc.sub]),
  ]
}

/** Made by `users.revoke`, `users.revokeAll`, `users.revokeFederated` and a monitor at `now`. */
async function markVectors(): Promise<TagVector[]> {
  const [now, never] = [String(START + 1), '9007199254740991']
  const part = base64url(fromBase64url('AAECAwQFBgcICQoLDA0ODw').slice(0, 8))
  const marks: [string, readonly string[], string][] = [
    ['a user', ['user', cookieName, 'u1'], now],
    ['a session of a user', ['session', cookieName, 'u1', part], never],
    ['a session that has to authenticate again', ['session', cookieName, 'u1', part, 'step-up'], now],
    ['a session at a provider', ['oidc-sid', cookieName, oidc.iss, oidc.sid], now],
    ['a user of a provider', ['oidc-sub', cookieName, oidc.iss, oidc.sub], now],
  ]
  return Promise.all(marks.map(async ([name, names, mark]) => ({ ...(await tagVector(name, names)), mark })))
}

function secretText(one: VectorSecret): string {
  return 'utf8' in one ? one.utf8 : ''
}

const vectors: MoreVectors = {
  format:
    'wafer/1, position 5 of meta, what is kept on the server, tags and marks, described in docs/format.md',
  open: await openVectors(),
  refuse: await refuseVectors(),
  state: await stateVectors(),
  listed: await listedVectors(),
  marks: await markVectors(),
}
const text = JSON.stringify(vectors, null, 2).replace(
  /[\u007f-\uffff]/g,
  (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
)
// wx: fails when the file is there.
writeFileSync(new URL('../test/vectors/more-v1.json', import.meta.url), `${text}\n`, { flag: 'wx' })
