import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { generateSecret, type SessionInfo } from 'wafer-session'
import { type InfoOptions, type SessionEnv, session } from 'wafer-session/hono'
import { memoryStore } from 'wafer-session/stores/memory'

/** A request as a server hands it to Hono. */
interface Incoming {
  readonly headers?: Record<string, string> | [string, string][]
  /** Only Workers have it. */
  readonly cf?: object
  /** Hono's environment: what the server knows of the connection, or the bindings. */
  readonly env?: object
}

/** What the session middleware knows of the client of a request, at its sign-in. */
async function infoOf(incoming: Incoming, options: InfoOptions = {}): Promise<SessionInfo> {
  const seen: SessionInfo[] = []
  const value = (_: Request, { address, network, location }: SessionInfo) => {
    seen.push({ address, network, location })
    return ''
  }
  const app = new Hono<SessionEnv>()
  app.use(session({ secret: generateSecret(), binding: { custom: { action: 'report', value } } }, options))
  app.post('/', (c) => {
    c.var.session.signIn('u1')
    return c.text('ok')
  })
  const request = new Request('https://example.test/', { method: 'POST', headers: incoming.headers ?? {} })
  if (incoming.cf !== undefined) Object.defineProperty(request, 'cf', { value: incoming.cf })
  expect((await app.fetch(request, incoming.env)).status).toBe(200)
  expect(seen).toHaveLength(1)
  return seen[0] as SessionInfo
}

async function addressOf(incoming: Incoming, options?: InfoOptions): Promise<string | undefined> {
  return (await infoOf(incoming, options)).address
}

/** A connection as Deno tells of it. */
function from(hostname: string, forwarded?: string): Incoming {
  return {
    env: { remoteAddr: { transport: 'tcp', hostname, port: 4711 } },
    headers: forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded },
  }
}

/** Whatever a client may say of itself. */
const CLAIMS = {
  'X-Forwarded-For': '198.51.100.66',
  'X-Real-IP': '198.51.100.66',
  'CF-Connecting-IP': '198.51.100.66',
  'True-Client-IP': '198.51.100.66',
  Forwarded: 'for=198.51.100.66',
}

describe('the address of a client is that of its connection', () => {
  test.each<[string, object]>([
    ['Deno', { remoteAddr: { transport: 'tcp', hostname: '192.0.2.1', port: 4711 } }],
    ['Bun', { requestIP: () => ({ address: '192.0.2.1', family: 'IPv4', port: 4711 }) }],
    ['Bun beside bindings', { server: { requestIP: () => ({ address: '192.0.2.1' }) } }],
    ['Node', { incoming: { socket: { remoteAddress: '192.0.2.1' } }, outgoing: {} }],
  ])('on %s, whatever the client says', async (_, env) => {
    expect(await addressOf({ env })).toBe('192.0.2.1')
    expect(await addressOf({ env, headers: CLAIMS })).toBe('192.0.2.1')
  })

  test.each<[string, object | undefined]>([
    ['no environment', undefined],
    ['bindings only', { SESSION_SECRET: 'x', KV: {} }],
    ['a socket that has closed', { incoming: { socket: {} } }],
    ['a request that Bun does not know', { requestIP: () => null }],
    ['a Unix socket under Deno', { remoteAddr: { transport: 'unix', path: '/run/x' } }],
  ])('and unknown with %s, whatever the client says', async (_, env) => {
    expect(await addressOf({ ...(env && { env }), headers: CLAIMS })).toBeUndefined()
  })
})

describe('on Workers', () => {
  const cf = { asn: 64500, city: 'Lisbon', country: 'PT', colo: 'LIS' }

  test('address, network and location are what Cloudflare says', async () => {
    const headers = { ...CLAIMS, 'CF-Connecting-IP': '192.0.2.1' }
    expect(await infoOf({ cf, headers })).toEqual({
      address: '192.0.2.1',
      network: 'AS64500',
      location: 'Lisbon, PT',
    })
  })

  test.each<[object, Partial<SessionInfo>]>([
    [{ country: 'PT' }, { location: 'PT', network: undefined }],
    [{ city: 'Lisbon' }, { location: 'Lisbon', network: undefined }],
    [{ asn: 0 }, { location: undefined, network: 'AS0' }],
    [{}, { location: undefined, network: undefined }],
  ])('%j gives no more than it says', async (partial, expected) => {
    expect(await infoOf({ cf: partial })).toEqual({ address: undefined, ...expected })
  })

  test('the connection of a proxy before Cloudflare can be trusted', async () => {
    const headers = { 'CF-Connecting-IP': '192.0.2.1', 'X-Forwarded-For': '203.0.113.9' }
    expect(await addressOf({ cf, headers }, { trustedProxies: ['192.0.2.1'] })).toBe('203.0.113.9')
  })

  test('request.cf is what counts: elsewhere CF-Connecting-IP is the word of a client', async () => {
    const incoming = { ...from('192.0.2.1'), headers: { 'CF-Connecting-IP': '198.51.100.66' } }
    expect(await addressOf(incoming)).toBe('192.0.2.1')
    expect(await addressOf({ headers: { 'CF-Connecting-IP': '198.51.100.66' } })).toBeUndefined()
  })
})

