import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import type { Browser, BrowserContext, CDPSession, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionEvent } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { type Data, passkeyApp } from '../examples/passkeys/app.ts'
import { launchChromium } from './support/chromium.ts'
import { freePort } from './support/free-port.ts'
import { startProgram } from './support/program.ts'

const TOO_LATE = 'This was not asked, or too long ago, or answered before. Please try again.'
const NOT_ACCEPTED = 'This passkey was not accepted.'

// What a browser's page has beside what a worker has.
declare const PublicKeyCredential: { parseRequestOptionsFromJSON(options: object): object }
interface PageNavigator {
  readonly credentials: { get(options: object): Promise<{ toJSON(): object }> }
}

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
}, 120_000)
afterAll(() => browser?.close())

interface Site {
  readonly origin: string
  readonly clock: FakeClock
  readonly events: SessionEvent[]
}

type Mode = 'store' | 'sealed with revocations'

/** The example on a free port, with a clock of the test's own. */
async function startSite(mode: Mode): Promise<Site> {
  const clock = fakeClock(Date.now())
  const events: SessionEvent[] = []
  const memory = memoryStore({ clock })
  const sessions = createSessionManager<Data>({
    secret: generateSecret(),
    clock,
    onEvent: (event) => events.push(event),
    ...(mode === 'store' ? { store: memory } : { revocations: memory }),
  })
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const server: ServerType = serve({
    fetch: passkeyApp({ origin, sessions }).fetch,
    hostname: '127.0.0.1',
    port,
  })
  await once(server, 'listening')
  expect((server.address() as AddressInfo).port).toBe(port)
  onTestFinished(() => void server.close())
  return { origin, clock, events }
}

/** Someone with a browser, and a device that looks at them before it signs. */
interface Person {
  readonly page: Page
  readonly context: BrowserContext
  readonly cdp: CDPSession
  readonly authenticatorId: string
}

const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const

async function visit({ origin }: { readonly origin: string }): Promise<Person> {
  const context = await browser.newContext({ baseURL: origin })
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR })
  await page.goto('/')
  return { page, context, cdp, authenticatorId }
}

async function registered(site: Site, name = 'Ada'): Promise<Person> {
  const person = await visit(site)
  await register(person.page, name)
  return person
}

async function register(page: Page, name: string): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Name').fill(name)
  await press(page, 'Create an account')
}

/** Presses a button, and waits for the page that comes after it. */
async function press(page: Page, button: string): Promise<void> {
  const answered = page.waitForEvent('load')
  await page.getByRole('button', { name: button }).click()
  await answered
}

/** Presses a button after which the page only says something. */
async function refusal(page: Page, button: string): Promise<string | null> {
  await page.getByRole('button', { name: button }).click()
  const status = page.getByRole('status')
  await expect.poll(() => status.textContent()).not.toMatch(/^$|^Your device will ask/)
  return status.textContent()
}

async function headingOf(page: Page): Promise<string | null> {
  await page.goto('/')
  return page.getByRole('heading', { level: 1 }).textContent()
}

/** How the page says that one signed in. */
async function assuranceOn(page: Page): Promise<string[]> {
  await page.goto('/')
  return page.locator('code').allTextContents()
}

/** The next POST to this path, and what is due to send it again. */
async function recorded(page: Page, path: string, act: () => Promise<unknown>) {
  const sent = page.waitForRequest((request: Request) => {
    return request.method() === 'POST' && new URL(request.url()).pathname === path
  })
  await act()
  const request = await sent
  const { cookie = '', origin = '' } = await request.allHeaders()
  const again = (cookieNow = cookie) =>
    fetch(request.url(), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: origin, Cookie: cookieNow },
      body: request.postData(),
    })
  return { again, answer: request.postDataJSON() }
}

/** Whom the cookie of an answer signs in. */
async function nameOf({ origin }: Site, response: Response): Promise<string | undefined> {
  const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0])
  const home = await fetch(origin, { headers: { Cookie: cookie.join('; ') } })
  return /<h1>Hello (.*)<\/h1>/.exec(await home.text())?.[1]
}

async function cookieOf({ context }: Person): Promise<string> {
  const cookie = (await context.cookies()).find(({ name }) => name === '__Host-session')
  return cookie === undefined ? '' : `${cookie.name}=${cookie.value}`
}

