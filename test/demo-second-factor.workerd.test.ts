import { env } from 'cloudflare:workers'
import { Secret, TOTP } from 'otpauth'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { durableObjectStore } from 'wafer-session/stores/durable-object'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import demo from '../examples/demo/index.tsx'
import { SecondFactor } from '../examples/demo/second-factor.ts'
import type { Mode } from '../examples/demo/sessions.ts'
import { type DemoClient, demoClient } from './support/demo-client.ts'
import { PASSWORDS } from './support/passwords.ts'

// The second factor of the demo, with a clock of the test's own. demo-second-factor.node.test.ts has it in a browser.

const PAGE = '/account/second-factor'
const ASK = '/confirm?return_to=%2Faccount'

let secret: string
let clock: FakeClock

beforeEach(() => {
  clock = fakeClock(Date.now())
  vi.spyOn(Date, 'now').mockImplementation(clock)
  secret = generateSecret() // What the tests before have kept goes by another one.
})

afterEach(() => {
  vi.restoreAllMocks()
})

function visitor(SESSIONS: Mode = 'durable-object'): DemoClient {
  const given = { SESSION_SECRET: secret, KV: env.KV, SESSION_OBJECTS: env.SESSIONS, SESSIONS }
  return demoClient({ fetch: (request) => demo.fetch(request, given) }, { clock })
}

async function signedIn(mode?: Mode): Promise<DemoClient> {
  const client = visitor(mode)
  await client.signIn('ada')
  return client
}

/** What the demo keeps of it, past its pages. */
function kept(): SecondFactor {
  const factor = SecondFactor.of(createSessionManager({ secret, store: durableObjectStore(env.SESSIONS) }))
  if (factor === undefined) throw new Error('Durable Objects compare before they write.')
  return factor
}

async function textOf(answer: Promise<Response>): Promise<string> {
  return (await answer).text()
}

/** Where the answer leads: another page, else the heading of this one. */
async function outcome(answer: Promise<Response>): Promise<string | undefined> {
  const response = await answer
  const heading = /<h1>(.*?)<\/h1>/.exec(await response.text())?.[1]
  return response.headers.get('Location') ?? `${response.status} ${heading}`
}

/** The message that a page shows. */
async function messageOn(client: DemoClient, path: string): Promise<string | undefined> {
  return /<p class="flash[^>]*>(.*?)<\/p>/.exec(await textOf(client.get(path)))?.[1]
}

interface Enrolled {
  readonly client: DemoClient
  readonly app: TOTP
  readonly recoveryCodes: readonly string[]
}

/** The app that scans what the page shows. */
async function scanned(client: DemoClient): Promise<TOTP> {
  const [, shown = ''] =
    /<code class="wrap">([A-Z2-7 ]{39})<\/code>/.exec(await textOf(client.get(PAGE))) ?? []
  return new TOTP({ secret: shown.replaceAll(' ', '') })
}

function codeOf(app: TOTP): string {
  return app.generate({ timestamp: clock() })
}

async function enrolled(): Promise<Enrolled> {
  const client = await signedIn()
  const app = await scanned(client)
  expect(await outcome(client.post(PAGE, { code: codeOf(app) }))).toBe(PAGE)
  const recoveryCodes = codesOn(await textOf(client.get(PAGE)))
  expect(recoveryCodes).toHaveLength(10)
  clock.advance(30)
  return { client, app, recoveryCodes }
}

/** None of the codes of these minutes. */
function wrongFor(app: TOTP): string {
  const isWrong = (token: string) => app.validate({ token, timestamp: clock(), window: 5 }) === null
  return ['000000', '111111', '222222', '333333'].find(isWrong) ?? ''
}

function codesOn(page: string): string[] {
  return page.match(/\b(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}\b/g) ?? []
}

function giveCode(client: DemoClient, code: string, return_to = '/account'): Promise<Response> {
  return client.post('/confirm', { code, return_to })
}

describe.each<Mode>(['sealed', 'kv'])('%s has no second factor', (mode) => {
  test('and says which mode has one', async () => {
    const ada = await signedIn(mode)
    const page = await textOf(ada.get(PAGE))
    expect(page).toContain('A second factor needs a store that compares before it writes')
    expect(page).toContain('<code>durable-object</code>')
    expect(page).not.toContain('<svg')
    expect(await outcome(ada.post(PAGE, { code: '123456' }))).toBe('200 Second factor')
    expect(await outcome(ada.get('/account'))).toBe('200 Ada')
  })
})

