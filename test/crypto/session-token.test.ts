import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSessionManager, generateSecret, SessionError, type SessionManagerOptions } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type Answer, ask, tokenOf } from '../support/bearer.ts'
import { drawnBytes, nextDraws } from '../support/random.ts'
import { type AnyData, site, wire } from '../support/site.ts'
import { spySubtle } from '../support/spy-subtle.ts'
import { bytesOf, cookieOf, flipBit } from '../support/tamper.ts'
import { cookieValue } from '../support/visitor.ts'
import { base64url, fromBase64url, fromHex, hex, kidOf, openValue, sealBytes } from '../support/wafer1.ts'
import { decodeStored, partsOf, signId } from '../support/wafer1-store.ts'
import { type StoreSite, storeSite } from '../support/watched-store.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const NAME = '__Host-session'
const write = ({ data }: { data: AnyData }) => {
  data.n = (data.n ?? 0) + 1
}
const utf8 = (text: string) => Uint8Array.from(new TextEncoder().encode(text))

/** A site on which `u1` is signed in, every key it needs derived, and its cookie value. */
async function signedIn(
  options: Omit<Partial<SessionManagerOptions<AnyData>>, 'store'> = {},
): Promise<StoreSite<AnyData> & { value: string }> {
  const made = storeSite(options)
  const { cookie } = await ask(made.manager, '', (session) => session.signIn('u1'))
  await ask(made.manager, cookie as string, write)
  made.events.length = 0
  made.store.calls()
  return { ...made, value: cookie as string }
}

const reasonsOf = ({ events }: { events: readonly object[] }) =>
  events.map((event) => ('reason' in event ? event.reason : event))

