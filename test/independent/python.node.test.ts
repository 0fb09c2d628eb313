/** The formats of docs/format.md against a second implementation in another language, which shares nothing with src/. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  createSessionManager,
  type Session,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { moreVectors } from '../support/more-vectors.ts'
import { idVectors, recordVectors } from '../support/store-vectors.ts'
import { bytesOf } from '../support/vector-setting.ts'
import { type VectorSecret, vectors } from '../support/vectors.ts'
import { requestWith } from '../support/visitor.ts'
import { fromBase64url, hex } from '../support/wafer1.ts'
import { watchedStore } from '../support/watched-store.ts'
import { wycheproof } from '../wycheproof/vectors.ts'
import { type Answer, type Python, startPython } from './python.ts'

const NOW = Date.UTC(2026, 10, 23, 9, 41, 27, 345)
const SECONDS = Math.floor(NOW / 1000)
const NAME = '__Host-session'
const SECRETS = ['a secret that two implementations share', 'and the older secret that it has replaced']
const TIMEOUTS = {
  idleTimeout: 1800,
  absoluteTimeout: 86_400,
  remember: { idleTimeout: 86_400, absoluteTimeout: 2_592_000 },
}
const OIDC = { iss: 'https://op.example', sub: 'j\u00fcrgen', sid: 'f81d4fae-7dec' }
const DATA = {
  cart: ['a1', 'b2', ''],
  deep: [[{ '': null }], { t: true, f: false }],
  numbers: [0, -1, 1.5, 1e21, 5e-324, 2 ** 53],
  text: '\u00fc "\ud834\udd1e" \\ / \u2028 \u0000 \n \t',
}

let python: Python
beforeAll(() => {
  python = startPython()
})
afterAll(() => python.close())

function hexOf(texts: readonly string[]): string[] {
  return texts.map((text) => hex(new TextEncoder().encode(text)))
}

function secretsOf(secrets: readonly VectorSecret[]): string[] {
  return secrets.map((secret) => hex(bytesOf(secret)))
}

/** A manager and the reasons of its refusals. */
function managerWith(options: Partial<SessionManagerOptions> = {}) {
  const events: string[] = []
  const manager = createSessionManager({
    secret: SECRETS,
    ...TIMEOUTS,
    clock: fakeClock(NOW),
    onEvent: (event) => {
      if (event.type === 'reject') events.push(event.reason)
      if (event.type === 'store-error') events.push('outage')
    },
    ...options,
  })
  return { manager, events }
}

/** What the library sends a visitor after these steps, as a Cookie header. */
async function cookieAfter(
  options: Partial<SessionManagerOptions>,
  ...steps: readonly ((session: Session) => unknown)[]
): Promise<string> {
  let cookie = ''
  for (const step of steps) {
    const { manager } = managerWith(options)
    const headers = { Cookie: cookie, 'User-Agent': 'Firefox/1 Linux' }
    const session = await manager.open(new Request('https://example.test/', { headers }), {
      address: '192.0.2.7',
    })
    await step(session)
    const lines = await manager.commit(session)
    if (lines.length > 0) cookie = lines.map((line) => line.split(';', 1)[0]).join('; ')
  }
  return cookie
}

function pythonOpens(header: string, more: object = {}): Promise<Answer> {
  return python.ask('open_cookie', {
    header,
    secrets: hexOf(SECRETS),
    cookieName: NAME,
    options: { ...TIMEOUTS, maxChunks: 4 },
    now: NOW,
    ...more,
  })
}

/** Whether both open it, and for what reason not. */
async function bothSay(header: string): Promise<[library: string, python: string]> {
  const { manager, events } = managerWith({ maxChunks: 4 })
  const [session, { refused }] = await Promise.all([manager.open(requestWith(header)), pythonOpens(header)])
  return [session.isNew ? (events[0] ?? 'none') : 'opened', refused ?? 'opened']
}

