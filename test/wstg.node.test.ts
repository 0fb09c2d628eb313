import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { fakeClock } from 'wafer-session/testing'
import { ask } from './support/bearer.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { type DemoClient, demoClient } from './support/demo-client.ts'
import { PASSWORDS } from './support/passwords.ts'
import type { AnyData } from './support/site.ts'

// The session tests of OWASP's Web Security Testing Guide, by number, against the demo on workerd over HTTP.

const secret = generateSecret()
/** As it is set up, with Durable Objects; and with sealed cookies, which are self-contained tokens. */
let demo: Demo
let sealed: Demo

beforeAll(async () => {
  ;[demo, sealed] = await Promise.all([startDemo({ secret }), startDemo({ secret, sessions: 'sealed' })])
}, 90_000)

afterAll(() => Promise.all([demo?.stop(), sealed?.stop()]))

const CLOSED = ['/account', '/account/email', '/account/devices', '/account/activity', '/checkout']
const ATTRIBUTES = ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']
const COOKIE = '__Host-session'

function visitor(to: Demo = demo): DemoClient {
  const send = (request: Request) =>
    fetch(request, { redirect: 'manual', signal: AbortSignal.timeout(20_000) })
  return demoClient({ fetch: send }, { origin: to.origin })
}

async function signedIn(name: 'ada' | 'grace' = 'ada', to: Demo = demo): Promise<DemoClient> {
  const client = visitor(to)
  await client.signIn(name)
  return client
}

/** A browser into which this value was put. */
function holding(value: string, to: Demo = demo): DemoClient {
  const client = visitor(to)
  client.setCookie(value)
  return client
}

/** Whose account it is, by its heading; where one is sent instead, the path. */
async function account(client: DemoClient): Promise<string | null> {
  const response = await client.get('/account')
  return response.headers.get('Location') ?? headingOf(await response.text())
}

const headingOf = (page: string) => /<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? null
const NOBODY = '/sign-in?return_to=%2Faccount'
const bytesOf = (value: string) => Buffer.from(value, 'base64url')

/** The Set-Cookie line of a response, by its parts. */
function lineOf(response: Response): string[] {
  const lines = response.headers.getSetCookie()
  expect(lines).toHaveLength(1)
  return (lines[0] ?? '').split('; ')
}

const addStroopwafel = { product: 'stroopwafel', change: '1' }

describe('WSTG-SESS-01: the session management schema', () => {
  test('WSTG-SESS-01: tokens of one user are long, and have nothing in common but version and key id', async () => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => signedIn('grace')))
    const tokens = clients.map((client) => client.cookie() ?? '')
    expect(new Set(tokens).size).toBe(tokens.length)
    for (const token of tokens) {
      expect(token.length).toBeGreaterThanOrEqual(50)
      expect(bytesOf(token).toString('latin1')).not.toContain('grace')
    }
    const constant = Array.from(bytesOf(tokens[0] ?? ''), (byte, at) =>
      tokens.every((token) => bytesOf(token)[at] === byte),
    )
    expect(constant.lastIndexOf(true)).toBe(4)
  })

  test('WSTG-SESS-01: a token that was changed anywhere is nobody’s', async () => {
    const token = (await signedIn()).cookie() ?? ''
    expect(await account(holding(token))).toBe('Ada')
    const bytes = bytesOf(token)
    // Not all of them: after 20 forged ones the demo's monitor asks everybody around for the password.
    for (let place = 0; place <= 8; place++) {
      const at = Math.floor((place * (bytes.length - 1)) / 8)
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await account(holding(changed.toString('base64url')))).toBe(NOBODY)
    }
  })
})

describe('WSTG-SESS-02: cookie attributes', () => {
  test('WSTG-SESS-02: every line has them: the first data, a sign-in, a sign-out', async () => {
    for (const to of [demo, sealed]) {
      const client = visitor(to)
      for (const step of [
        () => client.post('/cart', addStroopwafel),
        () => client.signIn('ada'),
        () => client.post('/sign-out'),
      ]) {
        const [pair = '', ...attributes] = lineOf(await step())
        expect(pair.startsWith(`${COOKIE}=`)).toBe(true)
        expect(attributes.filter((one) => !/^(?:Max-Age=0|Expires=)/.test(one))).toEqual(ATTRIBUTES)
      }
    }
  })

  test('WSTG-SESS-02: it is kept beyond the browser’s end for those only who ask to be remembered', async () => {
    const signIn = (fields: Record<string, string>) =>
      visitor().post('/sign-in', { name: 'ada', password: PASSWORDS.ada, ...fields })
    const lives = (parts: string[]) => parts.filter((part) => /^(?:Max-Age|Expires)=/.test(part))
    expect(lives(lineOf(await signIn({})))).toEqual([])
    const [maxAge = ''] = lives(lineOf(await signIn({ remember: 'yes' })))
    expect(Number(maxAge.slice('Max-Age='.length))).toBeGreaterThan(29 * 86_400)
    expect(Number(maxAge.slice('Max-Age='.length))).toBeLessThanOrEqual(30 * 86_400)
  })
})