describe('the id cookie', () => {
  test('row 1: a sign-in draws 16 bytes for the handle and 32 for the token, and Math.random is not asked', async () => {
    const { manager } = storeSite()
    const drawn = drawnBytes()
    vi.spyOn(Math, 'random').mockImplementation(() => {
      throw new Error('Math.random is not for ids')
    })

    const { cookie } = await ask(manager, '', (session) => session.signIn('u1'))

    const { handle, token } = partsOf(fromBase64url(cookie as string))
    expect(drawn).toEqual(expect.arrayContaining([handle, token]))
    expect(fromHex(token)).toHaveLength(32)
  })

  test('row 1: 1,000 sign-ins give 1,000 handles and 1,000 tokens', async () => {
    const store = memoryStore()
    const { manager } = site({ store, sessionsPerUser: undefined })
    const [handles, tokens] = [new Set<string>(), new Set<string>()]
    for (let i = 0; i < 1000; i++) {
      const session = await manager.open(new Request('https://example.test/'))
      session.signIn(`u${i}`)
      const [line = ''] = await manager.commit(session)
      const { handle, token } = partsOf(bytesOf(line))
      handles.add(handle)
      tokens.add(token)
    }
    expect([handles.size, tokens.size]).toEqual([1000, 1000])
  })

  test('row 2: says nothing of the user or the time: two of one user share version and kid alone', async () => {
    const { manager } = storeSite()
    const values = await Promise.all(
      Array.from({ length: 16 }, async () => {
        const { cookie } = await ask(manager, '', (session) => {
          session.signIn('u_0123456789')
          session.data.email = 'someone@example.test'
        })
        return cookie as string
      }),
    )
    const all = values.map(fromBase64url)
    expect(all[0]?.findIndex((byte, i) => all.some((other) => other[i] !== byte))).toBe(5)
    for (const value of values) {
      const clear = value + String.fromCharCode(...fromBase64url(value))
      for (const hidden of ['u_0123456789', '0123456789', 'email', 'someone'])
        expect(clear).not.toContain(hidden)
    }
  })

  test('row 3: has 92 characters, whatever the session holds', async () => {
    const { manager } = storeSite()
    for (const text of ['', 'x'.repeat(50_000)]) {
      const { cookie } = await ask(manager, '', (session) => {
        session.signIn('u1')
        session.data.text = text
      })
      expect(cookie).toHaveLength(92)
    }
  })

  test('row 64: every bit flipped is refused by one HMAC at most, before any store call or parsing', async () => {
    const { manager, store, value, ...rest } = await signedIn()
    const parse = vi.spyOn(JSON, 'parse')
    const spy = spySubtle()
    const calls: string[] = []
    for (let bit = 0; bit < 69 * 8; bit++) {
      const { userId, cookie } = await ask(manager, cookieValue(flipBit(`${NAME}=${value}`, bit)))
      expect([userId, cookie]).toEqual([undefined, null])
      calls.push(spy.calls().join())
    }

    expect(parse).not.toHaveBeenCalled()
    expect(store.calls()).toEqual([])
    const reasons = reasonsOf(rest)
    expect(new Set(reasons.slice(0, 8))).toEqual(new Set(['unknown-version']))
    expect(new Set(reasons.slice(8, 40))).toEqual(new Set(['unknown-key']))
    expect(new Set(reasons.slice(40))).toEqual(new Set(['forged']))
    expect(reasons).toHaveLength(69 * 8)
    expect(new Set(calls.slice(0, 40))).toEqual(new Set(['']))
    expect(new Set(calls.slice(40))).toEqual(new Set(['sign']))
  })

  test('every shorter value is refused without a call, and so are longer ones', async () => {
    const { manager, store, value, ...rest } = await signedIn()
    const bytes = fromBase64url(value)
    const spy = spySubtle()
    for (let length = 0; length < 69; length++) await ask(manager, base64url(bytes.slice(0, length)) || 'A')
    for (const extra of [[0], [0, 0, 0], [...bytes]]) {
      await ask(manager, base64url(Uint8Array.of(...bytes, ...extra)))
    }
    expect(spy.calls()).toEqual([])
    expect(store.calls()).toEqual([])
    expect(reasonsOf(rest)).toEqual([...Array(69).fill('malformed'), ...Array(3).fill('too-long')])
  })

  test('parts of two cookies of one handle, or of two handles, do not make a third', async () => {
    const { manager, value, clock, ...rest } = await signedIn()
    clock.advance(900)
    const next = (await ask(manager, value)).cookie as string
    const other = (await ask(manager, '', (session) => session.signIn('u2'))).cookie as string
    for (const [one, two] of [
      [value, next],
      [value, other],
      [other, value],
    ].map((pair) => pair.map(fromBase64url))) {
      for (const cut of one?.slice(5, 21).join() === two?.slice(5, 21).join() ? [37, 53] : [21, 37, 53]) {
        const spliced = Uint8Array.of(...(one?.slice(0, cut) ?? []), ...(two?.slice(cut) ?? []))
        expect((await ask(manager, base64url(spliced))).userId).toBe(undefined)
      }
    }
    expect(new Set(reasonsOf(rest).filter((reason) => typeof reason === 'string'))).toEqual(
      new Set(['forged']),
    )
  })

  test('row 65: of 256 versions one is known', async () => {
    const { manager, store, value } = await signedIn()
    const bytes = fromBase64url(value)
    for (let version = 0; version < 256; version++) {
      bytes[0] = version
      expect((await ask(manager, base64url(bytes))).userId).toBe(version === 2 ? 'u1' : undefined)
    }
    expect(store.calls()).toEqual(['get'])
  })

  test.each(['__proto__', 'constructor', '../../dev/null', 'size', '\0\0\0\0', 'none'])(
    'row 66: a kid that reads %j names no key, and nothing is reached',
    async (name) => {
      const { manager, store, value, ...rest } = await signedIn()
      const fetch = vi.spyOn(globalThis, 'fetch')
      const spy = spySubtle()
      const bytes = fromBase64url(value)
      bytes.set(utf8(name.padEnd(4, '_')).slice(0, 4), 1)

      expect((await ask(manager, base64url(bytes))).userId).toBeUndefined()
      expect((await ask(manager, encodeURIComponent(name))).userId).toBeUndefined()
      expect(reasonsOf(rest)).toEqual(['unknown-key', 'malformed'])
      expect([spy.calls(), store.calls()]).toEqual([[], []])
      expect(fetch).not.toHaveBeenCalled()
    },
  )

  test('row 82: has one spelling: padding, the other alphabet and white space are refused', async () => {
    const { manager, store, value, ...rest } = await signedIn()
    for (const spelling of [
      `${value}=`,
      `${value.slice(0, -1)}=`,
      `"${value}"`,
      `%41${value.slice(1)}`,
      `${value.slice(0, 40)} ${value.slice(41)}`,
      value.replace(/^..../, 'A+/A'),
      `${value.slice(0, -1)}\u00e9`,
    ]) {
      expect((await ask(manager, spelling)).userId).toBeUndefined()
    }
    expect(store.calls()).toEqual([])
    expect(new Set(reasonsOf(rest))).toEqual(new Set(['malformed', 'too-long']))
  })

  test.each([1, 4])(
    'row 83: 64 KiB are refused before they are decoded, with maxChunks %i',
    async (maxChunks) => {
      const { manager, store, ...rest } = await signedIn({ maxChunks })
      const decode = vi.spyOn(globalThis, 'atob')
      const spy = spySubtle()
      expect((await ask(manager, 'A'.repeat(65_536))).userId).toBeUndefined()
      expect((await ask(manager, 'A'.repeat(93))).userId).toBeUndefined()
      expect(reasonsOf(rest)).toEqual(['too-long', 'too-long'])
      expect([spy.calls(), store.calls()]).toEqual([[], []])
      expect(decode).not.toHaveBeenCalled()
    },
  )

  test.each([
    '../x',
    '%00',
    '\u0001',
    '__proto__',
    'a b',
    '{}',
    'null',
    '',
    '*',
    "' OR 1=1 --",
    'x'.repeat(92),
    '..%2f..%2f',
  ])('row 7: the value %j reaches no store', async (value) => {
    const { manager, store } = await signedIn()
    const request = new Request('https://example.test/', { headers: { Cookie: `${NAME}=${value}` } })
    expect((await manager.open(request)).isNew).toBe(true)
    expect(store.calls()).toEqual([])
  })
})

