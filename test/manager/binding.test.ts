import { describe, expect, test } from 'vitest'
import {
  type BindingOptions,
  createSessionManager,
  generateSecret,
  type Session,
  type SessionEvent,
  type SessionInfo,
  type SessionManager,
  type SessionManagerOptions,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { cookieValue } from '../support/visitor.ts'
import { decodeFields, openValue } from '../support/wafer1.ts'
import { watchedStore } from '../support/watched-store.ts'

const MODES = ['sealed', 'revocations', 'store'] as const
type Mode = (typeof MODES)[number]

/** A client: what it says of itself, and what the runtime knows of it. */
interface Client extends SessionInfo {
  readonly headers?: Record<string, string>
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0'
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36'
const HINTS = {
  'Sec-CH-UA': '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  'Sec-CH-UA-Mobile': '?0',
  'Sec-CH-UA-Platform': '"Windows"',
}

function bound(mode: Mode, binding: BindingOptions | undefined, given: Partial<SessionManagerOptions> = {}) {
  const clock = fakeClock()
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => events.push(event)
  const store = watchedStore(memoryStore({ clock }))
  const kept = mode === 'sealed' ? {} : { [mode]: store }
  const options = { secret: generateSecret(), clock, onEvent, binding, ...kept, ...given }
  const manager = createSessionManager(options)
  const reports = () => events.filter(({ type }) => type === 'binding')
  return { manager, clock, events, store, options, reports }
}

/** One request of a client: the Cookie header that it has afterwards, and whom it was taken for. */
async function send(
  manager: SessionManager,
  client: Client,
  cookie = '',
  page: (session: Session) => unknown = () => {},
): Promise<{ cookie: string; userId: string | undefined }> {
  const { headers, ...info } = client
  const request = new Request('https://example.test/', {
    headers: { ...headers, ...(cookie && { Cookie: cookie }) },
  })
  const session = await manager.open(request, info)
  const { userId } = session
  await page(session)
  const [line] = await manager.commit(session)
  return { cookie: line === undefined ? cookie : line.slice(0, line.indexOf(';')), userId }
}

async function signIn(manager: SessionManager, client: Client): Promise<string> {
  return (await send(manager, client, '', (session) => session.signIn('u1'))).cookie
}

async function userOf(manager: SessionManager, client: Client, cookie: string): Promise<string | undefined> {
  return (await send(manager, client, cookie)).userId
}

const change = (session: Session) => {
  session.data.n = 1
}

/** For each kind: how it is asked for, a client, and another one. */
const KINDS: [kind: string, (action: 'report' | 'end') => BindingOptions, Client, Client][] = [
  [
    'userAgent',
    (action) => ({ userAgent: action }),
    { headers: { 'User-Agent': FIREFOX } },
    { headers: { 'User-Agent': CHROME } },
  ],
  [
    'clientHints',
    (action) => ({ clientHints: action }),
    { headers: HINTS },
    { headers: { ...HINTS, 'Sec-CH-UA-Platform': '"macOS"' } },
  ],
  ['address', (action) => ({ address: action }), { address: '192.0.2.1' }, { address: '198.51.100.1' }],
  ['network', (action) => ({ network: action }), { network: 'AS64500' }, { network: 'AS64501' }],
  [
    'custom',
    (action) => ({ custom: { action, value: ({ headers }) => headers.get('X-Device') ?? undefined } }),
    { headers: { 'X-Device': 'device-1' } },
    { headers: { 'X-Device': 'device-2' } },
  ],
]

describe.each(MODES)('binding, %s', (mode) => {
  test.each(KINDS)('%s: the same client goes on', async (_, options, client) => {
    const { manager, events } = bound(mode, options('end'))
    let cookie = await signIn(manager, client)
    for (const page of [() => {}, change, (session: Session) => session.regenerate()]) {
      const answer = await send(manager, client, cookie, page)
      expect(answer.userId).toBe('u1')
      cookie = answer.cookie
    }
    expect(events.map(({ type }) => type)).toEqual(['create', 'regenerate'])
  })

  test.each(KINDS)('%s: another client is refused, and nothing of either is told', async (kind, ...rest) => {
    const [options, client, other] = rest
    const { manager, events } = bound(mode, options('end'))
    const cookie = await signIn(manager, client)
    const copy = await send(manager, other, cookie)
    expect(copy).toEqual({ cookie, userId: undefined })
    const names = { sessionId: expect.any(String), userId: 'u1' }
    expect(events.slice(1)).toEqual([
      expect.objectContaining({ type: 'binding', changed: [kind], ...names }),
      ...(mode === 'sealed' ? [] : [expect.objectContaining({ type: 'end', reason: 'binding', ...names })]),
      expect.objectContaining({ type: 'reject', reason: 'binding', ...names }),
    ])
    const { headers, ...info } = { headers: {}, ...other }
    for (const value of [...Object.values(headers), ...Object.values(info), cookieValue(cookie)]) {
      expect(JSON.stringify(events)).not.toContain(value)
    }
  })

  test.each(KINDS)(
    '%s: with report another client goes on, and is reported until a write keeps it',
    async (kind, ...rest) => {
      const [options, client, other] = rest
      const { manager, reports } = bound(mode, options('report'))
      const cookie = await signIn(manager, client)
      expect(await send(manager, other, cookie)).toEqual({ cookie, userId: 'u1' })
      expect(reports()).toEqual([expect.objectContaining({ changed: [kind], userId: 'u1' })])
      const { cookie: later, userId } = await send(manager, other, cookie, change)
      expect([userId, reports()]).toEqual(['u1', [expect.anything(), expect.anything()]])
      expect(await userOf(manager, other, later)).toBe('u1')
      expect(reports()).toHaveLength(2)
      expect(await userOf(manager, client, later)).toBe('u1')
      expect(reports()).toHaveLength(3)
    },
  )

  test.each(KINDS)(
    '%s: turned on later leaves older sessions alone until they authenticate again',
    async (_, ...rest) => {
      const [options, client, other] = rest
      const { manager: before, options: given } = bound(mode, undefined)
      const manager = createSessionManager({ ...given, binding: options('end') })
      let cookie = await signIn(before, client)
      cookie = (await send(manager, other, cookie, change)).cookie
      cookie = (await send(manager, other, cookie, (session) => session.regenerate())).cookie
      expect(await userOf(manager, client, cookie)).toBe('u1')
      cookie = (await send(manager, other, cookie, (session) => session.reauthenticate())).cookie
      expect(await userOf(manager, other, cookie)).toBe('u1')
      expect(await userOf(manager, client, cookie)).toBeUndefined()
    },
  )

  test.each(KINDS)('%s: turned off later binds nothing', async (_, options, client, other) => {
    const { manager, options: given, reports } = bound(mode, options('end'))
    const cookie = await signIn(manager, client)
    for (const binding of [undefined, {}]) {
      expect(await userOf(createSessionManager({ ...given, binding }), other, cookie)).toBe('u1')
    }
    expect(reports()).toEqual([])
  })

  test.each(KINDS)('%s: regenerate binds nothing, reauthenticate does', async (_, options, client, other) => {
    const { manager, options: given } = bound(mode, options('end'))
    const unbound = createSessionManager({ ...given, binding: undefined })
    const cookie = await signIn(manager, client)
    const moved = await send(unbound, other, cookie, (session) => session.regenerate())
    expect(await userOf(manager, client, moved.cookie)).toBe('u1')
    const back = await send(manager, client, moved.cookie, (session) => session.reauthenticate())
    expect(await userOf(manager, client, back.cookie)).toBe('u1')
    expect(await userOf(manager, other, back.cookie)).toBeUndefined()
  })

  test('is made of all that is asked for, and ends for what is to end', async () => {
    const { manager, reports } = bound(mode, { userAgent: 'report', address: 'end', network: 'report' })
    const client = { headers: { 'User-Agent': FIREFOX }, address: '192.0.2.1', network: 'AS64500' }
    const cookie = await signIn(manager, client)
    expect(await userOf(manager, { ...client, headers: {}, network: 'AS64501' }, cookie)).toBe('u1')
    expect(await userOf(manager, { ...client, headers: {}, address: '198.51.100.1' }, cookie)).toBeUndefined()
    expect(reports()).toEqual([
      expect.objectContaining({ changed: ['userAgent', 'network'] }),
      expect.objectContaining({ changed: ['userAgent', 'address'] }),
    ])
  })

  test('holds an anonymous session too', async () => {
    const { manager } = bound(mode, { address: 'end' })
    const { cookie } = await send(manager, { address: '192.0.2.1' }, '', change)
    const pages = async (address: string) => {
      let isNew = true
      await send(manager, { address }, cookie, (session) => {
        isNew = session.isNew
      })
      return isNew
    }
    expect([await pages('192.0.2.1'), await pages('198.51.100.1')]).toEqual([false, true])
  })

  test('survives a regenerate that overtakes the write of the sign-in', async () => {
    const { manager } = bound(mode, { address: 'end' })
    const { cookie } = await send(manager, { address: '192.0.2.1' }, '', async (session) => {
      session.signIn('u1')
      const writing = session.commit()
      session.regenerate()
      await writing
    })
    expect(await userOf(manager, { address: '192.0.2.1' }, cookie)).toBe('u1')
    expect(await userOf(manager, { address: '198.51.100.1' }, cookie)).toBeUndefined()
  })

  test('is compared under the secret that it was made with, and moves to the first with a write', async () => {
    const [old, fresh] = [generateSecret(), generateSecret()]
    const { manager: before, options } = bound(mode, { address: 'end' }, { secret: old })
    const during = createSessionManager({ ...options, secret: [fresh, old] })
    const after = createSessionManager({ ...options, secret: fresh })
    const [client, other] = [{ address: '192.0.2.1' }, { address: '198.51.100.1' }]
    const stolen = await signIn(before, client)
    expect(await userOf(during, client, stolen)).toBe('u1')
    const { cookie } = await send(during, client, await signIn(before, client), change)
    expect(await userOf(during, other, stolen)).toBeUndefined()
    expect(await userOf(after, client, cookie)).toBe('u1')
    expect(await userOf(after, other, cookie)).toBeUndefined()
  })

  test('of a secret that is gone is made anew', async () => {
    const [old, fresh] = [generateSecret(), generateSecret()]
    const { manager: before, options } = bound(mode, { address: 'end' }, { secret: [fresh, old] })
    // A deployment without the option moves the session to the first secret, and leaves the binding where it was.
    const during = createSessionManager({ ...options, binding: undefined, secret: [old, fresh] })
    const after = createSessionManager({ ...options, secret: old })
    const [client, other] = [{ address: '192.0.2.1' }, { address: '198.51.100.1' }]
    const moved = await send(during, client, await signIn(before, client), change)
    const again = await send(after, client, moved.cookie, (session) => session.regenerate())
    expect(again.userId).toBe('u1')
    expect(await userOf(after, client, again.cookie)).toBe('u1')
    expect(await userOf(after, other, again.cookie)).toBeUndefined()
  })
})

describe('binding that ends the session, for its owner', () => {
  const [client, other] = [{ address: '192.0.2.1' }, { address: '198.51.100.1' }]

  test('in a store: at once and for every copy', async () => {
    const { manager, store } = bound('store', { address: 'end' })
    const cookie = await signIn(manager, client)
    await userOf(manager, other, cookie)
    expect(await userOf(manager, client, cookie)).toBeUndefined()
    expect(await manager.users.list('u1')).toEqual([])
    expect([...(await store.dump()).keys()]).toEqual([])
  })

  test('with revocations: within their bound', async () => {
    const { manager, clock } = bound('revocations', { address: 'end' })
    const cookie = await signIn(manager, client)
    await userOf(manager, other, cookie)
    clock.advance(59)
    expect(await userOf(manager, client, cookie)).toBe('u1')
    clock.advance(1)
    expect(await userOf(manager, client, cookie)).toBeUndefined()
  })

  test('sealed: not at all, since nothing can', async () => {
    const { manager, clock, events } = bound('sealed', { address: 'end' })
    const cookie = await signIn(manager, client)
    await userOf(manager, other, cookie)
    clock.advance(600)
    expect(await userOf(manager, client, cookie)).toBe('u1')
    expect(events.map(({ type }) => type)).toEqual(['create', 'binding', 'reject'])
  })

  test('is 503 when the store cannot write it', async () => {
    const clock = fakeClock()
    const memory = memoryStore({ clock })
    let down = false
    const update: typeof memory.update = async (...write) => {
      if (down) throw new Error('down')
      return memory.update(...write)
    }
    const { manager } = bound('store', { address: 'end' }, { clock, store: { ...memory, update } })
    const cookie = await signIn(manager, client)
    down = true
    await expect(userOf(manager, other, cookie)).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
    down = false
    expect(await userOf(manager, other, cookie)).toBeUndefined()
    expect(await userOf(manager, client, cookie)).toBeUndefined()
  })
})

describe('binding to an address or a network that the runtime does not know', () => {
  test.each(MODES)('at the sign-in holds nothing: %s', async (mode) => {
    const { manager, reports } = bound(mode, { address: 'end', network: 'end' })
    const cookie = await signIn(manager, {})
    expect(await userOf(manager, { address: '192.0.2.1', network: 'AS64500' }, cookie)).toBe('u1')
    expect(await userOf(manager, { address: '', network: '' }, cookie)).toBe('u1')
    expect(reports()).toEqual([])
  })

  test.each(MODES)(
    'later, as of a client that has hung up, opens nothing and ends nothing: %s',
    async (mode) => {
      const { manager, reports, events } = bound(mode, { address: 'end' })
      const cookie = await signIn(manager, { address: '192.0.2.1' })
      expect(await userOf(manager, {}, cookie)).toBeUndefined()
      expect(events.at(-1)).toMatchObject({ type: 'reject', reason: 'binding', userId: 'u1' })
      expect(await userOf(manager, { address: '192.0.2.1' }, cookie)).toBe('u1')
      expect(reports()).toEqual([])
    },
  )

  test.each(MODES)('later, with report, says nothing and forgets nothing: %s', async (mode) => {
    const { manager, reports } = bound(mode, { address: 'report' })
    const signedIn = await signIn(manager, { address: '192.0.2.1' })
    const { cookie, userId } = await send(manager, {}, signedIn, change)
    expect([userId, reports()]).toEqual(['u1', []])
    expect(await userOf(manager, { address: '198.51.100.1' }, cookie)).toBe('u1')
    expect(reports()).toHaveLength(1)
  })
})

describe('binding to what a client no longer sends, or sends anew', () => {
  test.each<[string, BindingOptions, Client]>([
    ['User-Agent', { userAgent: 'end' }, { headers: { 'User-Agent': FIREFOX } }],
    ['Sec-CH-UA', { clientHints: 'end' }, { headers: HINTS }],
    ['custom', KINDS[4]?.[1]('end') ?? {}, { headers: { 'X-Device': 'a' } }],
  ])('%s: it counts as another client', async (_, binding, client) => {
    const { manager } = bound('sealed', binding)
    const [having, lacking] = [await signIn(manager, client), await signIn(manager, {})]
    expect(await userOf(manager, {}, having)).toBeUndefined()
    expect(await userOf(manager, {}, lacking)).toBe('u1')
    expect(await userOf(manager, client, lacking)).toBeUndefined()
  })
})

/** Whether a session that one client opened goes on for the other. */
async function goesOn(binding: BindingOptions, before: Client, after: Client): Promise<boolean> {
  const { manager } = bound('sealed', binding)
  return (await userOf(manager, after, await signIn(manager, before))) === 'u1'
}

describe('binding.userAgent', () => {
  const agent = (text: string): Client => ({ headers: { 'User-Agent': text } })

  test.each([
    ['Firefox', FIREFOX, FIREFOX.replaceAll('146.0', '147.0.2')],
    ['Chrome', CHROME, CHROME.replace('143.0.0.0', '152.0.7204.101')],
    [
      'Safari, and macOS',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 11_0_0) AppleWebKit/618.2 (KHTML, like Gecko) Version/26.0 Safari/618.2',
    ],
    [
      'Android, and the model that no longer shows',
      'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.6099.43 Mobile Safari/537.36',
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36',
    ],
    ['curl', 'curl/8.5.0', 'curl/8.16.0'],
  ])('an update changes nothing: %s', async (_, before, after) => {
    expect(await goesOn({ userAgent: 'end' }, agent(before), agent(after))).toBe(true)
  })

  test.each([
    ['the browser', CHROME, CHROME.replace('Safari/537.36', 'Safari/537.36 Edg/143.0.0.0')],
    ['the system', FIREFOX, FIREFOX.replace('X11; Linux x86_64', 'Windows NT 10.0; Win64; x64')],
    ['the program', 'curl/8.5.0', 'Wget/1.21.4'],
  ])('another one changes it: %s', async (_, before, after) => {
    expect(await goesOn({ userAgent: 'end' }, agent(before), agent(after))).toBe(false)
  })
})

describe('binding.clientHints', () => {
  const hints = (brands: string, other: Record<string, string> = {}): Client => ({
    headers: { ...HINTS, 'Sec-CH-UA': brands, ...other },
  })
  const before = hints(HINTS['Sec-CH-UA'])

  test.each([
    '"Chromium";v="143", "Google Chrome";v="143", "Not_A Brand";v="99"',
    '"Not A(Brand";v="24", "Google Chrome";v="143", "Chromium";v="143"',
    '"Google Chrome";v="143","Not/A)Brand";v="8","Chromium";v="143"',
    '"Google Chrome" ; v="143", "Chromium" ; v="143", "Not:A-Brand" ; v="24"',
    ...[' ', '(', ':', '-', '.', '/', ')', ';', '=', '?', '_'].map(
      (char) => `"Chromium";v="150", "Not${char}A${char}Brand";v="99", "Google Chrome";v="150"`,
    ),
    '" Not A;Brand";v="99", "Chromium";v="98", "Google Chrome";v="98"',
    '"Chromium";v="142", "Google Chrome";v="142"',
  ])('an update, another order and another invented brand change nothing: %s', async (brands) => {
    expect(await goesOn({ clientHints: 'end' }, before, hints(brands))).toBe(true)
  })

  test.each<[string, Client]>([
    ['a brand', hints(HINTS['Sec-CH-UA'].replace('Google Chrome', 'Microsoft Edge'))],
    ['one brand less', hints('"Chromium";v="142", "Not_A Brand";v="99"')],
    ['the platform', hints(HINTS['Sec-CH-UA'], { 'Sec-CH-UA-Platform': '"Linux"' })],
    ['mobility', hints(HINTS['Sec-CH-UA'], { 'Sec-CH-UA-Mobile': '?1' })],
    ['none at all', {}],
    ['junk', hints('Chromium 142')],
  ])('another client changes it: %s', async (_, after) => {
    expect(await goesOn({ clientHints: 'end' }, before, after)).toBe(false)
  })
})

describe('binding.address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.255'],
    ['192.0.2.1', '::ffff:192.0.2.9'],
    ['::ffff:c000:201', '192.0.2.9'],
    ['0:0:0:0:0:FFFF:192.0.2.1', '192.0.2.9'],
    ['2001:db8:1::1', '2001:db8:1:ffff:1:2:3:4'],
    ['2001:db8:1::1', '2001:0DB8:0001:2::'],
    ['2001:db8:1::1', '2001:db8:1::198.51.100.1'],
    ['fe80::1%eth0', 'fe80::2%wlan0'],
    ['junk', 'junk'],
  ])('%s and %s are one prefix', async (before, after) => {
    expect(await goesOn({ address: 'end' }, { address: before }, { address: after })).toBe(true)
  })

  test.each([
    ['192.0.2.1', '192.0.3.1'],
    ['192.0.2.1', '::ffff:192.0.3.1'],
    ['::ffff:c000:201', '::ffff:c000:301'],
    ['192.0.2.1', '::192.0.2.1'],
    ['2001:db8:1::1', '2001:db8:2::1'],
    ['2001:db8:1::1', '2001:db9::1'],
    ['32.1.13.184', '2001:db8::1'],
    ['junk', 'rubbish'],
    ['192.0.2.1', '192.0.2'],
    ['192.0.2.1', '192.0.2.256'],
    ['192.0.2.1', '192.0.2.1.1'],
    ['192.0.2.1', '0x192.0.2.1'],
    ['2001:db8:1::1', '2001:db8:1:::1'],
  ])('%s and %s are two', async (before, after) => {
    expect(await goesOn({ address: 'end' }, { address: before }, { address: after })).toBe(false)
  })
})