describe('WSTG-SESS-03: session fixation', () => {
  test('WSTG-SESS-03: a token from before a sign-in opens nothing after it', async () => {
    const victim = visitor()
    await victim.post('/cart', addStroopwafel)
    const planted = victim.cookie() ?? ''
    await victim.signIn('ada')
    expect(victim.cookie()).not.toBe(planted)
    expect(await account(holding(planted))).toBe(NOBODY)
    expect(await account(victim)).toBe('Ada')
  })

  test('WSTG-SESS-03: a signed-in token that was planted does not become the victim’s', async () => {
    const planted = (await signedIn('grace')).cookie() ?? ''
    const victim = holding(planted)
    await victim.signIn('ada')
    expect(await account(victim)).toBe('Ada')
    expect(await account(holding(planted))).not.toBe('Ada')
  })

  test('WSTG-SESS-03: a made-up token is not taken over', async () => {
    const madeUp = Buffer.alloc(69, 7).toString('base64url')
    const victim = holding(madeUp)
    await victim.signIn('ada')
    expect(victim.cookie()).not.toBe(madeUp)
    expect(await account(holding(madeUp))).toBe(NOBODY)
  })
})

describe('WSTG-SESS-04: exposed session variables', () => {
  test('WSTG-SESS-04: the token is in Set-Cookie and nowhere else, and no cache may keep what it opened', async () => {
    const client = visitor()
    const answers = [await client.signIn('ada')]
    const token = client.cookie() ?? ''
    for (const path of ['/', '/cart', ...CLOSED, '/console/session']) answers.push(await client.get(path))
    for (const response of answers) {
      const headers = [...response.headers].filter(([name]) => name !== 'set-cookie')
      expect(JSON.stringify(headers)).not.toContain(token)
      expect(await response.text()).not.toContain(token)
      expect(response.headers.get('Cache-Control')).toMatch(/no-store|private/)
      expect(response.headers.get('Vary')).toMatch(/Cookie/i)
      expect(response.headers.get('Referrer-Policy')).toBe('same-origin')
    }
  })

  test('WSTG-SESS-04: a token in the URL, in a form or in another header opens nothing', async () => {
    const token = (await signedIn()).cookie() ?? ''
    const [path, headers] = [`/account?${COOKIE}=${token}`, { Authorization: `Bearer ${token}` }]
    const other = { ...headers, [COOKIE]: token, 'X-Session': token }
    const url = new URL(path, demo.origin)
    const byUrl = await fetch(url, { redirect: 'manual', headers: other })
    expect(byUrl.headers.get('Location')).toBe(NOBODY)
    const byForm = await visitor().post('/account/email', { [COOKIE]: token, email: 'thief@example.com' })
    expect(byForm.headers.get('Location')).toMatch(/^\/sign-in/)
  })
})

describe('WSTG-SESS-05: cross-site request forgery', () => {
  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['a sibling', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://sibling.example' }],
    ['another site, by a browser without Sec-Fetch-Site', { Origin: 'https://evil.example' }],
    ['a sandbox', { Origin: 'null' }],
  ])('WSTG-SESS-05: a form of %s changes nothing, with the cookie in it', async (_, headers) => {
    const ada = await signedIn()
    for (const [path, fields] of [
      ['/cart', addStroopwafel],
      ['/sign-out', {}],
      ['/account/devices', { end: 'others' }],
    ] as const) {
      const response = await fetch(new URL(path, demo.origin), {
        method: 'POST',
        redirect: 'manual',
        headers: { Cookie: `${COOKIE}=${ada.cookie()}`, ...headers },
        body: new URLSearchParams(fields),
      })
      expect(response.status).toBe(403)
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect(await account(ada)).toBe('Ada')
    expect(await (await ada.get('/cart')).text()).toContain('Nothing in it yet.')
  })

  test('WSTG-SESS-05: a form of the shop itself does, and a link changes nothing', async () => {
    const ada = await signedIn()
    expect((await ada.get('/sign-out')).status).toBe(404)
    expect(await account(ada)).toBe('Ada')
    await ada.post('/cart', addStroopwafel)
    expect(await (await ada.get('/cart')).text()).not.toContain('Nothing in it yet.')
  })
})

