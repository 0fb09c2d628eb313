import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { generateSecret, type RejectReason, type SessionManagerOptions } from 'wafer-session'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { base64url, encode, fromBase64url, join, random, recordBytes, sealValue } from '../support/format.ts'
import { type AnyData, site, wire } from '../support/site.ts'

const LOGS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const
let logged: { mock: { calls: unknown[] } }[] = []

beforeEach(() => {
  logged = LOGS.map((name) => vi.spyOn(console, name).mockImplementation(() => {}))
})

afterEach(() => {
  expect(logged.flatMap((log) => log.mock.calls)).toEqual([])
  vi.restoreAllMocks()
})

const secret = generateSecret()
const START = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

/** A cookie that a real sign-in gave. */
async function signedInValue(options: Partial<SessionManagerOptions<AnyData>> = {}): Promise<string> {
  const { visit, jar } = site<AnyData>({ secret, ...options })
  await visit((session) => {
    session.signIn('u1')
    session.data.cart = ['a']
  })
  return jar.header().slice(jar.header().indexOf('=') + 1)
}

/** A value of our own making: the right tag, whatever is inside. */
function sealed(text: string | Uint8Array, at = START): Promise<string> {
  return sealValue(recordBytes({ createdAt: at, authTime: at }, text), { secret, at })
}

/** The answers of a site to a request with, and one without the cookie. */
async function compare(cookie: string, at = START) {
  const { manager, clock, events } = site({ secret })
  clock.set(at)
  const app = new Hono<SessionEnv>()
  app.use(session(manager))
  app.get('/open', (c) => c.json([c.var.session, c.var.session.data, c.var.session.flash('a') ?? null], 200))
  app.get('/account', requireUser(), (c) => c.text(c.var.session.userId))
  const answers = async (headers: Record<string, string>) => [
    await wire(
      await manager.handle(new Request('https://example.test/', { headers }), (current) =>
        Response.json([current.userId ?? null, current.isNew, current.data, current.flash('a') ?? null]),
      ),
    ),
    await wire(await app.request('/account', { headers })),
  ]
  const got = await answers({ Cookie: cookie })
  expect(got).toEqual(await answers({}))
  const [first, second, ...more] = events
  expect(more).toEqual([])
  expect(second).toEqual(first)
  return first
}

test('the sealer of these tests makes cookies that open', async () => {
  const { visit, jar, events } = site({ secret })
  jar.set('__Host-session', await sealed('["u1",["pwd"],"aal1",null,{"notice":"hi"}]\n{"n":1}'))
  await visit((session) => {
    expect([session.userId, session.amr, session.acr]).toEqual(['u1', ['pwd'], 'aal1'])
    expect([session.authTime, session.createdAt]).toEqual([START, START])
    expect([session.flash('notice'), session.data]).toEqual(['hi', { n: 1 }])
  })
  expect(events).toEqual([])
})

type Kind = [name: string, reason: RejectReason, value: () => string | Promise<string>, at?: number]

const kinds: Kind[] = [
  ['empty', 'malformed', () => ''],
  ['short', 'malformed', () => 'AQ'],
  ['cut by a character', 'malformed', async () => (await valueOfLength(1)).slice(0, -1)],
  ['cut by four characters', 'forged', async () => (await valueOfLength(0)).slice(0, -4)],
  ['cut to its head', 'malformed', async () => (await signedInValue()).slice(0, 12)],
  ['extended by a character', 'malformed', async () => `${await valueOfLength(0)}A`],
  ['extended by four characters', 'forged', async () => `${await valueOfLength(0)}AAAA`],
  ['twice behind itself', 'forged', async () => (await valueOfLength(0)).repeat(2)],
  ['padded', 'malformed', async () => `${await signedInValue()}=`],
  ['quoted', 'malformed', async () => `"${await signedInValue()}"`],
  ['percent-encoded', 'malformed', async () => `%41${(await signedInValue()).slice(1)}`],
  ['with other unused bits', 'malformed', async () => bumpLast(await valueOfLength(1))],
  ['in the other alphabet', 'malformed', () => base64url(random(96)).replace(/^.{4}/, '+/+/')],
  ['not base64', 'malformed', () => '../../etc/passwd\u0000'.replace('\u0000', '%00')],
  [
    'JSON in base64',
    'unknown-version',
    () => base64url(encode(JSON.stringify({ userId: 'root', pad: 'x'.repeat(64) }))),
  ],
  ['64 KiB', 'too-long', () => 'A'.repeat(65_536)],
  ['random', 'unknown-version', () => base64url(join(new Uint8Array([255]), random(99)))],
  ['of an unknown version', 'unknown-version', () => reseal({ version: 2 })],
  ['of version 0', 'unknown-version', () => reseal({ version: 0 })],
  ['of an unknown key id', 'unknown-key', () => reseal({ kid: random(4) })],
  ['under another secret', 'unknown-key', () => reseal({ secret: generateSecret() })],
  [
    'under another secret with our key id',
    'forged',
    async () => reseal({ secret: generateSecret(), kid: await ourKid() }),
  ],
  ['of another cookie name', 'forged', () => reseal({ cookieName: '__Host-admin' })],
  ['of another purpose', 'forged', () => reseal({ purpose: 'record' })],
  ['of a store key', 'forged', () => reseal({ storeKey: 'k' })],
  ['of an hour to come', 'hour-out-of-range', () => reseal({ at: START + HOUR })],
  ['of an hour 60.001 s ahead', 'hour-out-of-range', () => reseal({}), START - 60_001],
  ['of an hour too long ago', 'hour-out-of-range', () => reseal({ at: START - HOUR }), START + 1800_000],
  ['of the first hour there was', 'hour-out-of-range', () => reseal({ at: 0 })],
  ['idle at exactly its second', 'idle-timeout', () => signedInValue(), START + 1800_000],
  [
    'at exactly its absolute deadline',
    'absolute-timeout',
    () => signedInValue({ absoluteTimeout: 900 }),
    START + 900_000,
  ],
  [
    'issued 61 s ahead',
    'issued-in-future',
    () => sealValue(recordBytes({ createdAt: START + 61_000 }, '\n{}'), { secret, at: START }),
  ],
]

