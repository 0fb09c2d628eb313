import { type ServerType, serve } from '@hono/node-server'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSessionManager, generateSecret, type SessionEvent } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type FakeClock, fakeClock } from 'wafer-session/testing'
import { relyingParty } from '../../examples/oidc/app.ts'
import { type StartedProvider, startProvider } from '../../examples/oidc/provider.ts'
import { launchChromium } from '../support/chromium.ts'
import { freePort } from '../support/free-port.ts'
import { startProgram } from '../support/program.ts'

type Mode = 'store' | 'sealed with revocations'

/** An application at the provider. Cookies of localhost know no ports, so each has a name of its own. */
interface Application {
  readonly name: string
  readonly origin: string
  readonly cookieName: string
  readonly clock: FakeClock
  readonly events: SessionEvent[]
  /** What its back-channel endpoint was sent, and answered. */
  readonly logouts: { readonly body: string; readonly status: number; readonly cookie: string | null }[]
}

interface World {
  readonly provider: StartedProvider
  readonly shop: Application
  readonly desk: Application
  readonly errors: Error[]
  readonly servers: readonly ServerType[]
}

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
}, 120_000)
afterAll(() => browser?.close())

describe.each<Mode>(['store', 'sealed with revocations'])(
  'row F1: single sign-out, sessions in %s',
  (mode) => {
    let world: World
    beforeAll(async () => {
      world = await startWorld(mode)
      return () => stop(world)
    })

    test('who signs out at the provider is out in the browser, for a second client with the cookie, and at a second application', async () => {
      const { provider, shop, desk, errors } = world
      const { page, context } = await visit()
      await signIn(page, shop, 'alice')
      await page.goto(desk.origin)
      await page.getByRole('button', { name: 'Sign in' }).click() // The provider knows her: no form.
      expect(await heading(page, desk)).toBe('Hello alice')
      const copies = await Promise.all([shop, desk].map((application) => cookieOf(context, application)))
      expect(await Promise.all([shop, desk].map((app, i) => seenBy(app, copies[i])))).toEqual([
        'Hello alice',
        'Hello alice',
      ])

      const bob = await visit()
      await signIn(bob.page, shop, 'bob')

      await page.goto(`${provider.issuer}/session/end`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      expect(await page.getByRole('heading').textContent()).toBe('Signed out')
      passTime(mode, world)
      expect(await heading(page, shop)).toBe('Hello stranger')
      expect(await heading(page, desk)).toBe('Hello stranger')
      expect(await Promise.all([shop, desk].map((app, i) => seenBy(app, copies[i])))).toEqual([
        'Hello stranger',
        'Hello stranger',
      ])
      expect(await heading(bob.page, shop)).toBe('Hello bob')
      expect(errors).toEqual([])
      for (const { logouts } of [shop, desk]) {
        expect(logouts).toMatchObject([{ status: 200, cookie: null }])
      }
    })

    test('a logout token that was sent is refused when it comes again, and when it is altered', async () => {
      const { shop } = world
      const { body } = shop.logouts[0] ?? { body: '' }
      expect(body).toMatch(/^logout_token=/)
      const [start = '', signature = ''] = body.split(/\.(?=[^.]*$)/)
      const altered = `${start}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
      for (const [again, why] of [
        [body, /jti was seen before/],
        [altered, /does not verify/],
        [`${start}.`, /is no signed token/],
      ] as const) {
        const response = await fetch(`${shop.origin}/logout/backchannel`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: again,
        })
        expect(response.status).toBe(400)
        expect(await response.json()).toEqual({
          error: 'invalid_request',
          error_description: expect.stringMatching(why),
        })
      }
    })

    test('row F3: who signs out at an application is out at the provider and at the other one, and comes back', async () => {
      const { shop, desk, errors } = world
      const { page } = await visit()
      await signIn(page, shop, 'carol')
      await page.goto(desk.origin)
      await page.getByRole('button', { name: 'Sign in' }).click()
      expect(await heading(page, desk)).toBe('Hello carol')

      await page.goto(shop.origin)
      await page.getByRole('button', { name: 'Sign out' }).click()
      const atProvider = new URL(page.url())
      expect(atProvider.pathname).toBe('/session/end')
      expect(atProvider.searchParams.get('id_token_hint')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      expect(await page.getByRole('heading').textContent()).toBe('Sign out everywhere?')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.waitForURL(`${shop.origin}/signed-out`)
      passTime(mode, world)
      expect(await heading(page, shop)).toBe('Hello stranger')
      expect(await heading(page, desk)).toBe('Hello stranger')
      expect(errors).toEqual([])

      await page.goto(shop.origin)
      await page.getByRole('button', { name: 'Sign in' }).click()
      expect(await page.getByRole('heading').textContent()).toBe('The provider') // It asks again.
    })
  },
)

describe('examples/oidc/app.ts', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld('store')
    return () => stop(world)
  }, 60_000)

  test('an answer of the provider opens nothing twice, in another browser, or unasked', async () => {
    const { shop } = world
    const { page } = await visit()
    const answers: string[] = []
    page.on('request', (request) => {
      if (request.url().startsWith(`${shop.origin}/callback`)) answers.push(request.url())
    })
    await signIn(page, shop, 'dave')
    expect(answers.length).toBe(1)
    for (const visitor of [page, (await visit()).page]) {
      expect((await visitor.goto(answers[0] as string))?.status()).toBe(400)
    }
    expect(await heading(page, shop)).toBe('Hello dave')
    expect((await page.goto(`${shop.origin}/callback`))?.status()).toBe(400)
  })

  test('an answer with another state signs nobody in', async () => {
    const { shop, provider } = world
    const { page } = await visit()
    await page.goto(shop.origin)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.goto(`${shop.origin}/callback?code=x&state=x&iss=${encodeURIComponent(provider.issuer)}`)
    expect(await page.textContent('body')).toBe('The provider did not sign you in.')
    expect(await heading(page, shop)).toBe('Hello stranger')
  })
})

describe('examples/oidc/server.ts', () => {
  test('runs by itself, with a provider of its own, on plain Node', async () => {
    const [port, providerPort] = [await freePort(), await freePort()]
    const program = await startProgram(['node', 'examples/oidc/server.ts'], {
      PORT: String(port),
      PROVIDER_PORT: String(providerPort),
    })
    onTestFinished(() => program.stop())
    const shop = { origin: program.url.origin }
    const { page } = await visit()
    await signIn(page, shop, 'erin')
    await page.goto(`http://localhost:${providerPort}/session/end`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(await heading(page, shop)).toBe('Hello stranger')
  })
})

async function startWorld(mode: Mode): Promise<World> {
  vi.spyOn(console, 'warn').mockImplementation(() => {}) // The provider's, that it keeps all in memory.
  const [port, shopPort, deskPort] = [await freePort(), await freePort(), await freePort()]
  const errors: Error[] = []
  const secret = generateSecret()
  const clients = [
    { id: 'shop', secret, origin: `http://localhost:${shopPort}` },
    { id: 'desk', secret, origin: `http://localhost:${deskPort}` },
  ]
  const provider = await startProvider({ port, clients, onError: (error) => errors.push(error) })
  const servers: ServerType[] = []

  async function start(index: number): Promise<Application> {
    const { id: name, origin } = clients[index] as (typeof clients)[number]
    const clock = fakeClock(Date.now())
    const events: SessionEvent[] = []
    const logouts: Application['logouts'][number][] = []
    const cookieName = `__Host-${name}`
    const memory = memoryStore({ clock })
    const sessions = createSessionManager({
      secret: generateSecret(),
      clock,
      cookie: { name: cookieName },
      onEvent: (event) => events.push(event),
      ...(mode === 'store' ? { store: memory } : { revocations: memory }),
    })
    const app = await relyingParty({
      origin,
      issuer: provider.issuer,
      clientId: name,
      clientSecret: secret,
      sessions,
      clock,
    })
    const watched = async (request: Request) => {
      if (new URL(request.url).pathname !== '/logout/backchannel') return app.fetch(request)
      const body = await request.clone().text()
      const response = await app.fetch(request)
      logouts.push({ body, status: response.status, cookie: request.headers.get('Cookie') })
      return response
    }
    servers.push(serve({ fetch: watched, hostname: '127.0.0.1', port: Number(new URL(origin).port) }))
    return { name, origin, cookieName, clock, events, logouts }
  }

  return { provider, shop: await start(0), desk: await start(1), errors, servers }
}

async function stop({ provider, servers }: World): Promise<void> {
  for (const server of servers) server.close()
  await provider.stop()
  vi.restoreAllMocks()
}

/** Sealed cookies are checked again within a minute. */
function passTime(mode: Mode, { shop, desk }: World): void {
  if (mode === 'store') return
  for (const { clock } of [shop, desk]) clock.advance(60)
}

async function visit(): Promise<{ page: Page; context: BrowserContext }> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  return { context, page: await context.newPage() }
}

/** At the form of the provider. */
async function signIn(page: Page, application: { readonly origin: string }, name: string): Promise<void> {
  await page.goto(application.origin)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill('any')
  await page.getByRole('button', { name: 'Sign in' }).click()
  expect(await heading(page, application)).toBe(`Hello ${name}`)
}

async function heading(page: Page, { origin }: { readonly origin: string }): Promise<string | null> {
  await page.goto(origin)
  return page.getByRole('heading').textContent()
}

async function cookieOf(context: BrowserContext, { origin, cookieName }: Application): Promise<string> {
  const kept = (await context.cookies(origin)).find(({ name }) => name === cookieName)
  return `${cookieName}=${kept?.value}`
}

/** What somebody sees who has a copy of the cookie and another client. */
async function seenBy({ origin }: Application, cookie = ''): Promise<string | undefined> {
  const response = await fetch(origin, { headers: { Cookie: cookie } })
  return /<h1>(.*)<\/h1>/.exec(await response.text())?.[1]
}