describe('turning it on', () => {
  test('shows a QR code of the secret, the same after a reload', async () => {
    const ada = await signedIn()
    const response = await ada.get(PAGE)
    const page = await response.text()
    expect(response.headers.get('Cache-Control')).toBe('no-store')
    expect(page).toMatch(/<svg [^>]*role="img"/)
    const uri = /href="(otpauth:[^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(decodeURIComponent(new URL(uri).pathname)).toMatch(/The Wafer Shop:ada@example\.com$/)
    expect(new URL(uri).searchParams.get('secret')).toBe((await scanned(ada)).secret.base32)
  })

  test('takes a code of the app; a wrong one leaves it off', async () => {
    const ada = await signedIn()
    const app = await scanned(ada)
    expect(await outcome(ada.post(PAGE, { code: wrongFor(app) }))).toBe(PAGE)
    expect(await messageOn(ada, PAGE)).toBe('That is not the code.')
    await ada.post('/sign-out')
    await ada.signIn('ada')
    expect(await outcome(ada.get('/account'))).toBe('200 Ada')
    expect((await scanned(ada)).secret.base32).not.toBe(app.secret.base32)
  })

  test('gives the session a new id and the level, and ends all others', async () => {
    const [here, there] = [await signedIn(), await signedIn()]
    const before = here.cookie()
    const app = await scanned(here)
    const code = codeOf(app)
    await here.post(PAGE, { code: `${code.slice(0, 3)} ${code.slice(3)}` })
    expect(here.cookie()).not.toBe(before)
    expect(await textOf(here.get('/account'))).toContain('<code>pwd, otp</code>')
    expect(await outcome(there.get('/account'))).toBe('/sign-in?return_to=%2Faccount')
  })

  test('shows the recovery codes once', async () => {
    const { client } = await enrolled()
    const page = await textOf(client.get(PAGE))
    expect(codesOn(page)).toEqual([])
    expect(page).toContain('10 recovery codes are')
  })

  test('asks for the password first, when that was a while ago', async () => {
    const ada = await signedIn()
    clock.advance(301)
    const ask = '/confirm?return_to=%2Faccount%2Fsecond-factor'
    expect(await outcome(ada.get(PAGE))).toBe(ask)
    expect(await outcome(ada.post(PAGE, { code: '000000' }))).toBe(ask)
    const password = { password: PASSWORDS.ada, return_to: PAGE }
    expect(await outcome(ada.post('/confirm', password))).toBe(PAGE)
    expect(await outcome(ada.get(PAGE))).toBe('200 Second factor')
  })

  test('without having seen the page turns nothing on', async () => {
    const ada = await signedIn()
    expect(await messageOn(ada, '/account')).toBe('Welcome, Ada.')
    expect(await outcome(ada.post(PAGE, { code: '000000' }))).toBe(PAGE)
    expect(await messageOn(ada, PAGE)).toBeUndefined()
  })
})

describe('signing in', () => {
  test('is half done after the password: nothing opens until the code is given', async () => {
    const { app } = await enrolled()
    const ada = visitor()
    await ada.post('/cart', { product: 'stroopwafel', change: '1' })
    expect(await outcome(ada.signIn('ada'))).toBe(ASK)
    for (const path of ['/account', '/account/email', '/account/devices', '/checkout', PAGE]) {
      expect(await outcome(ada.get(path))).toBe(`/confirm?${new URLSearchParams({ return_to: path })}`)
    }
    expect(await textOf(ada.get('/'))).not.toContain('href="/account"')

    expect(await outcome(giveCode(ada, codeOf(app), '/checkout'))).toBe('/checkout')
    expect(await outcome(ada.get('/checkout'))).toBe('200 Check out')
    const account = await textOf(ada.get('/account'))
    expect(account).toContain('<code>pwd, otp</code>')
  })

  test('the password once more is no second factor', async () => {
    await enrolled()
    const ada = visitor()
    await ada.signIn('ada')
    expect(await outcome(ada.post('/confirm', { password: PASSWORDS.ada, return_to: '/account' }))).toBe(ASK)
    expect(await outcome(ada.get('/account'))).toBe(ASK)
  })

  test('takes each code once', async () => {
    const { app } = await enrolled()
    const [first, second] = [visitor(), visitor()]
    for (const one of [first, second]) await one.signIn('ada')
    const code = codeOf(app)
    expect(await outcome(giveCode(first, code))).toBe('/account')
    expect(await outcome(giveCode(second, code))).toBe(ASK)
    expect(await messageOn(second, '/confirm')).toBe('That code was used already: wait for the next one.')
    clock.advance(30)
    expect(await outcome(giveCode(second, codeOf(app)))).toBe('/account')
  })

  test('five wrong codes cost half a minute, in which the right one does not help', async () => {
    const { app } = await enrolled()
    const ada = visitor()
    await ada.signIn('ada')
    for (let times = 0; times < 4; times++) await giveCode(ada, wrongFor(app))
    expect(await messageOn(ada, '/confirm')).toBe('That is not the code.')
    await giveCode(ada, wrongFor(app))
    expect(await messageOn(ada, '/confirm')).toBe('That is not the code. The next one is looked at in 30 s.')
    expect(await outcome(giveCode(ada, codeOf(app)))).toBe(ASK)
    expect(await messageOn(ada, '/confirm')).toBe('Too many wrong codes. The next one is looked at in 30 s.')
    clock.advance(30)
    expect(await outcome(giveCode(ada, codeOf(app)))).toBe('/account')
  })

  test('takes a recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await enrolled()
    const [first, second] = [visitor(), visitor()]
    for (const one of [first, second]) await one.signIn('ada')
    const [code = ''] = recoveryCodes
    expect(await outcome(giveCode(first, code.toLowerCase().replaceAll('-', ' ')))).toBe('/account')
    expect(await outcome(giveCode(second, code))).toBe(ASK)
    expect(await messageOn(second, '/confirm')).toBe('That is not the code.')
    expect(await textOf(first.get(PAGE))).toContain('9 recovery codes are')
  })

  test('half done, it is over after ten minutes', async () => {
    const { app } = await enrolled()
    const ada = visitor()
    await ada.signIn('ada')
    clock.advance(600)
    expect(await outcome(giveCode(ada, codeOf(app)))).toBe('/sign-in?return_to=%2Fconfirm')
  })

  test('half done, it ends with "sign out everywhere"', async () => {
    const { client, app } = await enrolled()
    const ada = visitor()
    await ada.signIn('ada')
    await client.post('/account/devices', { end: 'others' })
    expect(await outcome(giveCode(ada, codeOf(app)))).not.toBe('/account')
    expect(await outcome(ada.get('/account'))).toBe('/sign-in?return_to=%2Faccount')
  })

  test('half done, somebody else may sign in instead', async () => {
    await enrolled()
    const ada = visitor()
    await ada.signIn('ada')
    expect(await outcome(ada.get('/sign-in'))).toBe('200 Sign in')
    expect(await outcome(ada.post('/sign-in', { name: 'grace', password: PASSWORDS.grace }))).toBe('/account')
    expect(await outcome(ada.get('/account'))).toBe('200 Grace')
  })

  test('nobody else is asked for a code', async () => {
    await enrolled()
    const grace = visitor()
    expect(await outcome(grace.signIn('grace'))).toBe('/account')
    expect(await outcome(grace.get('/account'))).toBe('200 Grace')
  })
})