/** What a page of the attacker's making can do: ask here, change what was asked, answer there. */
function forge(
  page: Page,
  given: { ask?: string; askToo?: string; change?: object; answer: string; body?: object },
): Promise<{ status: number; text: string }> {
  return page.evaluate(async ({ ask, askToo, change, answer, body }) => {
    const post = (path: string, json: object) =>
      fetch(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(json),
      })
    const asked = ask === undefined ? {} : await (await post(ask, { name: 'Mallory' })).json()
    if (askToo !== undefined) await post(askToo, { name: 'Mallory' })
    const options = { challenge: asked.challenge, rpId: 'localhost', ...change }
    const { credentials } = navigator as unknown as PageNavigator
    const publicKey = () => PublicKeyCredential.parseRequestOptionsFromJSON(options)
    const signed = body ?? (await credentials.get({ publicKey: publicKey() })).toJSON()
    const response = await post(answer, signed)
    return { status: response.status, text: await response.text() }
  }, given)
}

/** Has the site put a challenge into the session of this page. */
function ask(page: Page, path: string): Promise<{ challenge: string }> {
  return page.evaluate(async (path) => {
    const headers = { 'Content-Type': 'application/json' }
    return (await fetch(path, { method: 'POST', headers, body: '{"name":"Mallory"}' })).json()
  }, path)
}

/** The answer to one challenge, made out to be that to another. */
function withChallenge(answer: { response: { clientDataJSON: string } }, challenge: string): object {
  const client = JSON.parse(Buffer.from(answer.response.clientDataJSON, 'base64url').toString())
  const clientDataJSON = Buffer.from(JSON.stringify({ ...client, challenge })).toString('base64url')
  return { ...answer, response: { ...answer.response, clientDataJSON } }
}