describe('trustedProxies', () => {
  const trustedProxies = ['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48', '::1']

  test.each<[connection: string, forwarded: string | undefined, address: string]>([
    // From no proxy: the header is the client's.
    ['203.0.113.9', '198.51.100.66', '203.0.113.9'],
    ['11.0.0.1', '198.51.100.66', '11.0.0.1'],
    ['192.0.2.8', '198.51.100.66', '192.0.2.8'],
    ['2001:db8:2::1', '198.51.100.66', '2001:db8:2::1'],
    // From a proxy, in whatever way it is written.
    ['10.255.0.1', '203.0.113.9', '203.0.113.9'],
    ['192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['::FFFF:a00:1', '203.0.113.9', '203.0.113.9'],
    ['2001:DB8:0001:0:0:0:0:1', '203.0.113.9', '203.0.113.9'],
    ['2001:db8:1::5%eth0', '203.0.113.9', '203.0.113.9'],
    ['0:0:0:0:0:0:0:1', '2001:db8:2::9', '2001:db8:2::9'],
    // Several: the last that is no proxy. What stands before it is the client's.
    ['10.0.0.1', '198.51.100.66, 203.0.113.9', '203.0.113.9'],
    ['10.0.0.1', '198.51.100.66, 203.0.113.9, 10.2.2.2,192.0.2.7', '203.0.113.9'],
    ['10.0.0.1', '10.9.9.9, 203.0.113.9', '203.0.113.9'],
    // Nobody but proxies.
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', ' , ,', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.2, 192.0.2.7', '10.0.0.1'],
    // With ports, which change with every connection.
    ['10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
    ['10.0.0.1', '[2001:db8:2::9]:4711, 10.0.0.2:80', '2001:db8:2::9'],
    ['10.0.0.1', '[2001:db8:2::9]', '2001:db8:2::9'],
    // An IPv6 address is no IPv4 one whose bits begin alike, and the other way round.
    ['0a00::1', '198.51.100.66', '0a00::1'],
    ['32.1.13.184', '198.51.100.66', '32.1.13.184'],
    // What is no address is no proxy.
    ['10.0.0.1', '203.0.113.9, unknown', 'unknown'],
    ['junk', '203.0.113.9', 'junk'],
    ['10.0.0', '203.0.113.9', '10.0.0'],
    ['10.0.0.256', '203.0.113.9', '10.0.0.256'],
    ['10.0.0.1.1', '203.0.113.9', '10.0.0.1.1'],
    ['x:10.0.0.1', '203.0.113.9', 'x:10.0.0.1'],
    ['2001::10.0.0.1', '203.0.113.9', '2001::10.0.0.1'],
    ['10.0.0.1::', '203.0.113.9', '10.0.0.1::'],
    ['::1::', '203.0.113.9', '::1::'],
    ['2001:db8:1::1::', '203.0.113.9', '2001:db8:1::1::'],
    ['2001:db8:1:0:0:0:0', '203.0.113.9', '2001:db8:1:0:0:0:0'],
    ['2001:db8:1:0:0:0:0:0:0', '203.0.113.9', '2001:db8:1:0:0:0:0:0:0'],
    ['2001:db8:1:0:0:0::0', '203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:0:0:0:0:0::', '203.0.113.9', '2001:db8:1:0:0:0:0:0::'],
    ['2001:db8:00001::', '203.0.113.9', '2001:db8:00001::'],
  ])('a connection from %s that forwards %j is the client %s', async (connection, forwarded, address) => {
    expect(await addressOf(from(connection, forwarded), { trustedProxies })).toBe(address)
  })

  test('reads several header lines as one', async () => {
    const headers: [string, string][] = [
      ['X-Forwarded-For', '198.51.100.66'],
      ['X-Forwarded-For', '203.0.113.9, 10.0.0.2'],
    ]
    expect(await addressOf({ ...from('10.0.0.1'), headers }, { trustedProxies })).toBe('203.0.113.9')
  })

  test.each<[network: string, inside: string, outside: string]>([
    ['192.0.2.0/25', '192.0.2.127', '192.0.2.128'],
    ['192.0.2.1/32', '192.0.2.1', '192.0.2.0'],
    ['0.0.0.0/1', '127.0.0.1', '128.0.0.1'],
    ['192.0.2.77/24', '192.0.2.1', '192.0.3.1'],
    ['2001:db8::/33', '2001:db8:7fff::1', '2001:db8:8000::1'],
    ['2001:db8::1/128', '2001:db8::1', '2001:db8::2'],
    ['::ffff:10.0.0.0/104', '10.1.2.3', '11.1.2.3'],
    ['2400:cb00::/32', '2400:cb00::9', '36.0.203.0'],
  ])('%s has %s and not %s', async (network, inside, outside) => {
    const options = { trustedProxies: [network] }
    expect(await addressOf(from(inside, '203.0.113.9'), options)).toBe('203.0.113.9')
    expect(await addressOf(from(outside, '203.0.113.9'), options)).toBe(outside)
  })

  test('long junk is read in linear time', async () => {
    for (const part of ['1', '1.', ':', 'f:', '[', '1:1.', ', ', ' ', '::1,']) {
      const hops = part.repeat(80_000 / part.length)
      const start = performance.now()
      await addressOf(from('10.0.0.1', hops), { trustedProxies })
      await addressOf(from(hops, '203.0.113.9'), { trustedProxies })
      expect(performance.now() - start).toBeLessThan(3000)
    }
  })

  test.each([
    'loopback',
    '',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '0.0.0.0/0',
    '::/0',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-8',
    '10.0.0.0/0x8',
    '10.0.0.0/8.0',
    '10.0.0/8',
    '10.*',
    '10.0.0.1:80',
    '[::1]',
    'example.test',
    ' 10.0.0.1',
    7,
    null,
    undefined,
  ])('%j in it is refused at once', (entry) => {
    const options = { trustedProxies: ['10.0.0.1', entry as string] }
    expect(() => session({ secret: generateSecret() }, options)).toThrow(TypeError)
    expect(() => session({ secret: generateSecret() }, options)).toThrow(
      /trustedProxies wants addresses and networks, such as '10\.0\.0\.1' or '10\.0\.0\.0\/8'/,
    )
  })

  test.each(['10.0.0.1', null, {}, 1, true])('%j is refused at once: it must be a list', (trustedProxies) => {
    const options = { trustedProxies } as unknown as InfoOptions
    expect(() => session({ secret: generateSecret() }, options)).toThrow(TypeError)
    expect(() => session({ secret: generateSecret() }, options)).toThrow(/trustedProxies must be a list/)
  })
})

describe('info', () => {
  test('says more, or better, than the runtime', async () => {
    const options: InfoOptions = {
      info: (c) => ({ address: c.req.header('Fly-Client-IP'), location: 'Paris, FR', network: 'AS64511' }),
    }
    const incoming = { ...from('192.0.2.1'), cf: { asn: 1, city: 'Lisbon' } }
    expect(await infoOf({ ...incoming, headers: { 'Fly-Client-IP': '203.0.113.9' } }, options)).toEqual({
      address: '203.0.113.9',
      location: 'Paris, FR',
      network: 'AS64511',
    })
  })

  test('leaves what it does not say to the runtime', async () => {
    const incoming = { cf: { asn: 64500, city: 'Lisbon' }, headers: { 'CF-Connecting-IP': '192.0.2.1' } }
    expect(await infoOf(incoming, { info: () => ({}) })).toEqual({
      address: '192.0.2.1',
      network: 'AS64500',
      location: 'Lisbon',
    })
  })

  test('is refused at once when it is no function', () => {
    const options = { info: { address: '192.0.2.1' } } as unknown as InfoOptions
    expect(() => session({ secret: generateSecret() }, options)).toThrow('info must be a function.')
  })
})

test('users.list shows where the runtime says that a session was opened', async () => {
  const app = new Hono<SessionEnv>()
  const store = memoryStore()
  app.use(session({ secret: generateSecret(), store }))
  app.post('/', async (c) => {
    c.var.session.signIn('u1')
    await c.var.session.commit()
    return c.json(await c.var.sessions.users.list('u1'))
  })
  const request = new Request('https://example.test/', {
    method: 'POST',
    headers: { 'User-Agent': 'curl/8.5.0', 'CF-Connecting-IP': '192.0.2.1' },
  })
  Object.defineProperty(request, 'cf', { value: { city: 'Lisbon', country: 'PT' } })
  const listed = (await (await app.fetch(request)).json()) as object[]
  expect(listed).toEqual([expect.objectContaining({ device: 'curl', location: 'Lisbon, PT' })])
  expect(JSON.stringify(listed)).not.toContain('192.0.2.1')
})

test.each([{ country: 'PT' }, 7, ['Lisbon']])(
  'a location that is no text, such as %j, is a mistake of the set-up',
  async (location) => {
    const errors: unknown[] = []
    const app = new Hono<SessionEnv>()
    app.use(
      session({ secret: generateSecret(), store: memoryStore() }, { info: () => ({ location }) as never }),
    )
    app.onError((error, c) => {
      errors.push(error)
      return c.text('no', 500)
    })
    app.post('/', (c) => {
      c.var.session.signIn('u1')
      return c.text('in')
    })
    const response = await app.request('/', { method: 'POST' })
    expect([response.status, response.headers.getSetCookie()]).toEqual([500, []])
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('info.location') })])
  },
)