/** A session as the second implementation wants it. */
function fieldsOf(meta: readonly unknown[], data: unknown, more: object = {}) {
  return {
    handle: '000102030405060708090a0b0c0d0e0f',
    createdAt: SECONDS - 100,
    lastSeenAt: SECONDS - 10,
    idleExpiresAt: SECONDS + 1700,
    absoluteExpiresAt: SECONDS + 86_000,
    authTime: typeof meta[0] === 'string' ? NOW - 100_000 : 0,
    meta,
    data,
    ...more,
  }
}

test('AES-256-GCM in Python passes every vector of Wycheproof', async () => {
  for (const { result, ct, tag, ...vector } of wycheproof.aesGcm) {
    const { answer } = await python.ask('wycheproof', { ...vector, sealed: ct + tag })
    expect(answer, `${vector.tcId}`).toEqual([result === 'valid', result === 'valid'])
  }
})

describe('row 81: Python, which knows only docs/format.md', () => {
  const askVector = (vector: (typeof vectors.open)[number] | (typeof vectors.refuse)[number]) =>
    python.ask('open_cookie', {
      header: vector.cookie,
      secrets: secretsOf(vector.secrets),
      cookieName: vector.cookieName,
      options: { ...vector.timeouts, maxChunks: vector.maxChunks },
      now: vector.now,
    })

  test('opens every frozen sealed cookie', async () => {
    for (const vector of [...vectors.open, ...moreVectors.open]) {
      expect((await askVector(vector as never)).answer, vector.name).toEqual(vector.fields)
    }
  })

  test('refuses every other one, for the reason beside it', async () => {
    for (const vector of [...vectors.refuse, ...moreVectors.refuse]) {
      expect(await askVector(vector), vector.name).toEqual({ refused: vector.reason })
    }
  })

  test('opens every frozen record by its id cookie, or refuses it for the reason beside it', async () => {
    for (const vector of [...recordVectors.open, ...recordVectors.refuse]) {
      const { answer, refused } = await python.ask('open_stored', {
        header: `${vector.cookieName}=${vector.cookie}`,
        store: { [vector.storeKey]: vector.value },
        secrets: secretsOf(vector.secrets),
        cookieName: vector.cookieName,
        options: vector.options,
        now: vector.now,
      })
      const reason = 'event' in vector ? vector.event.replace('store-error', 'outage') : vector.reason
      expect(refused ?? null, vector.name).toBe(reason)
      if ('fields' in vector && reason === null)
        expect(answer, vector.name).toMatchObject(vector.fields as object)
    }
  })

  test('judges every frozen id cookie as the library does', async () => {
    for (const vector of [...idVectors.open, ...idVectors.refuse]) {
      const { refused } = await python.ask('open_stored', {
        header: `${vector.cookieName}=${vector.value}`,
        store: {},
        secrets: secretsOf(vector.secrets),
        cookieName: vector.cookieName,
        options: TIMEOUTS,
        now: NOW,
      })
      expect(refused, vector.name).toBe('reason' in vector ? vector.reason : 'unknown-session')
    }
  })

  test('reads all frozen server state, and derives every frozen tag', async () => {
    for (const vector of moreVectors.state) {
      const place = { secrets: secretsOf(vector.secrets), cookieName: vector.cookieName }
      const { answer } = await python.ask('open_state', {
        ...place,
        key: vector.storeKey,
        value: vector.value,
      })
      expect(answer, vector.name).toEqual(vector.state)
    }
    for (const { name, secrets, names, tag } of [...moreVectors.listed, ...moreVectors.marks]) {
      const { answer } = await python.ask('tag', { secrets: secretsOf(secrets.slice(0, 1)), names })
      expect(answer, name).toBe(tag)
    }
  })
})

