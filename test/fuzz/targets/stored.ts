import { createSessionManager, SessionError, type SessionManager, type SessionStore } from 'wafer-session'
import { encodeFields, fromBase64url, hex } from '../../support/wafer1.ts'
import { encodeState, encodeStored, tagOf } from '../../support/wafer1-store.ts'
import { exercise } from '../exercise.ts'
import { type FuzzTarget, type Mutator, must } from '../fuzz-target.ts'
import { headerValue } from '../header-value.ts'
import { mutateBytes, mutateJson, mutateText } from '../mutate.ts'
import {
  binary,
  flipped,
  fromBinary,
  HANDLE,
  idCookie,
  NAME,
  NOW,
  OLDER,
  SECONDS,
  SECRET,
  SEED,
  STORE_KEY,
  STRANGER,
  sealer,
  textOf,
} from '../sealer.ts'
import { OUT_OF_TIME, SESSION_WORDS, SESSIONS } from '../session-seeds.ts'
import { mutateContent } from './sealed.ts'

const EXPIRES_AT = NOW + 3_600_000

/** A store whose values are in a map; it never fails by itself. */
function storeOf(values: ReadonlyMap<string, unknown>): SessionStore {
  const kept = new Map(values)
  const get = async (key: string) => (kept.has(key) ? { value: kept.get(key) as string, version: '1' } : null)
  return {
    capabilities: { consistency: 'strong', atomicUpdate: true, index: 'atomic' },
    get,
    create: async (key, value) => (kept.has(key) ? null : String(kept.set(key, value).size)),
    update: async (key, value) => (kept.has(key) ? String(kept.set(key, value).size) : null),
    delete: async (key) => void kept.delete(key),
    list: async () => [...kept.keys()],
  }
}

/** What came of a request with an id cookie: `opened`, why not, or the code of the one error that may be thrown. */
async function opening(
  cookie: string,
  store: SessionStore,
  issued: ReadonlySet<string> | null,
  more: (manager: SessionManager) => Promise<unknown> = async () => {},
): Promise<string> {
  let outcome = 'nothing'
  const manager: SessionManager = createSessionManager({
    secret: [SECRET, OLDER],
    clock: () => NOW,
    store,
    onEvent: (event) => {
      if (event.type === 'reject') outcome = event.reason
    },
  })
  try {
    const headers = { Cookie: headerValue(cookie) }
    const session = await manager.open(new Request('https://example.test/', { headers }))
    if (!session.isNew) {
      const content = JSON.stringify([session.id, session.userId, session.data])
      must(issued === null || issued.has(content), `opened what nobody issued: ${content}`)
      outcome = 'opened'
    }
    await exercise(manager, session, true)
    await more(manager)
  } catch (error) {
    if (!(error instanceof SessionError)) throw error
    outcome = error.code
  }
  return outcome
}

