import { Hono } from 'hono'
import { createSessionManager, type SessionInfo } from 'wafer-session'
import { returnPath, type SessionEnv, session } from 'wafer-session/hono'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FuzzTarget, must } from '../fuzz-target.ts'
import { headerValue } from '../header-value.ts'
import { mutateJson, mutateText } from '../mutate.ts'
import { NOW, SECRET } from '../sealer.ts'

interface Client {
  readonly remote: string
  readonly headers: Readonly<Record<string, string>>
}

const PROXIES = ['10.0.0.0/8', '2001:db8:ffff::/48', '192.0.2.1']
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const CLIENTS: readonly Client[] = [
  { remote: '10.1.2.3', headers: { 'X-Forwarded-For': '198.51.100.7, 10.0.0.9', 'User-Agent': BROWSER } },
  { remote: '::ffff:10.1.2.3', headers: { 'X-Forwarded-For': '[2001:db8:7::1]:4711,192.0.2.1:80' } },
  {
    remote: '192.0.2.1',
    headers: { 'X-Forwarded-For': '2001:db8:ffff::1, 2001:db8:0:0:1::192.0.2.33%eth0' },
  },
  { remote: '198.51.100.7', headers: { 'X-Forwarded-For': '203.0.113.9', 'User-Agent': 'curl/8.0' } },
  {
    remote: '10.1.2.3',
    headers: {
      'X-Forwarded-For': '203.0.113.9',
      'User-Agent':
        'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0',
      'Sec-CH-UA': '"Not/A)Brand";v="8", "Chromium";v="140", "Microsoft Edge";v="140"',
      'Sec-CH-UA-Platform': '"Windows"',
      'Sec-CH-UA-Mobile': '?0',
    },
  },
]
const WORDS = [
  '10.0.0.1',
  '::1',
  '::ffff:',
  '0x7f.1',
  '256.1.1.1',
  '1.2.3',
  '[',
  ']:1',
  '%',
  ', ',
  ',',
  ':',
  '"Not.A/Brand";v="99"',
  'X-Forwarded-For',
  'Firefox/1',
  'Android',
  '\u00a0',
]

function headersOf(client: unknown): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(Object((client as Client | null)?.headers))) {
    if (!/^[\w-]{1,60}$/.test(name)) continue
    headers.set(name, headerValue((JSON.stringify(value) ?? '').replace(/^"|"$/g, '')))
  }
  headers.delete('Cookie')
  return headers
}

async function readClient(input: string): Promise<string> {
  let client: Client | null = null
  try {
    client = JSON.parse(input)
  } catch {}
  const headers = headersOf(client)
  const remote = typeof client?.remote === 'string' ? client.remote : '10.1.2.3'
  const seen: SessionInfo[] = []
  const note = (info: SessionInfo): undefined => {
    seen.push(info)
  }
  const app = new Hono<SessionEnv>()
  const sessions = createSessionManager({
    secret: SECRET,
    clock: () => NOW,
    store: memoryStore({ clock: () => NOW }),
    binding: {
      userAgent: 'end',
      clientHints: 'end',
      address: 'end',
      custom: { value: (_, info) => note(info), action: 'report' },
    },
  })
  app.use(session(sessions, { trustedProxies: PROXIES }))
  app.get('/in', (c) => {
    c.var.session.signIn('u1')
    return c.text(c.var.session.id)
  })
  app.get('/', (c) => c.text(c.var.session.userId ?? 'nobody'))
  const env = { remoteAddr: { hostname: remote } }
  const signedIn = await app.request('/in', { headers }, env)
  must(signedIn.status === 200, `the sign-in is answered with ${signedIn.status}`)
  const address = seen[0]?.address
  headers.set('Cookie', signedIn.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '')
  const again = await app.request('/', { headers }, env)
  must((await again.text()) === 'u1', 'the same client is not let in again')

  const [{ device } = { device: undefined }] = await sessions.users.list('u1')
  must(device === undefined || /^[\w. -]{1,60}$/.test(device), `the device is called ${device}`)
  const forwarded = headers.get('X-Forwarded-For') ?? ''
  if (address === remote) return 'of the connection'
  must(typeof address === 'string' && forwarded.includes(address), `the address is ${address}`)
  must(!isOfProxy(address), `the address is that of a proxy: ${address}`)
  return 'forwarded'
}

/** 10.640.0.9 is no address, so none of a proxy's. */
function isOfProxy(address: string): boolean {
  return /^10(?:\.\d{1,3}){3}$/.test(address) && address.split('.').every((byte) => Number(byte) <= 255)
}

const BASES = ['https://site.test/a/b', 'http://localhost:8787/']

async function readReturnPath(input: string): Promise<string> {
  const path = returnPath(input, '/home')
  must(/^\/[\x21-\x7e]*$/.test(path), 'it is no path')
  // As browsers read it, and parsers that know backslashes or drop blanks.
  const readings = [path, path.replaceAll('\\', '/'), path.replace(/[\t\r\n]/g, ''), decoded(path)]
  for (const base of BASES) {
    for (const reading of readings) {
      must(
        !URL.canParse(reading, base) ||
          reading === readings[3] ||
          new URL(reading, base).origin === new URL(base).origin,
        `it leads to another site: ${reading}`,
      )
    }
    must(new URL(path, base).origin === new URL(base).origin, 'it leads to another site')
  }
  must(!/^\/[/\\]/.test(path), 'it may be a host')
  must(returnPath(path, '/home') === path, 'what it gives is not what it takes')
  return path === '/home' ? 'otherwise' : 'path'
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** What a request says of its client, and where it wants to go back to. */
export function clientTargets(): FuzzTarget[] {
  return [
    {
      name: 'client',
      seeds: CLIENTS.map((client) => JSON.stringify(client)),
      words: WORDS,
      mutate: mutateJson,
      outcomes: ['of the connection', 'forwarded'],
      share: 0.2,
      read: readClient,
    },
    {
      name: 'return path',
      seeds: [
        '/',
        '/account?tab=1#top',
        '/a/../b/./c',
        '/.//elsewhere.test',
        '//elsewhere.test/',
        '/\\elsewhere.test',
        'https://elsewhere.test/',
        '/%2f%2felsewhere.test',
        '/a;b=c?d=//e',
        '/\telsewhere',
      ],
      words: [
        '//',
        '/',
        '\\',
        '/.',
        '/..',
        '/%2e',
        '%2f',
        '@',
        ':',
        'https:',
        'javascript:',
        '?',
        '#',
        '\t',
        '\r\n',
        '[',
        '|',
      ],
      mutate: mutateText,
      outcomes: ['otherwise', 'path'],
      share: 4,
      read: readReturnPath,
    },
  ]
}