describe('row 81: sealed cookies of the library, opened by Python', () => {
  const sealedUnder = { secret: SECRETS }

  test('an anonymous one, with everything that JSON holds', async () => {
    const { answer } = await pythonOpens(
      await cookieAfter(sealedUnder, ({ data }) => Object.assign(data, DATA)),
    )
    expect([answer.meta, answer.data, answer.authTime]).toEqual([[], DATA, 0])
    expect([answer.createdAt, answer.lastSeenAt]).toEqual([SECONDS, SECONDS])
    expect([answer.idleExpiresAt, answer.absoluteExpiresAt]).toEqual([SECONDS + 1800, SECONDS + 86_400])
  })

  test('one with every field that there is', async () => {
    const header = await cookieAfter(
      { ...sealedUnder, binding: { userAgent: 'end', address: 'report' }, maxChunks: 4 },
      (session) => {
        session.signIn('u\u00fc1', { amr: ['pwd', 'otp'], acr: 'aal2', remember: true, oidc: OIDC })
        session.flash('notice', { text: 'Welcome \ud834\udd1e' })
        session.challenge.put('pkce', { value: 'a verifier', ttl: 60 })
        Object.assign(session.data, DATA, { long: 'x'.repeat(9000) })
      },
    )
    expect(header).toMatch(/^__Host-session=[34]\..*; __Host-session\.1=.*; __Host-session\.2=/)
    const { answer } = await pythonOpens(header)
    const [id, amr, acr, remember, flash, { b, o, q, ...others }] = answer.meta
    expect([id, amr, acr, remember]).toEqual(['u\u00fc1', ['pwd', 'otp'], 'aal2', 1])
    expect([flash, o]).toEqual([{ notice: { text: 'Welcome \ud834\udd1e' } }, Object.values(OIDC)])
    expect(Object.keys(q)).toEqual(['pkce'])
    expect(q.pkce).toEqual(['a verifier', SECONDS + 60, expect.stringMatching(/^[\w-]{16}$/)])
    expect(others).toEqual({})
    expect(answer.data.long).toHaveLength(9000)
    expect(answer.authTime).toBe(NOW)
    expect(answer.absoluteExpiresAt).toBe(SECONDS + 2_592_000)
    const ask = (kind: string, value: string) =>
      python.ask('binding', { secrets: hexOf(SECRETS.slice(0, 1)), kind, value })
    const [kid, userAgent] = (await ask('userAgent', 'Firefox on Linux')).answer
    const [, address] = (await ask('address', '110000000000000000000010')).answer
    expect(b).toEqual([kid, { userAgent, address }])
  })

  test('half a sign-in, with all that there can be', async () => {
    const { answer } = await pythonOpens(
      await cookieAfter(sealedUnder, (session) =>
        session.signIn('u3', { amr: ['pwd'], acr: 'aal1', remember: true, pending: true, oidc: OIDC }),
      ),
    )
    const pending = ['u3', NOW, ['pwd'], 'aal1', 1, Object.values(OIDC)]
    expect(answer.meta).toEqual([null, null, null, null, null, { p: pending }])
  })

  test('one of before a rotation, one of after it, and none under a secret that is not in the list', async () => {
    const older = await cookieAfter({ secret: SECRETS.slice(1) }, (session) => session.signIn('u1'))
    const newer = await cookieAfter(sealedUnder, (session) => session.signIn('u1'))
    expect((await pythonOpens(older)).answer.meta).toEqual(['u1'])
    expect((await pythonOpens(newer)).answer.meta).toEqual(['u1'])
    expect(await pythonOpens(older, { secrets: hexOf(SECRETS.slice(0, 1)) })).toEqual({
      refused: 'unknown-key',
    })
  })
})