export async function storedTargets(): Promise<FuzzTarget[]> {
  const { seal } = await sealer('record', STORE_KEY)
  const older = await sealer('record', STORE_KEY, OLDER)
  const { value: id, hash, kid } = await idCookie()
  const token = { kind: 'live', hash, kid, since: SECONDS - 10, seed: SEED, previous: null } as const
  const before = { hash: '11'.repeat(16), kid, replacedAt: SECONDS - 10 }
  const tags = [hex(await tagOf(new TextEncoder().encode(SECRET) as Uint8Array<ArrayBuffer>, 'user', 'u1'))]
  const contents = [
    ...[...SESSIONS, ...OUT_OF_TIME].map((record) => encodeStored({ ...token, tags, record: hex(record) })),
    encodeStored({ ...token, kid: 'ffffffff', tags, record: hex(SESSIONS[1] as Uint8Array) }),
    encodeStored({
      ...token,
      since: SECONDS - 901,
      previous: before,
      tags: [],
      record: hex(SESSIONS[1] as Uint8Array),
    }),
    encodeStored({
      ...token,
      hash: '22'.repeat(16),
      previous: before,
      tags,
      record: hex(SESSIONS[1] as Uint8Array),
    }),
    encodeStored({ kind: 'tombstone', endedAt: SECONDS - 10, successor: 'ee'.repeat(16) }),
    encodeStored({ kind: 'tombstone', endedAt: SECONDS - 100, successor: 'ff'.repeat(16) }),
    encodeStored({ kind: 'tombstone', endedAt: SECONDS - 100, successor: null }),
  ]
  const values = await Promise.all([...contents.map(seal), older.seal(contents[1] as Uint8Array)])
  const issued = new Set<string>()
  for (const value of values) {
    const manager = createSessionManager({
      secret: [SECRET, OLDER],
      clock: () => NOW,
      store: storeOf(new Map([[STORE_KEY, value]])),
    })
    const session = await manager.open(
      new Request('https://example.test/', { headers: { Cookie: `${NAME}=${id}` } }),
    )
    if (!session.isNew) issued.add(JSON.stringify([session.id, session.userId, session.data]))
  }
  const [live = ''] = values
  const stranger = await sealer('record', STORE_KEY, STRANGER)
  const lookAround = async (manager: SessionManager) => {
    await manager.users.list('u1')
    await manager.users.revoke(STORE_KEY, 'u1')
    await manager.users.revokeAll('u1')
    await manager.serverState('fuzz').get(['a'])
  }
  const healthy = {
    get: { value: live, version: '1' },
    // One for each of two secrets.
    getMany: [{ value: live, version: '1' }, null],
    list: [STORE_KEY],
    create: '1',
    update: '2',
    delete: null,
  }
  return [
    {
      name: 'id cookie',
      seeds: [
        `${NAME}=${id}`,
        `${NAME}=${(await idCookie(OLDER)).value}`,
        `a=b; ${NAME}=${id}; ${NAME}=${id}`,
        'a=b',
        `${NAME}=${id}; `.repeat(5),
        `${NAME}=${id}A`,
        `${NAME}=%`,
        ...[0, 1, -1].map((at) => `${NAME}=${flipped(id, at)}`),
      ],
      words: [NAME, `${NAME}=`, '; ', 'Ag', 'A', id, live],
      mutate: mutateText,
      outcomes: [
        'opened',
        'nothing',
        'malformed',
        'too-long',
        'unknown-version',
        'unknown-key',
        'forged',
        'too-many',
      ],
      read: (input) => opening(input, storeOf(new Map([[STORE_KEY, live]])), issued),
    },
    {
      name: 'id cookie, its bytes',
      seeds: [id, (await idCookie(OLDER)).value, 'Ag', ...[0, 1, -1].map((at) => flipped(id, at))].map(
        (value) => binary(fromBase64url(value)),
      ),
      words: ['\u0001', '\u0002', HANDLE],
      mutate: mutateBytes,
      outcomes: ['opened', 'malformed', 'unknown-version', 'unknown-key', 'forged'],
      read: (input) =>
        opening(`${NAME}=${textOf(fromBinary(input))}`, storeOf(new Map([[STORE_KEY, live]])), issued),
    },
    {
      name: 'value in a store',
      seeds: [...values, 'AQ', await stranger.seal(contents[1] as Uint8Array)],
      words: ['AQ', 'Ag', '=', '{"a":1}', live.slice(0, 40)],
      mutate: mutateText,
      outcomes: ['opened', 'undecodable', 'ERR_SESSION_STORE', 'reused', 'ended'],
      share: 0.3,
      read: (input) => opening(`${NAME}=${id}`, storeOf(new Map([[STORE_KEY, input]])), issued, lookAround),
    },
    {
      name: 'content of a record',
      seeds: [...contents.map(binary), '\u0001'],
      words: [...SESSION_WORDS, '\u0001', '\u0002', '\u0003'],
      mutate: mutateRecord,
      outcomes: [
        'opened',
        'undecodable',
        'reused',
        'ended',
        'unknown-key',
        'idle-timeout',
        'issued-in-future',
      ],
      share: 0.4,
      async read(input) {
        const store = storeOf(new Map([[STORE_KEY, await seal(fromBinary(input))]]))
        return opening(`${NAME}=${id}`, store, null, lookAround)
      },
    },
    {
      name: 'answers of a store',
      seeds: [
        healthy,
        { ...healthy, get: null },
        { ...healthy, update: null },
        { ...healthy, create: null },
        { ...healthy, list: [] },
        { ...healthy, list: [], get: null },
        { ...healthy, list: [], get: { value: 'AQ', version: '1' } },
        { ...healthy, getMany: [] },
      ].map((one) => JSON.stringify(one)),
      words: [STORE_KEY, live.slice(0, 60), '1', 'value', 'version'],
      mutate: mutateJson,
      outcomes: ['opened', 'undecodable', 'unknown-session', 'ERR_SESSION_STORE'],
      share: 0.5,
      read: (input) => opening(`${NAME}=${id}`, answering(input), issued, lookAround),
    },
    ...(await stateTargets()),
    ...(await markTargets()),
  ]
}

/** Which record of several it is, and what in it. */
const mutateRecord: Mutator = (input, random, words, other) => {
  const count = input.charCodeAt(65) || 0
  const end = 66 + 16 * count
  if (random.oneIn(2) || input.length <= end) return mutateBytes(input, random, words, other)
  return input.slice(0, end) + mutateContent(input.slice(end), random, words, other.slice(82))
}

/** A store that answers whatever the JSON says; of what is no JSON text. */
function answering(input: string): SessionStore {
  let answers: Record<string, unknown>
  try {
    answers = Object(JSON.parse(input))
  } catch {
    answers = { get: input, getMany: input, list: input, create: input, update: input }
  }
  // A promise of a client that resolves to something thenable would wait for that.
  const answer = (method: string) => async () =>
    (Object.hasOwn(answers, method) ? answers[method] : undefined) as never
  return {
    capabilities: { consistency: 'strong', atomicUpdate: true, index: 'atomic' },
    get: answer('get'),
    getMany: answer('getMany'),
    list: answer('list'),
    create: answer('create'),
    update: answer('update'),
    delete: answer('delete'),
  }
}