describe('how much crypto and how many store calls', () => {
  test('row 60: an anonymous request: none, and none for one that only reads', async () => {
    const { manager, store } = await signedIn()
    const spy = spySubtle()
    const { cookie } = await ask(manager, '', (session) => [
      session.userId,
      session.data.n,
      session.flash('a'),
      session.id,
    ])
    expect([cookie, spy.calls(), store.calls()]).toEqual([null, [], []])
  })

  test('row 60: a read of an untouched session: one HMAC, one decrypt, one get, no cookie', async () => {
    const { manager, store, value } = await signedIn()
    const spy = spySubtle()
    expect(await ask(manager, value, ({ data }) => data.n)).toMatchObject({ userId: 'u1', cookie: null })
    expect(spy.calls()).toEqual(['sign', 'decrypt'])
    expect(store.calls()).toEqual(['get'])
  })

  test.each<[string, Parameters<typeof ask>[2]]>([
    ['changed data', write],
    ['a flash', (session) => session.flash('a', 'b')],
    ['update()', (session) => session.update((data) => write({ data }))],
  ])(
    'a write for %s: one HMAC, one decrypt, one encrypt; one get, one update; no cookie',
    async (_, page) => {
      const { manager, store, value } = await signedIn()
      const spy = spySubtle()
      expect(await ask(manager, value, page)).toMatchObject({ userId: 'u1', cookie: null })
      expect(spy.calls()).toEqual(['sign', 'decrypt', 'encrypt'])
      expect(store.calls()).toEqual(['get', 'update'])
    },
  )

  test('a touch: the same as a write', async () => {
    const { manager, store, value, clock } = await signedIn()
    clock.advance(181)
    const spy = spySubtle()
    expect(await ask(manager, value)).toMatchObject({ userId: 'u1', cookie: null })
    expect(spy.calls()).toEqual(['sign', 'decrypt', 'encrypt'])
    expect(store.calls()).toEqual(['get', 'update'])
  })

  test('a new session: one HMAC for the tag of its user, one for its token, one encrypt; one create', async () => {
    const { manager, store } = await signedIn()
    const spy = spySubtle()
    await ask(manager, '', (session) => session.signIn('u2'))
    expect(spy.calls()).toEqual(['sign', 'sign', 'encrypt'])
    expect(store.calls()).toEqual(['create'])
  })

  test('row 8: a forged id: one HMAC, no store call, whatever a write comes with it', async () => {
    const { manager, store, value, ...rest } = await signedIn()
    const forged = cookieValue(flipBit(`${NAME}=${value}`, 8 * 40))
    const spy = spySubtle()
    const { userId } = await ask(manager, forged)
    expect([userId, spy.calls(), store.calls()]).toEqual([undefined, ['sign'], []])
    expect(reasonsOf(rest)).toEqual(['forged'])
  })

  test('row 75: the same calls with one secret as with fifty, whichever of them signed', async () => {
    const secrets = Array.from({ length: 50 }, generateSecret)
    const seen = new Set<string>()
    for (const at of [0, 24, 49]) {
      const secret = secrets[at] as string
      for (const ring of [[secret], [secret, ...secrets.filter((one) => one !== secret)]]) {
        const { manager, value } = await signedIn({ secret: ring })
        const spy = spySubtle()
        await ask(manager, value)
        const genuine = spy.calls().join()
        await ask(manager, cookieValue(flipBit(`${NAME}=${value}`, 8 * 60)))
        seen.add(`${genuine} | ${spy.calls().join()}`)
        vi.restoreAllMocks()
      }
    }
    expect([...seen]).toEqual(['sign,decrypt | sign'])
  })

  test('row 76: flip any bit of the kid, and no key is tried', async () => {
    const { manager, store, value, ...rest } = await signedIn({
      secret: [generateSecret(), generateSecret()],
    })
    const spy = spySubtle()
    for (let bit = 8; bit < 40; bit++) await ask(manager, cookieValue(flipBit(`${NAME}=${value}`, bit)))
    expect([spy.calls(), store.calls()]).toEqual([[], []])
    expect(reasonsOf(rest)).toEqual(Array(32).fill('unknown-key'))
  })

  test('row 74: every use has a key of its own: kid, seal, token, renew, tag, binding', async () => {
    const spy = spySubtle()
    const { manager, clock } = storeSite({ secret: utf8(generateSecret()), binding: { userAgent: 'report' } })
    const { cookie } = await ask(manager, '', (session) => session.signIn('u1'))
    clock.advance(900)
    await ask(manager, cookie as string)
    const derived = [...spy.argumentsOf('deriveBits'), ...spy.argumentsOf('deriveKey')]
    const uses = derived.map(([parameters]) => {
      const info = String.fromCharCode(...((parameters as HkdfParams).info as Uint8Array))
      return /^..wafer\/1..([a-z]+)/s.exec(info)?.[1]
    })
    expect(uses.toSorted()).toEqual(['binding', 'kid', 'renew', 'seal', 'tag', 'token'])
    expect(new Set((await spy.resultsOf('deriveKey')).map((key) => (key as CryptoKey).extractable))).toEqual(
      new Set([false]),
    )
  })
})

