import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { createTestSession } from 'wafer-session/testing'
import { launchChromium, openProfile } from './support/chromium.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { type DemoClient, demoClient } from './support/demo-client.ts'
import { PASSWORDS } from './support/passwords.ts'
import {
  addToCart,
  cartOf,
  follow,
  type Shopper,
  shopper,
  signedInAs,
  signIn,
  submit,
} from './support/shopper.ts'

const secret = generateSecret()
const GRACE = { name: 'grace', password: PASSWORDS.grace }
const PHONE = {
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
    'Version/26.0 Mobile/15E148 Safari/604.1',
}

/** The demo as it is set up: with Durable Objects. */
let demo: Demo
let sealedDemo: Demo
let kvDemo: Demo
let browser: Browser
let origin: string

beforeAll(async () => {
  ;[demo, sealedDemo, kvDemo, browser] = await Promise.all([
    startDemo({ secret }),
    startDemo({ secret, sessions: 'sealed' }),
    startDemo({ secret, sessions: 'kv' }),
    launchChromium(),
  ])
  origin = demo.origin
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await Promise.all([demo, sealedDemo, kvDemo].map((demo) => demo?.stop()))
})

describe('the cookie in the browser', () => {
  test('a visitor who only looks around gets none', async () => {
    const { page, cookie } = await visit()
    for (const path of ['/', '/cart', '/sign-in', '/account', '/nowhere']) await page.goto(path)
    expect(await cookie()).toBeUndefined()
  })

  test('is __Host-, Secure, HttpOnly, SameSite=Lax and ends with the browser', async () => {
    const { page, cookie } = await visit()
    await addToCart(page, 'Ginger nut')
    const attributes = {
      name: '__Host-session',
      domain: '127.0.0.1',
      path: '/',
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
      expires: -1,
    }
    expect(await cookie()).toMatchObject(attributes)
    await signIn(page)
    expect(await cookie()).toMatchObject(attributes)
  })

  test('is kept by http://localhost as by http://127.0.0.1, each its own', async () => {
    const { page, cookie } = await visit(origin.replace('127.0.0.1', 'localhost'))
    await signIn(page)
    expect(await signedInAs(page)).toBe('Ada')
    expect(await cookie()).toMatchObject({ domain: 'localhost', secure: true, expires: -1 })
    await page.goto(`${origin}/`)
    expect(await page.getByRole('link', { name: 'Sign in' }).count()).toBe(1)
  })

  test('lasts for the absolute life of the session when asked to keep me signed in', async () => {
    const { page, cookie } = await visit()
    await signIn(page, { remember: true })
    const { expires = 0 } = (await cookie()) ?? {}
    expect(expires - Date.now() / 1000).toBeCloseTo(30 * 86_400, -1)
  })

  test('is gone after a restart of the browser', async () => {
    const profile = newProfile()
    const before = await profile.open()
    await signIn(before.page)
    expect(await signedInAs(before.page)).toBe('Ada')
    await profile.close()

    const after = await profile.open()
    expect(await after.cookie()).toBeUndefined()
    expect(await signedInAs(after.page)).toBeNull()
  })

  test('is there after a restart of the browser when asked to keep me signed in', async () => {
    const profile = newProfile()
    const before = await profile.open()
    await signIn(before.page, { ...GRACE, remember: true })
    await profile.close()

    const after = await profile.open()
    expect(await after.cookie()).toMatchObject({ secure: true, httpOnly: true })
    expect(await signedInAs(after.page)).toBe('Grace')
  })

  test('is answered like none when it was tampered with', async () => {
    const { page, cookie, setCookie } = await visit()
    await signIn(page)
    const { value = '' } = (await cookie()) ?? {}
    const middle = value.length >> 1
    const tampered = value.slice(0, middle) + (value[middle] === 'A' ? 'B' : 'A') + value.slice(middle + 1)

    const response = await get('/', tampered)
    const without = await get('/')
    expect(await response.text()).toBe(await without.text())
    expect(headersOf(response)).toEqual(headersOf(without))

    await setCookie(tampered)
    expect(await signedInAs(page)).toBeNull()
    await page.goto('/account')
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    expect((await cookie())?.value).toBe(tampered)
  })
})