async function stateTargets(): Promise<FuzzTarget[]> {
  const secret = new TextEncoder().encode(SECRET) as Uint8Array<ArrayBuffer>
  const olderSecret = new TextEncoder().encode(OLDER) as Uint8Array<ArrayBuffer>
  const keyOf = async (of: typeof secret) => textOf(await tagOf(of, 'state', NAME, 'fuzz', 'a'))
  const [key, olderKey] = [await keyOf(secret), await keyOf(olderSecret)]
  const { seal } = await sealer('record', key)
  const states = [
    { expiresAt: EXPIRES_AT, value: { failures: 3, until: null } },
    { expiresAt: EXPIRES_AT, value: 1 },
    { expiresAt: EXPIRES_AT, value: 'v', movedTo: olderKey },
    { expiresAt: EXPIRES_AT, value: null, movedTo: olderKey, hasMoved: true },
  ].map(encodeState)
  const sealed = await Promise.all(states.map(seal))
  const stranger = await sealer('record', key, STRANGER)
  const known = new Set(['{"failures":3,"until":null}', '1', '"v"'])

  async function read(value: unknown, isIssued: boolean): Promise<string> {
    const store = storeOf(new Map([[key, value]]))
    const manager = createSessionManager({ secret: [SECRET, OLDER], clock: () => NOW, store })
    const state = manager.serverState('fuzz')
    try {
      const entry = await state.get(['a'])
      if (entry === null) {
        await state.create(['a'], 1, { expiresAt: EXPIRES_AT })
        return 'absent'
      }
      must(
        !isIssued || known.has(JSON.stringify(entry.value)),
        `read what nobody wrote: ${JSON.stringify(entry)}`,
      )
      await state.update(['a'], entry.value, { expiresAt: EXPIRES_AT, version: entry.version })
      return 'there'
    } catch (error) {
      if (error instanceof SessionError) return error.code
      throw error
    }
  }

  return [
    {
      name: 'server state',
      seeds: [...sealed, await stranger.seal(states[0] as Uint8Array)],
      words: ['AQ', '=', '[1,2]', sealed[0]?.slice(0, 40) ?? ''],
      mutate: mutateText,
      outcomes: ['there', 'absent', 'ERR_SESSION_STORE'],
      read: (input) => read(input, true),
    },
    {
      name: 'content of server state',
      seeds: states.map(binary),
      words: ['\u0003', '\u0004', '[', ']', 'null', key, olderKey, ',1'],
      mutate: (input, random, words, other) =>
        random.oneIn(3)
          ? mutateBytes(input, random, words, other)
          : random.pick(['\u0003', '\u0004']) + mutateJson(input.slice(1), random, words, other.slice(1)),
      outcomes: ['there', 'absent'],
      read: async (input) => read(await seal(fromBinary(input)), false),
    },
  ]
}

async function markTargets(): Promise<FuzzTarget[]> {
  const secret = new TextEncoder().encode(SECRET) as Uint8Array<ArrayBuffer>
  const key = textOf(await tagOf(secret, 'user', NAME, 'u1'))
  const { seal } = await sealer('session')
  const authTime = NOW - 100_000
  const fields = { handle: HANDLE, createdAt: SECONDS - 100, lastSeenAt: SECONDS - 10 }
  const ends = { idleExpiresAt: SECONDS + 1700, absoluteExpiresAt: SECONDS + 80_000 }
  const cookie = await seal(encodeFields({ ...fields, ...ends, authTime, meta: ['u1'], data: {} }))
  return [
    {
      name: 'revocation mark',
      seeds: [String(authTime - 1), String(authTime + 1), '9007199254740991', '0'],
      words: [String(authTime), '1e3', '0x10', ' ', '-', '.5', 'NaN', 'Infinity', '\u0661'],
      mutate: mutateText,
      outcomes: ['opened', 'revoked'],
      async read(input) {
        let outcome = 'nothing'
        const manager = createSessionManager({
          secret: SECRET,
          clock: () => NOW,
          revocations: storeOf(new Map([[key, input]])),
          onEvent: (event) => {
            if (event.type === 'reject') outcome = event.reason
          },
        })
        const headers = { Cookie: `${NAME}=${cookie}` }
        const session = await manager.open(new Request('https://example.test/', { headers }))
        const lets = /^[0-9]+$/.test(input) && authTime >= Number(input)
        must(session.isNew !== lets, `a session of ${authTime} ${lets ? 'does not open' : 'opens'}`)
        await exercise(manager, session, true)
        return session.isNew ? outcome : 'opened'
      },
    },
  ]
}