describe('what a cookie and a record are bound to', () => {
  test('row 67: the cookie of one name opens under no other, though both share a store', async () => {
    const secret = generateSecret()
    const store = memoryStore()
    const { cookie } = await ask(site({ secret, store }).manager, '', (session) => session.signIn('u1'))
    for (const name of ['__Host-admin', '__Host-sessio', 'session']) {
      const { manager, events } = site({ secret, store, cookie: { name } })
      const headers = { Cookie: `${name}=${cookie}` }
      expect((await manager.open(new Request('https://example.test/', { headers }))).isNew).toBe(true)
      expect(reasonsOf({ events })).toEqual(['forged'])
    }
  })

  test('row 67: what one application signed opens in no other', async () => {
    const { value } = await signedIn()
    const other = await signedIn()
    expect((await ask(other.manager, value)).userId).toBeUndefined()
    expect(reasonsOf(other)).toEqual(['unknown-key'])
    expect(other.store.calls()).toEqual([])
  })

  test('row 67: a record under another key is refused, and the one under its own key opens', async () => {
    const { manager, store, value, clock, events } = await signedIn()
    const victim = (await ask(manager, '', (session) => session.signIn('victim'))).cookie as string
    const keyOf = (cookie: string) => base64url(fromHex(partsOf(fromBase64url(cookie)).handle))
    const dump = await store.dump()
    const there = dump.get(keyOf(value))
    const stolen = dump.get(keyOf(victim))?.value as string
    events.length = 0

    // Someone who can write to the store puts the victim's record where their own was.
    const options = { expiresAt: clock() + 1000, version: there?.version as string }
    await store.update(keyOf(value), stolen, options)

    expect((await ask(manager, value)).userId).toBeUndefined()
    expect(reasonsOf({ events })).toEqual(['undecodable'])
    expect((await ask(manager, victim)).userId).toBe('victim')
  })

  test('row 67: the second sealer could make such a record with the secret: the key is what it is bound to', async () => {
    const secret = generateSecret()
    const { manager, store, value, clock } = await signedIn({ secret })
    const storeKey = base64url(fromHex(partsOf(fromBase64url(value)).handle))
    const kept = (await store.dump()).get(storeKey)
    const place = { secret: utf8(secret), cookieName: NAME, purpose: 'record' }
    const { record, hour } = await openValue(kept?.value as string, { ...place, storeKey })
    const put = async (more: object) => {
      const { version = '' } = (await store.get(storeKey)) ?? {}
      const sealed = await sealBytes(record, { ...place, hour, storeKey, ...more })
      if (version === '') await store.create(storeKey, sealed, { expiresAt: clock() + 1000 })
      else await store.update(storeKey, sealed, { expiresAt: clock() + 1000, version })
      return (await ask(manager, value)).userId
    }
    expect(await put({})).toBe('u1')
    expect(await put({ storeKey: `${storeKey}A` })).toBeUndefined()
    expect(await put({ purpose: 'session' })).toBeUndefined()
    expect(await put({ cookieName: '__Host-admin' })).toBeUndefined()
    expect(await put({})).toBe('u1')
  })

  test('row 67: a sealed cookie is none in store mode, and an id cookie none in sealed mode', async () => {
    const secret = generateSecret()
    const stored = await signedIn({ secret })
    const sealed = site({ secret })
    const { cookie } = await ask(sealed.manager, '', (session) => session.signIn('u1'))
    stored.events.length = 0
    sealed.events.length = 0

    expect((await ask(stored.manager, cookie as string)).userId).toBeUndefined()
    expect((await ask(sealed.manager, stored.value)).userId).toBeUndefined()
    expect(reasonsOf(stored)).toEqual([(cookie as string).length > 92 ? 'too-long' : 'malformed'])
    expect(reasonsOf(sealed)).toEqual(['unknown-version'])
  })

  test('row 78: JSON, base64 JSON and other libraries’ cookies open nothing', async () => {
    const { manager, store } = await signedIn()
    const payload = JSON.stringify({ userId: 'admin' })
    for (const forgery of [
      payload,
      btoa(payload),
      `s%3A${btoa(payload)}.${'A'.repeat(43)}`,
      base64url(Uint8Array.of(2, ...utf8(payload.padEnd(68)))),
    ]) {
      expect((await ask(manager, forgery)).userId).toBeUndefined()
    }
    expect(store.calls()).toEqual([])
  })
})