describe('signing in', () => {
  test('keeps the cart of the anonymous visitor, under a new session', async () => {
    const { page, cookie } = await visit()
    await addToCart(page, 'Stroopwafel')
    await addToCart(page, 'Linzer eye')
    await addToCart(page, 'Linzer eye')
    const before = await cookie()
    await page.goto('/cart')
    await follow(page, 'Sign in to check out')
    await signIn(page, { path: page.url() })
    expect(new URL(page.url()).pathname).toBe('/checkout')
    expect(await cartOf(page)).toEqual(['1 Stroopwafel', '2 Linzer eye'])
    expect((await cookie())?.value).not.toBe(before?.value)

    await page.goto('/checkout')
    await submit(page, 'Place the order')
    expect(await page.getByRole('status').textContent()).toBe('Thank you. 3 biscuits are on the way.')
    expect(await cartOf(page)).toEqual([])
  })

  test('with a wrong password says so once and shows the form again', async () => {
    const { page } = await visit()
    await signIn(page, { password: PASSWORDS.grace, path: '/sign-in?return_to=/checkout' })
    expect(await page.getByRole('alert').textContent()).toBe('That name and password do not belong together.')
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    expect(await signedInAs(page)).toBeNull()
    await page.goto('/sign-in')
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('leads back to the page that asked for it', async () => {
    const { page } = await visit()
    await page.goto('/account')
    expect(page.url()).toBe(`${origin}/sign-in?return_to=%2Faccount`)
    await signIn(page, { path: page.url() })
    expect(page.url()).toBe(`${origin}/account`)
    expect(await page.getByRole('status').textContent()).toBe('Welcome, Ada.')
  })

  test('never leads to another site', async () => {
    const elsewhere = [
      'https://elsewhere.example/',
      '//elsewhere.example/',
      '/\\elsewhere.example/',
      '/\t/elsewhere.example/',
      '/.//elsewhere.example/',
      '/x/..//elsewhere.example/',
      'javascript:alert(1)',
      'account',
      '/cart#https://elsewhere.example/',
    ]
    const answers = elsewhere.map((path) =>
      fetch(`${origin}/sign-in`, {
        method: 'POST',
        headers: { Origin: origin },
        body: new URLSearchParams({ name: 'ada', password: PASSWORDS.ada, return_to: path }),
        redirect: 'manual',
      }),
    )
    const locations = (await Promise.all(answers)).map((answer) => answer.headers.get('Location'))
    expect(locations).toEqual([...Array(8).fill('/account'), '/cart'])
  })
})

describe('flash messages', () => {
  test('are shown on one page, and not again on a reload', async () => {
    const { page } = await visit()
    await addToCart(page, 'Florentine')
    expect(await page.getByRole('status').textContent()).toBe('Florentine is in your cart.')
    await page.reload()
    expect(await page.getByRole('status').count()).toBe(0)
  })
})

describe('the account page', () => {
  test('shows who, how and under which id, and what the cookie weighs', async () => {
    const { page, cookie } = await visit()
    await signIn(page)
    const facts = await page.locator('dl').textContent()
    expect(facts).toMatch(/ada@example\.com/)
    expect(facts).toMatch(/pwd, until the browser closes/)
    expect(await sessionIdOn(page)).toMatch(/^[\w-]{22}$/)
    await page.reload() // Without the flash message, so that page and cookie are of one moment.
    const { name = '', value = '' } = (await cookie()) ?? {}
    await page.goto('/account')
    expect(await page.getByLabel('Cookie').textContent()).toBe(`${name.length + value.length} bytes`)
  })

  test('lets the time left tick', async () => {
    const { page } = await visit()
    await page.clock.install()
    await signIn(page)
    const left = page.locator('time[data-left]').first()
    expect(await left.textContent()).toMatch(/^30 min$|^29 min 5\d s$/)
    await page.clock.runFor(600_000)
    expect(await left.textContent()).toMatch(/^20 min$|^19 min (4|5)\d s$/)
    await page.clock.runFor(1_200_000)
    expect(await left.textContent()).toBe('over')
  })

  test('asks for the password again before the e-mail address changes, and gives the session a new id', async () => {
    const { page, setCookie } = await visit(sealedDemo.origin)
    await setCookie(await sealed('ada', 90))
    await page.goto('/account')
    const before = await sessionIdOn(page)

    await follow(page, 'Change the e-mail address')
    expect(page.url()).toBe(`${sealedDemo.origin}/confirm?return_to=%2Faccount%2Femail`)
    await page.getByLabel('Password').fill('wrong')
    await submit(page, 'Continue')
    expect(await page.getByRole('alert').textContent()).toBe('That is not the password.')
    await page.getByLabel('Password').fill(PASSWORDS.ada)
    await submit(page, 'Continue')

    expect(page.url()).toBe(`${sealedDemo.origin}/account/email`)
    await page.getByLabel('New address').fill('lovelace@example.com')
    await submit(page, 'Save')
    expect(page.url()).toBe(`${sealedDemo.origin}/account`)
    expect(await page.locator('dl').textContent()).toMatch(/lovelace@example\.com/)
    expect(await sessionIdOn(page)).not.toBe(before)
  })

  test('does not take a new e-mail address from someone whose password is old', async () => {
    const thief = client(sealedDemo)
    thief.setCookie(await sealed('ada', 90))
    const response = await thief.post('/account/email', { email: 'thief@example.com' })
    expect(response.headers.get('Location')).toBe('/confirm?return_to=%2Faccount%2Femail')
    expect(await textOf(thief.get('/account'))).toContain('ada@example.com')
  })
})

describe('signing out', () => {
  test('clears the cookie in the browser, and "back" does not show the account', async () => {
    const { page, cookie } = await visit()
    await signIn(page)
    await page.goto('/account/email')
    await page.goto('/account')
    await submit(page, 'Sign out')
    expect(await headingOf(page)).toBe('You are signed out')
    expect(await cookie()).toBeUndefined()
    await page.goBack()
    expect(new URL(page.url()).pathname).toBe('/sign-in')
    await page.goBack()
    expect(new URL(page.url()).pathname).toBe('/sign-in')
  })

  test('in one tab makes the other anonymous on its next request', async () => {
    const { page, tab } = await visit()
    await signIn(page)
    const other = await tab()
    expect(await signedInAs(other)).toBe('Ada')
    await submit(page, 'Sign out')
    expect(await headingOf(page)).toBe('You are signed out')
    await other.goto('/account')
    expect(new URL(other.url()).pathname).toBe('/sign-in')
  })

  test('ends the session for every copy of its cookie, at once', async () => {
    const { page, cookie, setCookie } = await visit()
    await addToCart(page, 'Shortbread')
    await signIn(page)
    const { value = '' } = (await cookie()) ?? {}
    await submit(page, 'Sign out')
    expect(await headingOf(page)).toBe('You are signed out')

    await setCookie(value)
    expect(await signedInAs(page)).toBeNull()
    expect(await cartOf(page)).toEqual([])
  })

  // Design section 2, "what a sealed cookie cannot promise": the check of a moment ago is in the seal.
  test('sealed: ends it for a copy at the next check of the revocations', async () => {
    const [owner, copies] = [client(sealedDemo), client(sealedDemo)]
    const older = await sealed('ada', 90)
    owner.setCookie(older)
    await owner.get('/account') // Is checked, and says so in a new cookie.
    const checked = owner.cookie() ?? ''
    expect(checked).not.toBe(older)
    expect((await owner.post('/sign-out')).headers.get('Location')).toBe('/signed-out')

    copies.setCookie(older)
    expect((await copies.get('/account')).headers.get('Location')).toBe('/sign-in?return_to=%2Faccount')
    copies.setCookie(checked)
    expect((await copies.get('/account')).status).toBe(200)
    const change = await copies.post('/account/devices', { end: 'others' })
    expect(change.headers.get('Location')).toBe('/sign-in?return_to=%2Faccount%2Fdevices')
  })

  test('sealed: a cookie kept from before opens until its idle timeout, and not a second longer', async () => {
    expect((await get('/account', await sealed('grace', 1740), sealedDemo.origin)).status).toBe(200)
    const late = await get('/account', await sealed('grace', 1800), sealedDemo.origin)
    expect(late.headers.get('Location')).toBe('/sign-in?return_to=%2Faccount')
  })
})

describe.each([
  ['sealed', () => sealedDemo, 'sealed in the cookie', /KV knows only which sessions were ended\./],
  ['kv', () => kvDemo, 'sealed in Workers KV', /Your cookie of 106 bytes is the key to it\./],
  ['durable-object', () => demo, 'sealed in a Durable Object', /Your cookie of 106 bytes is the key to it\./],
])('kept %s', (_, demoInMode, place, note) => {
  test('the account and the cart say so, and the cart is kept', async () => {
    const grace = await signedInClient(demoInMode(), 'grace')
    await grace.post('/cart', { product: 'linzer-eye', change: '2' })
    const [account, cart] = [await textOf(grace.get('/account')), await textOf(grace.get('/cart'))]
    expect(account).toContain(`<dt>Kept</dt><dd>${place}</dd>`)
    expect(account).toMatch(note)
    expect(cart).toMatch(note)
    expect(cart).toContain('<span>2</span>')
  })
})

describe('your devices', () => {
  test('are all there, this one marked; one is signed out by its button, on a page without script', async () => {
    await nobody(demo, 'ada')
    const phone = await visit(origin, PHONE)
    const here = await visit(origin, { javaScriptEnabled: false })
    await signIn(phone.page)
    await signIn(here.page)
    await follow(here.page, 'Your devices')
    expect(await devicesOn(here.page)).toEqual(['Chrome on Linux This device', 'Safari on iOS'])
    await submit(here.page, 'Sign out Safari on iOS')
    expect(await here.page.getByRole('status').textContent()).toBe('That device is signed out.')
    expect(await devicesOn(here.page)).toEqual(['Chrome on Linux This device'])
    await phone.page.goto('/account')
    expect(new URL(phone.page.url()).pathname).toBe('/sign-in')
    expect(await signedInAs(here.page)).toBe('Ada')
  })

  test('signing out everywhere else ends the others at once, and here it goes on', async () => {
    await nobody(demo, 'ada')
    const [phone, here] = [await visit(origin, PHONE), await visit()]
    await signIn(here.page)
    await signIn(phone.page)
    await here.page.goto('/account/devices')
    expect(await devicesOn(here.page)).toEqual(['Chrome on Linux This device', 'Safari on iOS'])
    await submit(here.page, 'Sign out everywhere else')
    expect(await here.page.getByRole('status').textContent()).toBe('You are signed out everywhere else.')
    expect(await devicesOn(here.page)).toEqual(['Chrome on Linux This device'])
    expect(await signedInAs(phone.page)).toBeNull()
    await submit(here.page, 'Sign out everywhere else')
    expect(await here.page.getByRole('status').textContent()).toBe('You were signed in nowhere else.')
  })

  test("somebody else's device in the form ends nothing", async () => {
    const [grace, ada] = [await signedInClient(demo, 'grace'), await signedInClient(demo, 'ada')]
    const [foreign = ''] = /[\w-]{22}(?=<\/code>)/.exec(await textOf(grace.get('/account'))) ?? []
    expect(foreign).not.toBe('')
    expect((await ada.post('/account/devices', { end: foreign })).status).toBe(303)
    expect(await textOf(ada.get('/account/devices'))).toContain(
      'No device of yours is signed in under that id.',
    )
    expect((await grace.get('/account')).status).toBe(200)
  })

  test('with sealed cookies there is no list; whoever signed in before is refused at the next check', async () => {
    const [older, here] = [client(sealedDemo), await visit(sealedDemo.origin)]
    older.setCookie(await sealed('grace', 90))
    await signIn(here.page, GRACE)
    await follow(here.page, 'Your devices')
    expect(await devicesOn(here.page)).toEqual([])
    expect(await here.page.locator('.lead').textContent()).toMatch(/this shop has no list of them/)
    await submit(here.page, 'Sign out everywhere else')
    const said = await here.page.getByRole('status').textContent()
    expect(said).toBe('Whoever signed in before you did here is signed out.')
    expect((await older.get('/account')).headers.get('Location')).toBe('/sign-in?return_to=%2Faccount')
    expect(await signedInAs(here.page)).toBe('Grace')
  })

  test('with sealed cookies the password reaches later ones too, which then change nothing any more', async () => {
    const [here, later] = [await visit(sealedDemo.origin), await visit(sealedDemo.origin, PHONE)]
    await signIn(here.page, GRACE)
    await signIn(later.page, GRACE)
    await here.page.goto('/account/devices')
    await follow(here.page, 'give your password again')
    await here.page.getByLabel('Password').fill(GRACE.password)
    await submit(here.page, 'Continue')
    await submit(here.page, 'Sign out everywhere else')

    await later.page.goto('/account/email')
    await later.page.getByLabel('New address').fill('thief@example.com')
    await submit(later.page, 'Save')
    expect(later.page.url()).toBe(`${sealedDemo.origin}/sign-in?return_to=%2Faccount%2Femail`)
    expect(await later.page.getByRole('link', { name: 'Sign in' }).count()).toBe(1)
    expect(await signedInAs(here.page)).toBe('Grace')
  })
})

describe('a restart of the Worker', () => {
  test.each([
    ['kv', () => kvDemo],
    ['durable-object', () => demo],
  ])('leaves sessions as they were, %s', async (_, demoInMode) => {
    const at = demoInMode()
    await nobody(at, 'ada')
    const [here, there] = [await signedInClient(at, 'ada'), await signedInClient(at, 'ada')]
    await here.post('/cart', { product: 'linzer-eye', change: '1' })
    await here.post('/account/devices', { end: 'others' })
    await at.restart()
    expect((await there.get('/account')).status).toBe(303)
    expect(await textOf(here.get('/cart'))).toContain('Linzer eye')
    const devices = await textOf(here.get('/account/devices'))
    expect(devices.match(/<h2>/g)).toHaveLength(1)
    expect(devices).toContain('This device')
  })
})

describe('without client script', () => {
  test('the shop works all the same', async () => {
    const context = await browser.newContext({ baseURL: origin, javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const { page } = await shopper(context, origin)
    await addToCart(page, 'Shortbread')
    await page.goto('/cart')
    await submit(page, 'One Shortbread more')
    await follow(page, 'Sign in to check out')
    await signIn(page, { path: page.url() })
    await submit(page, 'Place the order')
    expect(await page.getByRole('status').textContent()).toBe('Thank you. 2 biscuits are on the way.')
    await page.goto('/account')
    expect(await page.locator('time[data-left]').first().textContent()).toMatch(/^30 min$|^29 min 5\d s$/)
  })
})

describe('two tabs', () => {
  test('fill one cart', async () => {
    const { page, tab } = await visit()
    const other = await tab()
    await addToCart(page, 'Ginger nut')
    await addToCart(other, 'Florentine')
    await addToCart(page, 'Ginger nut')
    expect(await cartOf(other)).toEqual(['2 Ginger nut', '1 Florentine'])
    expect(await cartOf(page)).toEqual(['2 Ginger nut', '1 Florentine'])
  })
})

describe('a form on a foreign page', () => {
  test.each([
    ['another site', 'localhost'],
    ['another origin of the same site', '127.0.0.1'],
  ])('of %s changes nothing for who is signed in', async (_, host) => {
    const { page, cookie } = await visit()
    await addToCart(page, 'Cream wafer')
    await signIn(page)
    await page.goto('/')
    const before = await cookie()
    await sendForeignForm(page, host)
    expect(await headingOf(page)).toBe('Refused')
    expect(await cookie()).toEqual(before)
    expect(await cartOf(page)).toEqual(['1 Cream wafer'])
    expect(await signedInAs(page)).toBe('Ada')
  })

  test.each([
    ['another site', 'localhost'],
    ['another origin of the same site', '127.0.0.1'],
  ])('of %s gives no cookie to who has none', async (_, host) => {
    const { page, cookie } = await visit()
    await sendForeignForm(page, host)
    expect(await headingOf(page)).toBe('Refused')
    expect(await cookie()).toBeUndefined()
  })
})

/** Someone new, with a browser that knows nothing yet. */
async function visit(at: string = origin, options: BrowserContextOptions = {}): Promise<Shopper> {
  const context = await browser.newContext({ baseURL: at, ...options })
  onTestFinished(() => context.close())
  return shopper(context, at)
}

/** A browser that can be closed and opened again. */
function newProfile() {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-profile-'))
  let context: BrowserContext | undefined
  onTestFinished(async () => {
    await context?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    async open(): Promise<Shopper> {
      context = await openProfile(folder, { baseURL: origin })
      return shopper(context, origin)
    },
    async close() {
      await context?.close()
      context = undefined
    },
  }
}

function headingOf(page: Page): Promise<string | null> {
  return page.getByRole('heading', { level: 1 }).textContent()
}

function sessionIdOn(account: Page): Promise<string | null> {
  return account.locator('dd code.wrap').textContent()
}

/** The value of a cookie that was sealed so many seconds ago, by a server with the demo's secret and timeouts. */
async function sealed(userId: string, secondsAgo: number): Promise<string> {
  const manager = createSessionManager({ secret, clock: () => Date.now() - secondsAgo * 1000 })
  const { cookie } = await createTestSession(manager, { userId, amr: ['pwd'] })
  return cookie.slice(cookie.indexOf('=') + 1)
}

function get(path: string, cookie?: string, at: string = origin): Promise<Response> {
  const headers = cookie === undefined ? {} : { Cookie: `__Host-session=${cookie}` }
  return fetch(at + path, { headers, redirect: 'manual' })
}

function client({ origin }: Demo): DemoClient {
  return demoClient({ fetch: (request) => fetch(request, { redirect: 'manual' }) }, { origin })
}

async function signedInClient(demo: Demo, name: 'ada' | 'grace'): Promise<DemoClient> {
  const one = client(demo)
  await one.signIn(name)
  return one
}

/** Signs someone out wherever tests before have left them signed in. */
async function nobody(demo: Demo, name: 'ada' | 'grace'): Promise<void> {
  const one = await signedInClient(demo, name)
  await one.post('/account/devices', { end: 'others' })
  await one.post('/sign-out')
}

async function textOf(answer: Promise<Response>): Promise<string> {
  return (await answer).text()
}

/** The devices on the page, each by its heading, sorted: sign-ins of one second have no order. */
async function devicesOn(page: Page): Promise<string[]> {
  const headings = await page.getByRole('listitem').getByRole('heading').allInnerTexts()
  return headings.toSorted()
}

function headersOf(response: Response): Record<string, string> {
  const { date, ...headers } = Object.fromEntries(response.headers)
  return headers
}

/** A page on another port, visited as `host`, whose form goes to the cart of the demo. */
async function sendForeignForm(page: Page, host: string): Promise<void> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end(`
      <form method="post" action="${origin}/cart">
        <input name="product" value="ginger-nut"><input name="change" value="1"><button>Send</button>
      </form>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  await page.goto(`http://${host}:${(server.address() as AddressInfo).port}/`)
  await submit(page, 'Send')
}