describe('what asks to be sure', () => {
  test('wants a code of at most a minute ago for a new e-mail address; a password does not do', async () => {
    const { client, app } = await enrolled()
    clock.advance(31)
    const ask = '/confirm?return_to=%2Faccount%2Femail'
    expect(await outcome(client.get('/account/email'))).toBe(ask)
    expect(await outcome(client.post('/account/email', { email: 'thief@example.com' }))).toBe(ask)
    const password = { password: PASSWORDS.ada, return_to: '/account/email' }
    expect(await outcome(client.post('/confirm', password))).toBe(ask)
    expect(await outcome(client.get('/account/email'))).toBe(ask)
    expect(await outcome(giveCode(client, codeOf(app), '/account/email'))).toBe('/account/email')
    expect(await outcome(client.post('/account/email', { email: 'ada@example.org' }))).toBe('/account')
    expect(await textOf(client.get('/account'))).toContain('ada@example.org')
  })

  test('wants it of a session that the password opened a moment ago, too', async () => {
    const ada = await signedIn()
    expect(await outcome(ada.get('/account/email'))).toBe('200 Your e-mail address')
    const app = new TOTP({ secret: new Secret({ size: 20 }) })
    expect(await kept().turnOn('ada', app.secret.base32, codeOf(app))).toEqual({ ok: true })
    expect(await outcome(ada.get('/account/email'))).toBe('/confirm?return_to=%2Faccount%2Femail')
  })

  test('wants it before the factor is turned off, or has new recovery codes', async () => {
    const { client, app, recoveryCodes } = await enrolled()
    clock.advance(300)
    const ask = '/confirm?return_to=%2Faccount%2Fsecond-factor'
    expect(await outcome(client.post(PAGE, { action: 'off' }))).toBe(ask)
    expect(await outcome(client.post(PAGE, { action: 'recovery-codes' }))).toBe(ask)
    await giveCode(client, codeOf(app))
    expect(await outcome(client.post(PAGE, { action: 'recovery-codes' }))).toBe(PAGE)
    const codes = codesOn(await textOf(client.get(PAGE)))
    expect(codes).toHaveLength(10)
    expect(codes.filter((code) => recoveryCodes.includes(code))).toEqual([])

    expect(await kept().recoveryCodesLeft('ada')).toBe(10)
    expect(await outcome(client.post(PAGE, { action: 'off' }))).toBe('/account')
    expect(await kept().recoveryCodesLeft('ada')).toBe(0)
    expect(await outcome((await signedIn()).get('/account'))).toBe('200 Ada')
  })
})