describe('row 9: nothing that a store holds opens a session', () => {
  /** A site with sessions of every kind in its store, and whatever is in there. */
  async function leaked() {
    const made = await signedIn({ secret: 'a secret for this test, which a leak of the store does not have' })
    const { manager, clock, value } = made
    const visitor = (await ask(manager, '', write)).cookie as string
    const moved = (await ask(manager, value, (session) => session.regenerate())).cookie as string
    const other = (await ask(manager, '', (session) => session.signIn('u2', { amr: ['pwd'] })))
      .cookie as string
    clock.advance(900)
    const next = (await ask(manager, other)).cookie as string
    await ask(manager, next)
    const dump = await made.store.dump()
    made.events.length = 0
    return { ...made, dump, cookies: [value, visitor, moved, other, next] }
  }

  test('keys and values, whole or in parts, in every form, present nobody', async () => {
    const { manager, dump, store, value } = await leaked()
    expect(dump.size).toBe(4)
    const { kid } = partsOf(fromBase64url(value))
    for (const [key, { value: sealed, version }] of dump) {
      const handle = fromBase64url(key)
      const tags = store.places.get(key)?.tags ?? []
      const guesses: Uint8Array[] = [
        fromBase64url(sealed),
        fromBase64url(sealed).slice(20),
        ...tags.map(fromBase64url),
      ]
      const forms = [key, sealed, version, ...tags, sealed.slice(0, 92), hex(handle), btoa(key)]
      for (const guess of [handle, ...guesses]) {
        for (const from of [0, 8, 16, 32, 48]) {
          const filler = Uint8Array.of(...guess.slice(from), ...new Uint8Array(48)).slice(0, 48)
          forms.push(base64url(Uint8Array.of(2, ...fromHex(kid), ...handle, ...filler)))
        }
      }
      for (const form of forms) {
        const { userId, cookie } = await ask(manager, form)
        expect([userId, cookie]).toEqual([undefined, null])
      }
    }
  })

  test('what the records hold, opened with the secret, does not hold a token', async () => {
    const { manager, dump, cookies } = await leaked()
    const secret = utf8('a secret for this test, which a leak of the store does not have')
    const tokens = cookies.map((cookie) => partsOf(fromBase64url(cookie)))
    for (const [storeKey, { value }] of dump) {
      const { record } = await openValue(value, { secret, cookieName: NAME, purpose: 'record', storeKey })
      for (const { token, tag } of tokens) {
        expect(hex(record)).not.toContain(token)
        expect(hex(record)).not.toContain(tag)
      }
      const stored = decodeStored(record)
      if (stored.kind !== 'live') continue
      // The hash in the place of the token, or of the tag, is neither.
      const handle = fromHex(partsOf(fromBase64url(cookies[0] as string)).handle)
      for (const part of [stored.hash + stored.hash, stored.hash + stored.seed]) {
        const bytes = Uint8Array.of(
          2,
          ...(await kidOf(secret)),
          ...handle,
          ...fromHex(part),
          ...fromHex(stored.hash),
        )
        expect((await ask(manager, base64url(bytes))).userId).toBeUndefined()
      }
    }
  })

  test('keys, values and tags name nobody and show no data', async () => {
    const { dump, store, cookies } = await leaked()
    const shown = JSON.stringify([...dump, ...[...store.places.values()].map(({ tags }) => tags)])
    for (const hidden of ['u1', 'u2', 'pwd', '{"n"', ...cookies, ...cookies.map(tokenOf)]) {
      expect(shown).not.toContain(`"${hidden}"`)
      if (hidden.length > 4) expect(shown).not.toContain(hidden)
    }
  })
})