describe('binding.custom', () => {
  test('is given the request and what the runtime knows', async () => {
    const seen: unknown[] = []
    const value = ({ url, headers }: Request, info: SessionInfo) => {
      seen.push([url, headers.get('X-Device'), info])
      return 'same'
    }
    const { manager } = bound('sealed', { custom: { action: 'end', value } })
    const info = { address: '192.0.2.1', network: 'AS64500', location: 'Lisbon, PT' }
    const client = { headers: { 'X-Device': 'a' }, ...info }
    expect(await userOf(manager, client, await signIn(manager, client))).toBe('u1')
    const call = ['https://example.test/', 'a', info]
    expect(seen).toEqual([call, call])
  })

  test.each([async () => 'a', () => 7, () => ({}), () => true])(
    'refuses what is no string, as every promise looks like any other: %s',
    async (value) => {
      const { manager } = bound('sealed', { custom: { action: 'end', value: value as never } })
      await expect(signIn(manager, {})).rejects.toThrow(TypeError)
      await expect(signIn(manager, {})).rejects.toThrow(/binding\.custom\.value must return a string/)
    },
  )
})

describe('row 2: nothing of what a session is bound to can be read', () => {
  const everything: BindingOptions = {
    userAgent: 'report',
    clientHints: 'report',
    address: 'report',
    network: 'report',
    custom: { action: 'report', value: ({ headers }) => headers.get('X-Device') ?? undefined },
  }
  const client = {
    headers: { 'User-Agent': FIREFOX, 'X-Device': 'the very device', ...HINTS },
    address: '192.0.2.77',
    network: 'AS64500',
  }
  const told = ['192.0.2', '11000000', 'AS64500', 'Firefox', 'Linux', 'Chromium', 'Windows', 'very device']

  test('in a cookie, opened with the key', async () => {
    const secret = generateSecret()
    const { manager } = bound('sealed', everything, { secret })
    const value = cookieValue(await signIn(manager, client))
    const { record } = await openValue(value, {
      secret: new TextEncoder().encode(secret),
      cookieName: '__Host-session',
    })
    const { meta } = decodeFields(record)
    const hash = expect.stringMatching(/^[\w-]{11}$/)
    expect(meta.at(-1)).toEqual({
      b: [
        expect.any(Number),
        { userAgent: hash, clientHints: hash, address: hash, network: hash, custom: hash },
      ],
    })
    for (const text of told) expect(JSON.stringify(meta)).not.toContain(text)
  })

  test('in a store, opened with the key: only the name of the device, for the list of devices', async () => {
    const secret = generateSecret()
    const { manager, store } = bound('store', everything, { secret })
    await signIn(manager, client)
    const [entry] = await store.dump()
    if (entry === undefined) throw new Error('Nothing is stored.')
    const [storeKey, { value }] = entry
    const opened = await openValue(value, {
      secret: new TextEncoder().encode(secret),
      cookieName: '__Host-session',
      purpose: 'record',
      storeKey,
    })
    const text = new TextDecoder().decode(opened.record)
    expect(text).toContain('"d":"Firefox on Linux"')
    const others = text.replace('"d":"Firefox on Linux"', '')
    expect(others).toMatch(/"address":"[\w-]{11}"/)
    for (const word of told) expect(others).not.toContain(word)
  })

  test('and of two applications, or two kinds, no two hashes are alike', async () => {
    const same = { network: 'a', headers: { 'X-Device': 'a' } }
    const binding = { network: 'report', custom: everything.custom } as const
    const hashes = await Promise.all(
      [generateSecret(), generateSecret()].map(async (secret) => {
        const { manager } = bound('sealed', binding, { secret })
        const owner = { secret: new TextEncoder().encode(secret), cookieName: '__Host-session' }
        const { record } = await openValue(cookieValue(await signIn(manager, same)), owner)
        return Object.values((decodeFields(record).meta.at(-1) as { b: [number, object] }).b[1])
      }),
    )
    expect(new Set(hashes.flat()).size).toBe(4)
  })
})