describe('row 81: sealed cookies of Python, opened by the library', () => {
  function pythonSeals(fields: object, secret = SECRETS[0] as string): Promise<Answer> {
    return python.ask('seal_cookie', {
      session: fields,
      secrets: hexOf([secret]),
      cookieName: NAME,
      now: NOW,
      maxChunks: 4,
    })
  }

  async function opened(header: string, options: Partial<SessionManagerOptions> = {}) {
    const { manager, events } = managerWith({ maxChunks: 4, ...options })
    const headers = { Cookie: header, 'User-Agent': 'Firefox/1 Linux' }
    const session = await manager.open(new Request('https://example.test/', { headers }), {
      address: '192.0.2.200',
    })
    expect(events).toEqual([])
    return { manager, session }
  }

  test('an anonymous one, with everything that JSON holds', async () => {
    const { session } = await opened((await pythonSeals(fieldsOf([], DATA))).answer)
    expect([session.isNew, session.userId, session.data]).toEqual([false, undefined, DATA])
    expect(session.id).toBe('AAECAwQFBgcICQoLDA0ODw')
    expect(session.createdAt).toBe((SECONDS - 100) * 1000)
  })

  test('one with every field that there is, in several cookies', async () => {
    const secrets = hexOf(SECRETS.slice(0, 1))
    const bound = async (kind: string, value: string): Promise<[number, string]> =>
      (await python.ask('binding', { secrets, kind, value })).answer
    const [kid, userAgent] = await bound('userAgent', 'Firefox on Linux')
    const [, address] = await bound('address', '110000000000000000000010')
    const more = {
      b: [kid, { userAgent, address }],
      o: Object.values(OIDC),
      q: { webauthn: ['a value', SECONDS + 60], pkce: ['a verifier', SECONDS + 60, 'its name'] },
      later: ['a key that nobody knows yet'],
    }
    const meta = ['u\u00fc1', ['pwd', 'otp'], 'aal2', 1, { notice: [1, null] }, more, 'behind position 5']
    const data = { ...DATA, long: 'x'.repeat(9000) }
    const { answer } = await pythonSeals(fieldsOf(meta, data))

    const { session, manager } = await opened(answer, { binding: { userAgent: 'end', address: 'end' } })

    expect(answer).toContain('; __Host-session.2=')
    expect([session.userId, session.amr, session.acr, session.oidc]).toEqual([
      'u\u00fc1',
      ['pwd', 'otp'],
      'aal2',
      OIDC,
    ])
    expect(await session.challenge.take('webauthn')).toMatchObject({ value: 'a value' })
    expect(await session.challenge.take('pkce')).toMatchObject({ value: 'a verifier' })
    expect([session.flash('notice'), session.data, session.authTime]).toEqual([
      [1, null],
      data,
      NOW - 100_000,
    ])
    expect((await manager.commit(session)).every((line) => line.includes('Max-Age='))).toBe(true)
  })

  test('half a sign-in', async () => {
    const p = ['u3', NOW - 1000, ['pwd'], null, 0, null]
    const { session } = await opened(
      (await pythonSeals(fieldsOf([null, null, null, null, null, { p }], {}))).answer,
    )
    expect([session.userId, session.pending]).toMatchObject([undefined, { userId: 'u3', amr: ['pwd'] }])
  })

  test('one under the older secret, sealed anew under the first', async () => {
    const { answer } = await pythonSeals(fieldsOf(['u1'], { a: 1 }), SECRETS[1])
    const { session, manager } = await opened(answer)
    const [line = ''] = await manager.commit(session)

    const again = await pythonOpens(line, { secrets: hexOf(SECRETS.slice(0, 1)) })

    expect([session.userId, session.data]).toEqual(['u1', { a: 1 }])
    expect([again.answer.meta, again.answer.data]).toEqual([['u1'], { a: 1 }])
  })

  test('whatever is in it, and back again', async () => {
    const json = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()).filter((data) => {
      return !JSON.stringify(data).includes('__proto__')
    })
    const user = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }))
    await fc.assert(
      fc.asyncProperty(user, json, async (userId, written) => {
        const data = JSON.parse(JSON.stringify(written)) // No negative zero.
        const { answer } = await pythonSeals(fieldsOf([userId], data))
        const { session, manager } = await opened(answer)
        expect([session.userId ?? null, session.data]).toEqual([userId, data])
        session.regenerate()
        const lines = await manager.commit(session)
        const again = await pythonOpens(lines.map((line) => line.split(';', 1)[0]).join('; '))
        expect([again.answer.meta[0] ?? null, again.answer.data]).toEqual([userId, data])
      }),
      { numRuns: 60 },
    )
  })
})