describe('WSTG-SESS-06: logout', () => {
  test('WSTG-SESS-06: every page for those who are signed in offers it', async () => {
    const ada = await signedIn()
    await ada.post('/cart', addStroopwafel)
    for (const path of [...CLOSED, '/confirm', '/cart', '/console/session']) {
      expect(await (await ada.get(path)).text()).toMatch(
        /<form[^>]*action="\/sign-out"[^>]*><button[^>]*>Sign out</,
      )
    }
  })

  test('WSTG-SESS-06: a copy from before the sign-out opens no page, and the browser keeps no page', async () => {
    const ada = await signedIn()
    const copy = ada.cookie() ?? ''
    expect((await ada.get('/account')).headers.get('Cache-Control')).toBe('no-store')
    await ada.post('/sign-out')
    expect(ada.cookie()).toBeUndefined()
    for (const path of CLOSED) {
      const response = await holding(copy).get(path)
      expect(response.headers.get('Location')).toBe(`/sign-in?return_to=${encodeURIComponent(path)}`)
    }
  })

  test('WSTG-SESS-06: with sealed cookies a copy does nothing that matters, from the sign-out on', async () => {
    const ada = await signedIn('ada', sealed)
    const copy = ada.cookie() ?? ''
    await ada.post('/sign-out')
    const thief = holding(copy, sealed)
    const answer = await thief.post('/account/email', { email: 'thief@example.com' })
    expect(answer.headers.get('Location')).toMatch(/^\/sign-in/)
  })
})

describe('WSTG-SESS-07: timeouts', () => {
  /** A cookie sealed in the past under the demo's secret, by someone seen every 20 minutes until then. */
  async function sealedBefore(seconds: { signIn: number; lastSeen: number }): Promise<string> {
    const now = Date.now()
    const clock = fakeClock(now - seconds.signIn * 1000)
    const manager = createSessionManager<AnyData>({ secret, clock })
    let cookie = (await ask(manager, '', (session) => session.signIn('hedy'))).cookie ?? ''
    const end = now - seconds.lastSeen * 1000
    while (clock() < end) {
      clock.set(Math.min(clock() + 1_200_000, end))
      cookie = (await ask(manager, cookie)).cookie ?? cookie
    }
    return cookie
  }

  test('WSTG-SESS-07: after 30 minutes without a request the server asks for a sign-in', async () => {
    const idle = (seconds: number) => sealedBefore({ signIn: seconds, lastSeen: seconds })
    expect(await account(holding(await idle(1700), sealed))).toBe('Hedy')
    expect(await account(holding(await idle(1801), sealed))).toBe(NOBODY)
  })

  test('WSTG-SESS-07: after 24 hours it does, whatever the activity', async () => {
    const busy = (signIn: number) => sealedBefore({ signIn, lastSeen: 300 })
    expect(await account(holding(await busy(86_300), sealed))).toBe('Hedy')
    expect(await account(holding(await busy(86_401), sealed))).toBe(NOBODY)
  })
})

describe('WSTG-SESS-08: session puzzling', () => {
  test('WSTG-SESS-08: no other page makes anybody a user: a failed sign-in, a cart, a confirmation', async () => {
    const client = visitor()
    await client.post('/cart', addStroopwafel)
    await client.post('/sign-in', { name: 'ada', password: 'wrong' })
    await client.post('/confirm', { password: PASSWORDS.ada, name: 'ada', return_to: '/account' })
    await client.post('/account/second-factor', { code: '000000' })
    expect(await account(client)).toBe(NOBODY)
  })

  test('WSTG-SESS-08: what one user left in the browser is not the next one’s', async () => {
    const client = await signedIn('ada')
    await client.post('/account/email', { email: 'new@example.com' })
    expect(await (await client.get('/account')).text()).toContain('new@example.com')
    await client.signIn('grace')
    const page = await (await client.get('/account')).text()
    expect(headingOf(page)).toBe('Grace')
    expect(page).not.toContain('new@example.com')
  })
})