describe('row 10: a handle that is taken', () => {
  const filled = (...bytes: readonly number[]) => bytes.map((byte) => new Uint8Array(16).fill(byte))

  test('by chance is drawn again: the first record is as it was, and the second has an id of its own', async () => {
    const { manager, store } = storeSite()
    nextDraws(16, ...filled(0xaa))
    const first = (await ask(manager, '', (session) => session.signIn('u1'))).cookie as string
    const before = await store.dump()
    // A handle of 16 bytes; the seed of the token has 16 too, and is drawn after it.
    nextDraws(16, ...filled(0xaa, 0x01, 0xbb))
    let id = ''
    const second = await ask(manager, '', async (session) => {
      session.signIn('u2')
      await session.commit()
      id = session.id
    })

    expect(partsOf(fromBase64url(second.cookie as string)).handle).toBe('bb'.repeat(16))
    expect(id).toBe(base64url(fromHex('bb'.repeat(16))))
    const key = base64url(fromHex('aa'.repeat(16)))
    expect((await store.dump()).get(key)).toEqual(before.get(key))
    expect((await ask(manager, first)).userId).toBe('u1')
    expect((await ask(manager, second.cookie as string)).userId).toBe('u2')
    expect((await manager.users.list('u2')).map((one) => one.id)).toEqual([id])
  })

  test('at a regeneration keeps the half that names the session', async () => {
    const { manager } = storeSite()
    const first = (await ask(manager, '', (session) => session.signIn('u1'))).cookie as string
    const handle = partsOf(fromBase64url(first)).handle
    // The half that is drawn is the half that is there: the new handle is the old one.
    nextDraws(8, fromHex(handle.slice(16)))
    const moved = await ask(manager, first, (session) => session.regenerate())
    const after = partsOf(fromBase64url(moved.cookie as string)).handle
    expect(after).not.toBe(handle)
    expect(after.slice(0, 16)).toBe(handle.slice(0, 16))
    expect((await ask(manager, moved.cookie as string)).userId).toBe('u1')
  })

  test('every time is a failing store, and nothing is overwritten', async () => {
    const { manager, store, events } = storeSite({}, () => ({ create: async () => null }))
    const failed = ask(manager, '', (session) => session.signIn('u1'))
    await expect(failed).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    expect(store.calls()).toEqual(['create', 'create', 'create'])
    expect(events.filter(({ type }) => type === 'create')).toEqual([])
  })
})