function reseal(options: Partial<Parameters<typeof sealValue>[1]>): Promise<string> {
  const content = recordBytes({ createdAt: START, authTime: START }, '["u1"]\n{"n":1}')
  return sealValue(content, { secret, at: START, ...options })
}

async function ourKid(): Promise<Uint8Array> {
  return fromBase64url(await reseal({})).slice(1, 5)
}

/** A value that is so many bytes more than a multiple of three. */
async function valueOfLength(rest: number): Promise<string> {
  for (let pad = 0; ; pad++) {
    const value = await sealed(`\n{"n":"${'x'.repeat(pad)}"}`)
    if (fromBase64url(value).length % 3 === rest) return value
  }
}

function bumpLast(value: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return value.slice(0, -1) + alphabet[alphabet.indexOf(value.at(-1) ?? '') + 1]
}

describe('row 71: a bad cookie is answered byte for byte like none', () => {
  test.each(kinds)('%s: %s', async (_, reason, value, at) => {
    const event = await compare(`__Host-session=${await value()}`, at)
    expect(event).toMatchObject({ type: 'reject', reason, cookie: '__Host-session' })
  })

  test('a bit flipped anywhere', async () => {
    const bytes = fromBase64url(await sealed('["u1"]\n{"n":1}'))
    const reasons = new Set<unknown>()
    for (const i of bytes.keys()) {
      const flipped = bytes.map((byte, at) => (at === i ? byte ^ (1 << (i % 8)) : byte))
      const event = await compare(`__Host-session=${base64url(flipped)}`)
      reasons.add(event?.type === 'reject' && event.reason)
    }
    expect([...reasons].sort()).toEqual(['forged', 'hour-out-of-range', 'unknown-key', 'unknown-version'])
  })
})

const undecodable: [name: string, content: string | Uint8Array][] = [
  ['invalid UTF-8', join(encode('\n{"n":"'), new Uint8Array([0xc3, 0x28]), encode('"}'))],
  ['an overlong encoding', join(encode('\n{"n":"'), new Uint8Array([0xc0, 0xaf]), encode('"}'))],
  ['a surrogate in UTF-8', join(encode('\n{"n":"'), new Uint8Array([0xed, 0xa0, 0x80]), encode('"}'))],
  ['a byte order mark', '\n\ufeff{}'],
  ['nothing at all', ''],
  ['no line feed', '["u1"]{}'],
  ['no data', '["u1"]\n'],
  ['invalid JSON', '["u1"]\n{n:1}'],
  ['cut JSON', '["u1"]\n{"n":1'],
  ['two values', '["u1"]\n{}{}'],
  ['null as data', '["u1"]\nnull'],
  ['a list as data', '["u1"]\n[]'],
  ['a number as data', '["u1"]\n1'],
  ['a string as data', '["u1"]\n"{}"'],
  ['invalid meta', '["u1"\n{}'],
  ['an object as meta', '{"0":"u1"}\n{}'],
  ['a string as meta', '"u1"\n{}'],
  ['null as meta', 'null\n{}'],
  ['a number as user', '[1]\n{}'],
  ['true as user', '[true]\n{}'],
  ['an object as user', '[{"toString":"u1"}]\n{}'],
  ['a string as amr', '["u1","pwd"]\n{}'],
  ['an object as amr', '["u1",{"length":1}]\n{}'],
  ['numbers in amr', '["u1",[1]]\n{}'],
  ['a number as acr', '["u1",null,3]\n{}'],
  ['a list as acr', '["u1",null,["aal3"]]\n{}'],
  ['a list as flash', '["u1",null,null,null,[]]\n{}'],
  ['a string as flash', '["u1",null,null,null,"notice"]\n{}'],
  ['__proto__ in data', '["u1"]\n{"__proto__":{"isAdmin":true}}'],
  ['__proto__ deep in data', '["u1"]\n{"a":[{"b":{"__proto__":null}}]}'],
  ['__proto__ in data, its underscore escaped', '["u1"]\n{"\\u005F_proto__":1}'],
  ['__proto__ in data, a letter escaped', '["u1"]\n{"__\\u0070roto__":1}'],
  [
    '__proto__ in data, all of it escaped',
    '["u1"]\n{"\\u005f\\u005F\\u0070\\u0072\\u006f\\u0074\\u006F\\u005f\\u005f":1}',
  ],
  ['__proto__ in flash', '["u1",null,null,null,{"__proto__":{"a":1}}]\n{}'],
  ['cut JSON, nested deep', `["u1"]\n${'{"a":'.repeat(500)}1`],
]