describe('WSTG-SESS-09: session hijacking', () => {
  test('WSTG-SESS-09: the cookie is for encrypted connections and this host alone', async () => {
    const client = visitor()
    const response = await client.signIn('ada')
    expect(lineOf(response)).toEqual(expect.arrayContaining(['Secure', 'Path=/']))
    expect(lineOf(response).join()).not.toMatch(/Domain/i)
    expect(response.headers.get('Strict-Transport-Security')).toMatch(/max-age=\d{8}/)
  })

  test('WSTG-SESS-09: a stolen token ends when its owner signs out, or signs out all others', async () => {
    const [first, second] = [await signedIn(), await signedIn()]
    const [ofFirst, ofSecond] = [holding(first.cookie() ?? ''), holding(second.cookie() ?? '')]
    expect(await Promise.all([ofFirst, ofSecond].map(account))).toEqual(['Ada', 'Ada'])
    await first.post('/account/devices', { end: 'others' })
    expect(await Promise.all([ofFirst, ofSecond].map(account))).toEqual(['Ada', NOBODY])
    await first.post('/sign-out')
    expect(await account(ofFirst)).toBe(NOBODY)
  })
})

describe('WSTG-SESS-10: self-contained tokens', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = part({ sub: 'ada', userId: 'ada', exp: 4_000_000_000 })
  const signed = (header: object, key: string | Buffer) => {
    const text = `${part(header)}.${claims}`
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
  }

  test('WSTG-SESS-10: there is no algorithm to choose, and no key to bring or name', async () => {
    for (const token of [
      `${part({ alg: 'none', typ: 'JWT' })}.${claims}.`,
      signed({ alg: 'HS256', typ: 'JWT' }, ''),
      signed({ alg: 'HS256', typ: 'JWT' }, secret),
      signed({ alg: 'HS256', kid: '../../dev/null' }, Buffer.alloc(0)),
      signed({ alg: 'HS256', jku: 'https://evil.example/jwks.json' }, 'key'),
      claims,
    ]) {
      expect(await account(holding(token, sealed))).toBe(NOBODY)
    }
  })

  test('WSTG-SESS-10: another version, key id or hour in the header is refused', async () => {
    const bytes = bytesOf((await signedIn('ada', sealed)).cookie() ?? '')
    expect(await account(holding(bytes.toString('base64url'), sealed))).toBe('Ada')
    for (let at = 0; at < 8; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) + 1
      expect(await account(holding(changed.toString('base64url'), sealed))).toBe(NOBODY)
    }
  })

  test('WSTG-SESS-10: what is in it cannot be read', async () => {
    const token = (await signedIn('grace', sealed)).cookie() ?? ''
    for (const text of [token, bytesOf(token).toString('latin1')]) {
      expect(text).not.toContain('grace')
      expect(() => JSON.parse(text)).toThrow(SyntaxError)
    }
  })
})

describe('WSTG-SESS-11: concurrent sessions', () => {
  test('WSTG-SESS-11: a user sees all of them, and ends one or all others', async () => {
    const everywhere = [await signedIn('grace'), await signedIn('grace'), await signedIn('grace')]
    const [here, there] = everywhere as [DemoClient, DemoClient]
    const whose = () => Promise.all(everywhere.map(account))
    const page = await (await here.get('/account/devices')).text()
    const ids = await Promise.all(everywhere.map(idOf))
    // The one in use has no button of its own: that is "Sign out".
    for (const id of ids.slice(1)) expect(page).toContain(`value="${id}"`)
    expect(page).toContain('This device')
    await here.post('/account/devices', { end: ids[1] ?? '' })
    expect(await whose()).toEqual(['Grace', NOBODY, 'Grace'])
    await here.post('/account/devices', { end: 'others' })
    expect(await whose()).toEqual(['Grace', NOBODY, NOBODY])
    expect(await account(there)).toBe(NOBODY)
  })

  test('WSTG-SESS-11: nobody ends the sessions of another user', async () => {
    const [ada, grace] = [await signedIn('ada'), await signedIn('grace')]
    await ada.post('/account/devices', { end: await idOf(grace) })
    await ada.post('/account/devices', { end: 'others' })
    expect(await account(grace)).toBe('Grace')
  })

  async function idOf(client: DemoClient): Promise<string> {
    return /<code class="wrap">([\w-]{22})</.exec(await (await client.get('/account')).text())?.[1] ?? ''
  }
})