describe.each<Mode>(['store', 'sealed with revocations'])('examples/passkeys, %s', (mode) => {
  test('registers, signs out, signs in without a name, and steps up, each time under a new id', async () => {
    const site = await startSite(mode)
    const { page } = await registered(site)
    expect(await headingOf(page)).toBe('Hello Ada')
    expect(await assuranceOn(page)).toEqual(['hwk user mfa', 'aal2'])

    await press(page, 'Sign out')
    expect(await headingOf(page)).toBe('Passkeys')
    await press(page, 'Sign in')
    expect(await headingOf(page)).toBe('Hello Ada')

    site.clock.advance(301)
    await page.goto('/passkeys')
    expect(page.url()).toBe(`${site.origin}/step-up?return_to=%2Fpasskeys`)
    await press(page, 'Confirm with your passkey')
    expect(page.url()).toBe(`${site.origin}/passkeys`)
    expect(await page.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/, on one device, used 3 times$/),
    ])

    const ids = site.events.flatMap((event) => ('sessionId' in event ? [event.sessionId] : []))
    const signedIn = site.events.filter(({ type }) => type === 'create' || type === 'reauthenticate')
    expect(new Set(ids).size).toBeGreaterThanOrEqual(4) // Anonymous, twice signed in, stepped up.
    expect(signedIn.at(-1)).toMatchObject({
      type: 'reauthenticate',
      userId: expect.stringMatching(/^[\w-]{43}$/),
    })
  })

  test('the same answer again is refused, with the cookie of then and with that of now', async () => {
    const site = await startSite(mode)
    const ada = await registered(site)
    await press(ada.page, 'Sign out')
    const { again } = await recorded(ada.page, '/sign-in', () => press(ada.page, 'Sign in'))
    for (const cookie of [undefined, await cookieOf(ada), '']) {
      const response = await again(cookie)
      expect([response.status, await response.text()]).toEqual([400, TOO_LATE])
      expect(await nameOf(site, response)).toBeUndefined()
    }
  })

  test('of the same answer twice at the same moment one signs in', async () => {
    const site = await startSite(mode)
    const ada = await registered(site)
    await press(ada.page, 'Sign out')
    await ada.page.route('**/sign-in', (route) => route.abort())
    const { again } = await recorded(ada.page, '/sign-in', () => refusal(ada.page, 'Sign in'))
    const answers = await Promise.all([again(), again(), again()])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    const names = await Promise.all(answers.map((answer) => nameOf(site, answer)))
    expect(names.sort()).toEqual(['Ada', undefined, undefined])
  })

  test('a challenge for registering is none for signing in, nor for stepping up', async () => {
    const site = await startSite(mode)
    const { page } = await registered(site)
    const refused = { status: 400, text: NOT_ACCEPTED }
    expect(await forge(page, { ask: '/register/options', answer: '/sign-in' })).toEqual({
      status: 400,
      text: TOO_LATE,
    })
    expect(
      await forge(page, { ask: '/register/options', askToo: '/sign-in/options', answer: '/sign-in' }),
    ).toEqual(refused)
    expect(
      await forge(page, { ask: '/sign-in/options', askToo: '/step-up/options', answer: '/step-up' }),
    ).toEqual(refused)
    const one = await forge(page, { ask: '/step-up/options', answer: '/step-up' })
    expect(one.status).toBe(200)
  })

  test('a wrong answer uses the challenge up', async () => {
    const site = await startSite(mode)
    const { page } = await registered(site)
    await press(page, 'Sign out')
    await page.route('**/sign-in', async (route) => {
      await fetch(route.request().url(), {
        method: 'POST',
        headers: { ...(await route.request().allHeaders()), 'content-length': '2' },
        body: '{}',
      })
      await route.continue()
    })
    expect(await refusal(page, 'Sign in')).toBe(TOO_LATE)
    expect(await headingOf(page)).toBe('Passkeys')
  })

  test("another session's challenge is refused", async () => {
    const site = await startSite(mode)
    const [ada, other] = [await registered(site), await visit(site)]
    await press(ada.page, 'Sign out')
    const { challenge } = await ask(other.page, '/sign-in/options')
    const change = { challenge }
    expect(await forge(ada.page, { change, answer: '/sign-in' })).toEqual({ status: 400, text: TOO_LATE })
    expect(await forge(ada.page, { ask: '/sign-in/options', change, answer: '/sign-in' })).toEqual({
      status: 400,
      text: NOT_ACCEPTED,
    })
    expect(await headingOf(ada.page)).toBe('Passkeys')
  })

  test('an answer is good for 300 seconds, and not for one more', async () => {
    const site = await startSite(mode)
    const { page } = await registered(site)
    await press(page, 'Sign out')
    let late = 300
    await page.route('**/sign-in', (route) => {
      site.clock.advance(late)
      return route.continue()
    })
    expect(await refusal(page, 'Sign in')).toBe(TOO_LATE)
    late = 299
    await press(page, 'Sign in')
    expect(await headingOf(page)).toBe('Hello Ada')
  })

  test('without user verification nobody steps up, whatever the page asks of the device', async () => {
    const site = await startSite(mode)
    const { page, cdp, authenticatorId } = await registered(site)
    await press(page, 'Sign out')
    await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    const lowered = { userVerification: 'discouraged' }
    const signedIn = await forge(page, { ask: '/sign-in/options', change: lowered, answer: '/sign-in' })
    expect(signedIn.status).toBe(200)
    expect(await assuranceOn(page)).toEqual(['hwk user', 'aal1'])

    await page.goto('/passkeys')
    expect(page.url()).toBe(`${site.origin}/step-up?return_to=%2Fpasskeys`)
    expect(await refusal(page, 'Confirm with your passkey')).toMatch(/not allowed|timed out/i)
    const forged = await forge(page, { ask: '/step-up/options', change: lowered, answer: '/step-up' })
    expect(forged).toEqual({ status: 400, text: NOT_ACCEPTED })
    expect(await assuranceOn(page)).toEqual(['hwk user', 'aal1'])
  })

  test("somebody else's passkey steps nobody up", async () => {
    const site = await startSite(mode)
    const { page } = await visit(site)
    const ada = await recorded(page, '/register', () => register(page, 'Ada'))
    await press(page, 'Sign out')
    await register(page, 'Grace')
    site.clock.advance(301)
    const allowCredentials = [{ type: 'public-key', id: ada.answer.id }]
    const forged = await forge(page, {
      ask: '/step-up/options',
      change: { allowCredentials },
      answer: '/step-up',
    })
    expect(forged).toEqual({ status: 400, text: NOT_ACCEPTED })
    expect(await headingOf(page)).toBe('Hello Grace')
    await page.goto('/passkeys')
    expect(new URL(page.url()).pathname).toBe('/step-up')
  })
})