test('row 82: any bit of a sealed cookie the other way is refused by both, for one reason', async () => {
  const header = await cookieAfter({}, (session) => session.signIn('u1'))
  const bytes = fromBase64url(header.slice(NAME.length + 1))
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const [library, other] = await bothSay(
      `${NAME}=${Buffer.from(flipped(bytes, bit)).toString('base64url')}`,
    )
    expect(library, `bit ${bit}`).toMatch(/^(unknown-version|unknown-key|hour-out-of-range|forged)$/)
    expect(other, `bit ${bit}`).toBe(library)
  }
})

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice()
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (0x80 >> (bit & 7))
  return copy
}

describe('row 81: sessions in a store', () => {
  const storeOptions = { ...TIMEOUTS, renewalTimeout: 900, renewalGrace: 60 }

  function storeWith() {
    const store = watchedStore(memoryStore({ clock: fakeClock(NOW) }))
    return { store, values: async () => valuesOf(store) }
  }

  async function valuesOf(store: ReturnType<typeof watchedStore>): Promise<Record<string, string>> {
    return Object.fromEntries([...(await store.dump())].map(([key, { value }]) => [key, value]))
  }

  function pythonLooks(header: string, store: Record<string, string>, more: object = {}): Promise<Answer> {
    return python.ask('open_stored', {
      header,
      store,
      secrets: hexOf(SECRETS),
      cookieName: NAME,
      options: storeOptions,
      now: NOW,
      ...more,
    })
  }

  async function looked(cookie: string, store: SessionStore, options: Partial<SessionManagerOptions> = {}) {
    const { manager, events } = managerWith({ ...storeOptions, store, ...options })
    const session = await manager.open(requestWith(cookie)).catch(() => null)
    return { manager, events, session }
  }

  test('Python opens what the library keeps, by the cookie that it sends', async () => {
    const { store, values } = storeWith()
    const cookie = await cookieAfter({ ...storeOptions, store }, (session) => {
      session.signIn('u1', { amr: ['pwd'], oidc: OIDC })
      Object.assign(session.data, DATA)
    })

    const { answer } = await pythonLooks(cookie, await values())

    const [id, amr, , , , more] = answer.meta
    expect([id, amr, answer.data, answer.rank]).toEqual(['u1', ['pwd'], DATA, 1])
    expect(more).toEqual({ d: 'Firefox on Linux', o: Object.values(OIDC) })
    const secrets = hexOf(SECRETS.slice(0, 1))
    const subjects = [
      ['user', 'u1'],
      ['oidc-sid', OIDC.iss, OIDC.sid],
      ['oidc-sub', OIDC.iss, OIDC.sub],
    ]
    for (const [i, names] of subjects.entries()) {
      const { answer: tag } = await python.ask('tag', { secrets, names })
      expect(Buffer.from(answer.tags[i], 'hex').toString('base64url')).toBe(tag)
      expect(await store.list?.(tag)).toHaveLength(1)
    }
  })

  test('Python knows the next token, the one before, and a copy', async () => {
    const { store, values } = storeWith()
    const clock = fakeClock(NOW)
    const options = { ...storeOptions, store, clock }
    const first = await cookieAfter(options, (session) => session.signIn('u1'))
    clock.advance(901)
    const next = await cookieAfter(options, () => {}).then(() => cookieOf(options, first))
    expect((await pythonLooks(next, await values(), { now: clock() })).answer.rank).toBe(0)
    await cookieOf(options, next)
    const after = await values()
    expect((await pythonLooks(next, after, { now: clock() })).answer.rank).toBe(1)
    expect((await pythonLooks(first, after, { now: clock() })).answer.rank).toBe(2)
    expect(await pythonLooks(first, after, { now: clock() + 61_000 })).toEqual({ refused: 'reused' })
  })

  test('Python reads the tombstone of a session that has moved', async () => {
    const { store, values } = storeWith()
    const options = { ...storeOptions, store }
    const cookie = await cookieAfter(options, (session) => session.signIn('u1'))
    const [key] = Object.keys(await values()) as [string]
    const moved = await cookieOf(options, cookie, (session) => session.regenerate())
    const after = await values()
    const { answer } = await pythonLooks(moved, after)

    expect(await pythonLooks(cookie, after)).toEqual({ refused: 'ended' })
    expect(await pythonLooks(cookie, after, { now: NOW + 61_000 })).toEqual({ refused: 'reused' })
    const { answer: tombstone } = await python.ask('open_record', {
      key,
      value: after[key],
      secrets: hexOf(SECRETS),
      cookieName: NAME,
    })
    expect(tombstone).toEqual({ kind: 'tombstone', endedAt: SECONDS, successor: answer.handle })
  })

  async function cookieOf(
    options: Partial<SessionManagerOptions>,
    cookie: string,
    page: (session: Session) => unknown = () => {},
  ): Promise<string> {
    const { manager } = managerWith(options)
    const session = await manager.open(requestWith(cookie))
    expect(session.isNew).toBe(false)
    page(session)
    const [line] = await manager.commit(session)
    return line === undefined ? cookie : (line.split(';', 1)[0] as string)
  }

  /** A signed-in session that Python has made: its id cookie and its record. */
  async function pythonStores(secret = SECRETS[0] as string, since = SECONDS - 10) {
    const session = fieldsOf(
      ['u7', ['pwd'], null, null, { notice: 'Hello' }, { d: 'curl', l: 'Lisbon, PT' }],
      DATA,
    )
    const record = { since, seed: '0f0e0d0c0b0a09080706050403020100', session }
    const { answer } = await python.ask('seal_stored', {
      secrets: hexOf([secret]),
      cookieName: NAME,
      now: NOW,
      token: '5a'.repeat(32),
      record,
      tags: [['user', 'u7']],
    })
    const { store, values } = storeWith()
    const place = { expiresAt: NOW + 1_000_000, tags: answer.tags }
    await store.create(answer.key, answer.value, place)
    return { ...answer, store, values, cookie: `${NAME}=${answer.cookie}`, next: `${NAME}=${answer.next}` }
  }

  test('the library opens, lists and renews what Python has stored', async () => {
    const { store, cookie, next, values } = await pythonStores(SECRETS[0], SECONDS - 901)
    const { manager, session, events } = await looked(cookie, store)
    expect(events).toEqual([])
    expect([session?.userId, session?.data, session?.flash('notice')]).toEqual(['u7', DATA, 'Hello'])
    expect(await manager.users.list('u7')).toMatchObject([{ device: 'curl', location: 'Lisbon, PT' }])

    const untouched = await looked(cookie, store)
    const [line = ''] = await untouched.manager.commit(untouched.session as Session)
    expect(line.split(';', 1)[0]).toBe(next)
    const confirmed = await looked(next, store)
    expect([confirmed.events, confirmed.session?.userId]).toEqual([[], 'u7'])
    expect((await pythonLooks(next, await values())).answer).toMatchObject({ rank: 1, data: DATA })
  })

  test('the library opens what Python has stored under the older secret, and moves it', async () => {
    const { store, cookie, values } = await pythonStores(SECRETS[1])
    const { manager, session } = await looked(cookie, store)
    expect(session?.userId).toBe('u7')
    Object.assign(session?.data as object, { moved: true })
    const [line = ''] = await manager.commit(session as Session)

    const only = { secrets: hexOf(SECRETS.slice(0, 1)) }
    expect((await pythonLooks(line.split(';', 1)[0] as string, await values(), only)).answer.data).toEqual({
      ...DATA,
      moved: true,
    })
  })

  test('the library reads a tombstone that Python has left', async () => {
    const { store, cookie, key } = await pythonStores()
    const record = { endedAt: SECONDS - 61, successor: 'ff'.repeat(16) }
    const place = { secrets: hexOf(SECRETS.slice(0, 1)), cookieName: NAME, key, now: NOW }
    const { answer: value } = await python.ask('seal_tombstone', { ...place, record })
    await store.delete(key)
    await store.create(key, value, { expiresAt: NOW + 1_000_000 })

    const { session, events } = await looked(cookie, store)

    expect([session?.isNew, events]).toEqual([true, ['reused']])
  })

  test('row 82: any bit of an id cookie the other way is refused by both, for one reason', async () => {
    const { store, cookie, values } = await pythonStores()
    const bytes = fromBase64url(cookie.slice(NAME.length + 1))
    const kept = await values()
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const altered = `${NAME}=${Buffer.from(flipped(bytes, bit)).toString('base64url')}`
      const [{ session, events }, { refused }] = await Promise.all([
        looked(altered, store),
        pythonLooks(altered, kept),
      ])
      expect(session?.isNew, `bit ${bit}`).toBe(true)
      expect(events, `bit ${bit}`).toEqual([refused])
      expect(refused, `bit ${bit}`).toMatch(/^(unknown-version|unknown-key|forged)$/)
    }
  })

  test('row 82: any byte of a record altered in the store is refused by both', async () => {
    const { cookie, key, value } = await pythonStores()
    const bytes = fromBase64url(value)
    for (let at = 0; at < bytes.length; at++) {
      const altered = Buffer.from(flipped(bytes, 8 * at + (at % 8))).toString('base64url')
      const store = memoryStore({ clock: fakeClock(NOW) })
      await store.create(key, altered, { expiresAt: NOW + 1_000_000 })
      const { session, events } = await looked(cookie, store)
      const { refused } = await pythonLooks(cookie, { [key]: altered })
      expect(session?.isNew ?? true, `byte ${at}`).toBe(true)
      expect(events, `byte ${at}`).toEqual([refused])
      expect(refused, `byte ${at}`).toMatch(/^(undecodable|outage)$/)
    }
  })

  test('server state goes both ways, and moves from a secret that Python wrote it under', async () => {
    const { store, values } = storeWith()
    const { manager } = managerWith({ ...storeOptions, store })
    const state = manager.serverState('attempts')
    const expiresAt = NOW + 3_600_000
    await state.create(['totp', 'u\u00fc1'], { failures: 3 }, { expiresAt })
    const [[key, value] = []] = Object.entries(await values())
    const place = { secrets: hexOf(SECRETS.slice(0, 1)), cookieName: NAME }
    expect((await python.ask('open_state', { ...place, key, value })).answer).toEqual({
      expiresAt,
      value: { failures: 3 },
    })

    const { answer } = await python.ask('seal_state', {
      ...place,
      secrets: hexOf(SECRETS.slice(1)),
      now: NOW,
      purpose: 'attempts',
      names: ['totp', 'u2'],
      state: { expiresAt, value: [1, 'two'] },
    })
    await store.create(answer.key, answer.value, { expiresAt })
    expect(await state.get(['totp', 'u2'])).toMatchObject({ value: [1, 'two'], expiresAt })
    const left = { key: answer.key, value: (await values())[answer.key] }
    const moved = await python.ask('open_state', { ...place, secrets: hexOf(SECRETS), ...left })
    expect(moved.answer).toMatchObject({ expiresAt, value: null, hasMoved: true })
    const there = await python.ask('open_state', {
      ...place,
      key: moved.answer.movedTo,
      value: (await values())[moved.answer.movedTo],
    })
    expect(there.answer).toEqual({ expiresAt, value: [1, 'two'] })
  })
})