describe('row 88: content that is no session, under a right tag, is anonymous with one event', () => {
  test.each(undecodable)('%s', async (_, content) => {
    const event = await compare(`__Host-session=${await sealed(content)}`)
    expect(event).toMatchObject({ type: 'reject', reason: 'undecodable' })
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined()
  })

  test.each([0, 1, 16, 37])('%i bytes', async (length) => {
    const value = await sealValue(new Uint8Array(length), { secret, at: START })
    expect(await compare(`__Host-session=${value}`)).toMatchObject({ reason: 'undecodable' })
  })

  test('the word __proto__ and its escapes as a value are no reason to refuse', async () => {
    const { visit, jar } = site({ secret })
    await visit((session) => {
      session.data.text = '__proto__ \\u005f \u0001'
    })
    jar.set('__Host-session', jar.get('__Host-session') ?? '')
    expect(await visit((session) => session.data.text)).toBe('__proto__ \\u005f \u0001')
  })
})

describe('row 62: several cookies of the name', () => {
  const pair = (value: string) => `__Host-session=${value}`

  test('a hundred of them are not looked at, though each is authentic', async () => {
    const value = await signedInValue()
    const event = await compare(Array.from({ length: 100 }, () => pair(value)).join('; '))
    expect(event).toMatchObject({ type: 'reject', reason: 'too-many' })
  })

  test('two authentic ones of different sessions are ambiguous, in either order', async () => {
    const values = [pair(await signedInValue()), pair(await signedInValue())]
    for (const cookie of [values, values.toReversed()]) {
      expect(await compare(cookie.join('; '))).toMatchObject({ type: 'reject', reason: 'ambiguous' })
    }
  })

  test('an authentic one opens among three bad ones, wherever it stands', async () => {
    const good = pair(await signedInValue())
    for (const place of [0, 1, 2, 3]) {
      const { visit, events } = site({ secret })
      const cookies = ['', 'AAAA', await reseal({ purpose: 'record' })].map(pair).toSpliced(place, 0, good)
      const headers = { cookie: cookies.join('; ') }
      expect(await visit((session) => session.userId, { headers })).toBe('u1')
      expect(events.map(({ type }) => type)).toEqual(['reject', 'reject', 'reject'])
    }
  })

  test('of two copies of one session the one seen last opens, in either order', async () => {
    const { visit, jar, clock, manager } = site({ secret })
    await visit((session) => session.signIn('u1'))
    const older = pair(jar.get('__Host-session') ?? '')
    clock.advance(10)
    await visit((session) => {
      session.data.n = 1
    })
    const newer = pair(jar.get('__Host-session') ?? '')
    for (const cookie of [`${older}; ${newer}`, `${newer}; ${older}`]) {
      const session = await manager.open(new Request('https://example.test/', { headers: { cookie } }))
      expect(session.data).toEqual({ n: 1 })
    }
  })
})

test('row 57: the session is read from the Cookie header and nowhere else', async () => {
  const value = await signedInValue()
  const { manager } = site({ secret })
  const url = `https://example.test/?__Host-session=${value}&session=${value}#${value}`
  const headers = {
    Authorization: `Bearer ${value}`,
    'X-Session': value,
    'Set-Cookie': `__Host-session=${value}`,
    'Content-Type': 'application/x-www-form-urlencoded',
  }
  const body = `__Host-session=${value}`
  const session = await manager.open(new Request(url, { method: 'POST', headers, body }))
  expect(session.isNew).toBe(true)
})