describe('who sees a secret or a bearer value', () => {
  test.each<[string, unknown]>([
    ['31 bytes', 'abcdefghijklmnopqrstuvwxyz01234'],
    ['an empty string', ''],
    ['an empty list', []],
    ['one character over and over', 'a'.repeat(64)],
    ['nothing', undefined],
  ])('row 72: %s is refused as a secret in store mode too', (_, secret) => {
    const construct = () => createSessionManager({ secret: secret as string, store: memoryStore() })
    expect(construct).toThrow(/openssl rand -base64 32.*generateSecret\(\)/)
  })

  test('row 79: neither manager, session, events nor errors show the secret or a token', async () => {
    const secret = generateSecret()
    const shown: unknown[] = []
    let broken = false
    const made = storeSite({ secret }, (store) => ({
      async update(...args) {
        if (broken) throw new Error('connection reset')
        return store.update(...args)
      },
    }))
    const { manager, clock, events } = made
    const values: string[] = []
    const step = async (page: Parameters<typeof ask>[2]): Promise<Answer> => {
      const answer = await ask(manager, values.at(-1) ?? '', async (session) => {
        await page?.(session, new Request('https://example.test/'))
        shown.push(session, session.toJSON(), { ...session })
      })
      if (answer.cookie) values.push(answer.cookie)
      return answer
    }
    await step(write)
    await step((session) => session.signIn('u1'))
    await step((session) => session.regenerate())
    clock.advance(900)
    await step(() => {})
    await step(() => {})
    broken = true
    await step(write).catch((error) => shown.push(error))
    broken = false
    await ask(manager, values[0] as string)
    await ask(manager, values[2] as string)
    await step((session) => session.signOut())
    shown.push(manager, await manager.users.list('u1'), ...events)

    expect(values).toHaveLength(4)
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['create', 'end', 'regenerate', 'renew', 'store-error', 'reject']),
    )
    const text = shown.map(textOf).join('\n')
    for (const value of values) {
      const { token, tag } = partsOf(fromBase64url(value))
      for (const hidden of [secret, value, token, tag, base64url(fromHex(token))])
        expect(text).not.toContain(hidden)
    }
  })

  test('row 71: every bad id cookie is answered byte for byte like none', async () => {
    const { manager, value } = await signedIn()
    const bad = [
      'x',
      'A'.repeat(92),
      'A'.repeat(93),
      cookieValue(flipBit(`${NAME}=${value}`, 3)),
      cookieValue(flipBit(`${NAME}=${value}`, 20)),
      cookieValue(flipBit(`${NAME}=${value}`, 100)),
      cookieValue(cookieOf(Uint8Array.of(...fromBase64url(value), 1))),
      `${value}; ${NAME}=${value}; ${NAME}=${value}; ${NAME}=${value}; ${NAME}=${value}`,
      (await signedIn()).value,
    ]
    const answer = async (cookie: string) => {
      const { response } = await ask(manager, cookie, (session) =>
        Response.json([session.userId ?? null, session.isNew, session.data, session.flash('a') ?? null]),
      )
      return wire(response)
    }
    const none = await answer('')
    for (const cookie of bad) expect(await answer(cookie)).toEqual(none)
  })
})

/** All that a log could show of a value. */
function textOf(value: unknown): string {
  const parts = [String(value), JSON.stringify(value)]
  if (value instanceof Error) parts.push(String(value.stack), textOf(value.cause))
  if (value instanceof SessionError) parts.push(JSON.stringify(Object.entries(value)))
  for (const name of Object.getOwnPropertyNames(value ?? {})) parts.push(name)
  return parts.join()
}

test('an id cookie that a second implementation signs opens what the library keeps', async () => {
  const secret = generateSecret()
  const { manager, value } = await signedIn({ secret })
  const { handle, token } = partsOf(fromBase64url(value))
  const owner = { secret: utf8(secret), cookieName: NAME }
  const own = await signId(owner, fromHex(handle), fromHex(token))
  expect(own.value).toBe(value)
  expect((await ask(manager, own.value)).userId).toBe('u1')
})