describe('examples/passkeys', () => {
  test('a passkey that was made is not registered again, by nobody', async () => {
    const site = await startSite('store')
    const { page } = await visit(site)
    const { answer } = await recorded(page, '/register', () => register(page, 'Ada'))
    await page.goto('/passkeys')
    expect(await refusal(page, 'Add another passkey')).toMatch(/already|previously/i)
    expect(await page.getByRole('listitem').count()).toBe(1)

    // Without attestation nothing signs a registration, so that anyone can put a fresh challenge into an old one.
    await page.goto('/')
    await press(page, 'Sign out')
    const { challenge } = await ask(page, '/register/options')
    const body = withChallenge(answer, challenge)
    expect(await forge(page, { answer: '/register', body })).toEqual({ status: 400, text: NOT_ACCEPTED })
    expect(await headingOf(page)).toBe('Passkeys')
  })

  test('a further passkey, on another device, signs in the same person', async () => {
    const site = await startSite('store')
    const { page, cdp, authenticatorId } = await registered(site)
    await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { ...AUTHENTICATOR, defaultBackupEligibility: true, defaultBackupState: true },
    })
    await page.goto('/passkeys')
    await press(page, 'Add another passkey')
    expect(await page.getByRole('listitem').allTextContents()).toEqual([
      expect.stringContaining('on one device'),
      expect.stringContaining('synced'),
    ])
    await page.goto('/')
    await press(page, 'Sign out')
    await press(page, 'Sign in')
    expect(await headingOf(page)).toBe('Hello Ada')
    expect(await assuranceOn(page)).toEqual(['swk user mfa', 'aal2'])
  })

  test('a copy of the device, whose counter has stayed behind, signs nobody in', async () => {
    const site = await startSite('store')
    const { page, cdp, authenticatorId } = await registered(site)
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId })
    const [copy] = credentials
    for (let times = 0; times < 2; times++) {
      await press(page, 'Sign out')
      await press(page, 'Sign in')
    }
    await press(page, 'Sign out')
    await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })
    const other = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR })
    if (copy === undefined) throw new Error('The device has no passkey.')
    await cdp.send('WebAuthn.addCredential', { ...other, credential: copy })
    expect(await refusal(page, 'Sign in')).toBe(NOT_ACCEPTED)
    expect(await headingOf(page)).toBe('Passkeys')
  })

  test('what was signed for another origin of the same host is refused', async () => {
    const [site, evil] = [await startSite('store'), await startSite('store')]
    const { page } = await registered(site)
    await press(page, 'Sign out')
    const { challenge } = await ask(page, '/sign-in/options')
    await page.goto(evil.origin)
    const elsewhere = await recorded(page, '/sign-in', () =>
      forge(page, { change: { challenge }, answer: '/sign-in' }),
    )
    await page.goto(site.origin)
    const refused = { status: 400, text: NOT_ACCEPTED }
    expect(await forge(page, { answer: '/sign-in', body: elsewhere.answer })).toEqual(refused)
  })

  test('what is no answer is refused, and asks for no error page', async () => {
    const site = await startSite('store')
    const { page } = await registered(site)
    for (const path of ['/register', '/sign-in', '/step-up', '/passkeys']) {
      for (const body of [{}, { id: 1 }, { id: 'x', response: null }, [1]]) {
        const answer = await forge(page, { ask: `${path}/options`, answer: path, body })
        expect(answer).toEqual({ status: 400, text: NOT_ACCEPTED })
      }
    }
    expect((await forge(page, { answer: '/register/options', body: { name: ' ' } })).status).toBe(400)
  })

  test('stepping up is for those who are signed in, and leads to a page of this site', async () => {
    const site = await startSite('store')
    const { page } = await visit(site)
    expect((await forge(page, { answer: '/step-up/options', body: {} })).status).toBe(401)
    expect((await forge(page, { answer: '/passkeys/options', body: {} })).status).toBe(401)
    await register(page, 'Ada')
    expect((await page.goto('/step-up'))?.status()).toBe(200)
    for (const path of ['//elsewhere.example', 'https://elsewhere.example/', '/\\elsewhere.example']) {
      await page.goto(`/step-up?${new URLSearchParams({ return_to: path })}`)
      expect(await page.locator('form').getAttribute('data-next')).toBe('/')
    }
  })

  test.each(['store', 'sealed'])('node examples/passkeys/server.ts, %s', async (SESSIONS) => {
    const PORT = String(await freePort())
    const program = await startProgram(['node', 'examples/passkeys/server.ts'], { PORT, SESSIONS })
    onTestFinished(() => program.stop())
    const { page } = await visit({ origin: program.url.origin })
    await register(page, 'Ada')
    await press(page, 'Sign out')
    await press(page, 'Sign in')
    expect(await headingOf(page)).toBe('Hello Ada')
  })
})
