import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { launchChromium } from './support/chromium.ts'
import { faintTexts } from './support/contrast.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { type DemoClient, demoClient } from './support/demo-client.ts'
import { addToCart, follow, type Shopper, shopper, signIn, submit } from './support/shopper.ts'

const MODES = ['sealed', 'kv', 'durable-object'] as const
type Mode = (typeof MODES)[number]

let demos: Record<Mode, Demo>
let browser: Browser

beforeAll(async () => {
  const secret = generateSecret()
  const [chromium, ...started] = await Promise.all([
    launchChromium(),
    ...MODES.map((sessions) => startDemo({ secret, sessions })),
  ])
  browser = chromium
  demos = Object.fromEntries(MODES.map((mode, i) => [mode, started[i]])) as Record<Mode, Demo>
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await Promise.all(Object.values(demos ?? {}).map((demo) => demo.stop()))
})

const HERS = 'Hedy let in'
const refused = (who: string, times = 1) => Array<string>(times).fill(`${who} refused`)

/** Who got how far, in the order of the page. */
const OUTCOMES: Record<string, Record<Mode, string[]>> = {
  'A tampered cookie': {
    sealed: [...refused('The forger', 6), HERS],
    kv: [...refused('The forger', 5), HERS],
    'durable-object': [...refused('The forger', 5), HERS],
  },
  // The last three are those of an application with sealed cookies alone.
  'Replay after the sign-out': {
    sealed: ['The thief let in', ...refused('The thief', 2)].concat(alone()),
    kv: refused('The thief', 3).concat(alone()),
    'durable-object': refused('The thief', 3).concat(alone()),
  },
  'A stolen cookie, used elsewhere': {
    sealed: stepUp(),
    kv: stepUp(),
    'durable-object': stepUp(),
  },
  'Reuse of a renewed id': {
    sealed: [HERS, HERS, 'The thief let in', HERS],
    kv: [HERS, HERS, 'The thief let in', HERS],
    'durable-object': [HERS, HERS, 'The thief refused', 'Hedy refused'],
  },
  'Session fixation': {
    sealed: [HERS, 'The attacker refused'],
    kv: [HERS, 'The attacker refused'],
    'durable-object': [HERS, 'The attacker refused'],
  },
}

function alone(): string[] {
  return ['The thief let in', 'The thief let in', 'The thief refused']
}

function stepUp(): string[] {
  const asked = 'asked again'
  return [`The thief ${asked}`, `The thief ${asked}`, `Hedy ${asked}`, HERS, 'The thief refused']
}

/** Which events told of it. */
const EVENTS: Record<string, Record<Mode, string[]>> = {
  'A tampered cookie': {
    sealed: ['unknown-version', 'unknown-key', 'hour-out-of-range', 'forged', 'forged', 'forged'],
    kv: ['unknown-version', 'unknown-key', 'forged', 'forged', 'forged'],
    'durable-object': ['unknown-version', 'unknown-key', 'forged', 'forged', 'forged'],
  },
  'Replay after the sign-out': {
    sealed: ['sign-out', 'revoked', 'sign-out', 'idle-timeout'],
    kv: ['sign-out', ...Array(3).fill('unknown-session'), 'sign-out', 'idle-timeout'],
    'durable-object': ['sign-out', ...Array(3).fill('unknown-session'), 'sign-out', 'idle-timeout'],
  },
  'A stolen cookie, used elsewhere': {
    sealed: ['stepUp', 'revoked'],
    kv: ['stepUp', 'ended'],
    'durable-object': ['stepUp', 'ended'],
  },
  'Reuse of a renewed id': {
    sealed: [],
    kv: [],
    'durable-object': ['reused', 'reused', 'unknown-session'],
  },
  'Session fixation': {
    sealed: ['sign-in'],
    kv: ['sign-in', 'ended'],
    'durable-object': ['sign-in', 'ended'],
  },
}

describe.each(MODES)('attacks, %s', (mode) => {
  test('each by its button, on a page without script', async () => {
    const { page } = await visit(mode, { javaScriptEnabled: false })
    await page.goto('/console/attacks')
    for (const attack of Object.keys(OUTCOMES)) {
      await submit(page, `Attack: ${attack}`)
      const { steps, reasons } = await reportOn(page)
      expect(steps, attack).toEqual(OUTCOMES[attack]?.[mode])
      expect(reasons, attack).toEqual(EVENTS[attack]?.[mode])
    }
    expect(await page.locator('.attacks li').count()).toBe(Object.keys(OUTCOMES).length)
  })
})

describe('attacks', () => {
  test('again and again: what the last run left behind changes nothing', async () => {
    const { page } = await visit('durable-object')
    await page.goto('/console/attacks')
    const [stolen, forged, reused] = [
      'A stolen cookie, used elsewhere',
      'A tampered cookie',
      'Reuse of a renewed id',
    ]
    for (const attack of [stolen, forged, stolen, reused]) {
      await submit(page, `Attack: ${attack}`)
      expect((await reportOn(page)).steps).toEqual(OUTCOMES[attack]?.['durable-object'])
    }
  })

  test('a stolen cookie: the parts of the risk are all there, and add up to it', async () => {
    const { page } = await visit('durable-object')
    await page.goto('/console/attacks')
    await submit(page, 'Attack: A stolen cookie, used elsewhere')
    const table = page.getByRole('table')
    const names = await table.getByRole('rowheader').allInnerTexts()
    expect(names).toEqual(expect.arrayContaining(['prior', 'impossible-travel', 'client-changed']))
    const bits = (await table.locator('td.figure').allInnerTexts()).map(Number)
    const risk = Number(await textOn(page.locator('.card:has(table) p strong')))
    expect(risk).toBeGreaterThan(0.5)
    expect(risk).toBeCloseTo(1 / (1 + 2 ** -bits.reduce((sum, bit) => sum + bit, 0)), 1)
  })

  test('they leave the visitor’s own session alone', async () => {
    const { page, cookie } = await visit('durable-object')
    await signIn(page)
    await page.goto('/console/attacks')
    const before = await cookie()
    await submit(page, 'Attack: Replay after the sign-out')
    await submit(page, 'Attack: Session fixation')
    expect((await cookie())?.value).toBe(before?.value)
  })

  test('a form on a foreign page starts none, and one that is not there is not found', async () => {
    const { origin } = demos.sealed
    const post = (path: string, from: string) =>
      fetch(`${origin}/console/attacks/${path}`, {
        method: 'POST',
        headers: { Origin: from },
        body: new URLSearchParams(),
      })
    expect((await post('tampered-cookie', 'https://elsewhere.example')).status).toBe(403)
    expect((await post('none', origin)).status).toBe(404)
  })
})

/** What an attack's page says: who got how far, and the reasons of refusals, ends and risks. */
async function reportOn(page: Page): Promise<{ steps: string[]; reasons: string[] }> {
  const steps = await page.locator('.steps > li:has(.verdict)').all()
  return {
    steps: await Promise.all(
      steps.map(async (step) => {
        const who = await textOn(step.locator('strong').first())
        return `${who} ${await textOn(step.locator('.verdict'))}`
      }),
    ),
    reasons: await page.locator('.raised strong').allInnerTexts(),
  }
}

describe('this session', () => {
  test('a visitor without a cookie is told that there is none', async () => {
    const { page, cookie } = await visit('sealed')
    await page.goto('/console')
    expect(page.url()).toBe(`${demos.sealed.origin}/console/session`)
    expect(await textOn(page.getByRole('main'))).toContain('you have no cookie')
    expect(await cookie()).toBeUndefined()
  })

  test.each([
    ['sealed', ['version', 'kid', 'hour', 'iv', 'ciphertext', 'tag'], 20 + 8],
    ['kv', ['version', 'kid', 'handle', 'token', 'tag'], 21],
    ['durable-object', ['version', 'kid', 'handle', 'token', 'tag'], 21],
  ] as const)('%s: shows the fields of the cookie, and no secret byte of it', async (mode, names, shown) => {
    const { page, cookie } = await visit(mode)
    await addToCart(page, 'Ginger nut')
    await signIn(page)
    await page.goto('/console/session')
    await page.reload() // The flash message of the sign-in is gone: the cookie is that of this page.
    const bytes = Buffer.from((await cookie())?.value ?? '', 'base64url')
    const hex = await page.locator('.bytes').first().evaluate(withoutMarks)
    const fields = page.getByRole('table', { name: 'The fields of the cookie' })
    const headers = await fields.getByRole('rowheader').allInnerTexts()
    expect(headers.map((text) => text.replace(/^\d\s*/, ''))).toEqual(names)
    const sizes = (await fields.locator('tbody td.figure').allInnerTexts()).map(Number)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(bytes.length)

    expect(hex.replace(/\s/g, '')).toBe(bytes.subarray(0, shown).toString('hex'))
    const html = await page.content()
    expect(html).not.toContain(bytes.toString('base64url'))
    const secret = bytes.subarray(mode === 'sealed' ? 28 : 21)
    const plain = (await textOn(page.getByRole('main'))).replace(/[^\da-f]/g, '')
    for (let at = 0; at + 4 <= secret.length; at += 4) {
      expect(plain).not.toContain(secret.subarray(at, at + 4).toString('hex'))
    }
  })

  test.each(['kv', 'durable-object'] as const)('%s: shows the record that the store has', async (mode) => {
    const { page, cookie } = await visit(mode)
    await addToCart(page, 'Florentine')
    await page.goto('/console/session')
    const handle = Buffer.from((await cookie())?.value ?? '', 'base64url').subarray(5, 21)
    expect(await textOn(page.locator('dl.facts code'))).toBe(handle.toString('base64url'))
    const [, record] = await page.locator('.bytes').all()
    expect(await textOn(record)).toMatch(/^1\s*01\s+2/)
    expect(await page.getByRole('table', { name: 'The fields of the record' }).count()).toBe(1)
    await expect(weightOf(page, 'data.cart')).resolves.toBe('"cart":{"florentine":1}'.length + 1)
  })

  test('sealed: accounts for every byte of the cookie, and the store has nothing', async () => {
    const { page, cookie } = await visit('sealed')
    await addToCart(page, 'Florentine')
    await page.goto('/console/session')
    await page.reload()
    const { name = '', value = '' } = (await cookie()) ?? {}
    const weights = await page.locator('.bars .figure').allInnerTexts()
    const sum = weights.reduce((total, text) => total + Number.parseInt(text, 10), 0)
    expect(sum).toBe(name.length + value.length)
    await expect(weightOf(page, 'data.cart')).resolves.toBe('"cart":{"florentine":1}'.length + 1)
    expect(await textOn(page.getByRole('main'))).toContain('Nothing of this session, as long as it lasts.')
  })

  test('the times run down by a script, and are right without it', async () => {
    const { page } = await visit('durable-object')
    await page.clock.install()
    await signIn(page)
    await page.goto('/console/session')
    const renewal = page.getByLabel('Renewal of the token')
    const before = Number(await renewal.getAttribute('value'))
    expect(before).toBeGreaterThan(880)
    await page.clock.runFor(600_000)
    expect(
      await renewal.evaluate((meter) => (meter as unknown as { readonly value: number }).value),
    ).toBeCloseTo(before - 600, 0)
    const without = await visit('durable-object', { javaScriptEnabled: false })
    await signIn(without.page)
    await without.page.goto('/console/session')
    expect(await without.page.locator('time[data-left]').allInnerTexts()).toEqual([
      expect.stringMatching(/^30 min$|^29 min 5\d s$/),
      expect.stringMatching(/^1 d$|^23 h 59 min$/),
      expect.stringMatching(/^15 min$|^14 min 5\d s$/),
    ])
  })
})

/** The bytes that are shown, without numbers and what is said of withheld ones. */
function withoutMarks(bytes: { cloneNode(deep: true): unknown }): string {
  const copy = bytes.cloneNode(true) as {
    querySelectorAll(selector: string): Iterable<{ remove(): void }>
    readonly textContent: string
  }
  for (const mark of copy.querySelectorAll('.mark, .withheld')) mark.remove()
  return copy.textContent
}

/** What the page says a line of the bars weighs, in bytes. */
async function weightOf(page: Page, name: string): Promise<number> {
  const line = page.locator('.bars li', { hasText: name })
  return Number.parseInt(await textOn(line.locator('.figure')), 10)
}

describe.each(MODES)('recent activity, %s', (mode) => {
  test('tells a user of sign-ins and ends, and of nobody else’s', async () => {
    const [ada, grace] = [client(mode), client(mode)]
    await grace.signIn('grace')
    await ada.signIn('ada')
    await ada.post('/sign-out')
    const { page } = await visit(mode, { javaScriptEnabled: false })
    await signIn(page)
    await page.goto('/account')
    await follow(page, 'Recent activity')
    // It is written after the response: a moment later.
    await expect
      .poll(async () => (await page.reload()) && page.locator('.events li strong').allInnerTexts())
      .toEqual(expect.arrayContaining(['Signed in', 'Signed out']))
    const [latest = ''] = await page.locator('.events li').allInnerTexts()
    expect(latest).toMatch(/^Signed in This session/)
    expect(latest).toMatch(/UTC · Austin, US · AS\d+ · Chrome on Linux/)
    expect(await page.locator('.events li .badge').count()).toBe(1)
  })
})

describe('every page of the console', () => {
  const PAGES = ['/console/session', '/console/attacks', '/console/operator', '/account/activity']

  test.each(['light', 'dark'] as const)(
    'can be read in %s, on a phone, and by its landmarks',
    async (colorScheme) => {
      const { page } = await visit('durable-object', { colorScheme, viewport: { width: 320, height: 640 } })
      await addToCart(page, 'Ginger nut')
      await signIn(page)
      for (const path of PAGES) {
        await page.goto(path)
        await expectReadable(page, path)
      }
      await page.goto('/console/attacks')
      await submit(page, 'Attack: A stolen cookie, used elsewhere')
      await expectReadable(page, 'an attack')
    },
  )

  test('stays out of caches', async () => {
    for (const path of PAGES) {
      const { headers } = await fetch(demos.kv.origin + path, { redirect: 'manual' })
      expect(headers.get('Cache-Control')).toBe('no-store')
    }
  })
})

// Behind what signs in: a flood of refused cookies makes whoever comes from there more suspicious.
describe('the operator’s page', () => {
  test('shows what happens while it is open, without a reload', async () => {
    const { page } = await visit('kv')
    await page.goto('/console/operator')
    await page.getByText('Live: what happens shows up within a second.').waitFor()
    const grace = client('kv')
    await grace.signIn('grace')
    const latest = page.locator('.events > li').first()
    await latest.filter({ hasText: 'create of grace' }).waitFor({ timeout: 5000 })
    grace.setCookie('nonsense')
    await grace.get('/account')
    await latest.filter({ hasText: /reject \S+/ }).waitFor({ timeout: 5000 })
    expect(await page.locator('.bars li').count()).toBeGreaterThan(0)
  })

  test('has the same without script, says that it is open to all only here, and puts sign-ins on the map', async () => {
    await client('kv').signIn('ada')
    const { page } = await visit('kv', { javaScriptEnabled: false })
    await page.goto('/console/attacks')
    await submit(page, 'Attack: A stolen cookie, used elsewhere')
    await follow(page, 'Operator')
    const text = await textOn(page.getByRole('main'))
    expect(text).toContain('Open to everybody because this is a demo')
    expect(text).toContain('As of now. Reload the page to see more.')
    expect(await textOn(page.locator('.events'))).toContain('create of ada')
    const places = await page.locator('.places li').allInnerTexts()
    expect(places).toContainEqual(expect.stringMatching(/^Lisbon, PT \d+ sign-in|^Lisbon, PT one sign-in/))
    expect(places).toContainEqual(expect.stringMatching(/^Jakarta, ID stopped/))
    expect(await page.locator('.map svg :is(circle, rect)').count()).toBe(places.length)
    expect(await page.locator('.risk svg :is(circle, rect)').count()).toBeGreaterThan(3)
  })

  test('counts a flood and lists it once', async () => {
    const forger = client('durable-object')
    for (let i = 0; i < 25; i++) {
      forger.setCookie('A'.repeat(92))
      await forger.get('/')
    }
    const { page } = await visit('durable-object', { javaScriptEnabled: false })
    await page.goto('/console/operator')
    const floods = page.locator('.events li', { hasText: 'unknown-version' }).filter({ hasText: 'times' })
    const times = (await floods.locator('.badge').allInnerTexts()).map((text) => Number.parseInt(text, 10))
    expect(times.filter(Number.isInteger).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(25)
    expect(await floods.count()).toBeLessThanOrEqual(4)
  })

  test('shows a hostile User-Agent of 64 KB cut and escaped, and runs nothing of it', async () => {
    const script = `<img src=x onerror="document.title='broken'"></p><script>document.title='broken'</script>\u0085\u00ad`
    const { page } = await visit('sealed', { userAgent: `${script}${'x'.repeat(64 * 1024)}` })
    await page.goto('/console/operator')
    await signIn(page)
    await page.goto('/console/operator')
    await page.getByText('Live: what happens').waitFor()
    const latest = await textOn(page.locator('.events > li', { hasText: 'create of ada' }).first())
    expect(latest).toContain(`<img src=x onerror="document.title='broken'">`)
    expect(latest).toContain('[U+0085][U+00AD]xxx')
    expect(latest.length).toBeLessThan(400)
    expect(await page.title()).toBe('Operator · The Wafer Shop')
    expect(await page.locator('.events img').count()).toBe(0)
    await page.goto('/account/activity')
    expect(await page.locator('.events :is(img, script)').count()).toBe(0)
  })
})

async function expectReadable(page: Page, what: string): Promise<void> {
  expect(await faintTexts(page), what).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth'), what).toBe(320)
  expect(await page.getByRole('main').count(), what).toBe(1)
  expect(await page.getByRole('heading', { level: 1 }).count(), what).toBe(1)
  for (const button of await page.getByRole('button').all()) {
    expect((await button.boundingBox())?.height, what).toBeGreaterThanOrEqual(44)
  }
  const unnamed = 'meter:not([id]), section[tabindex]:not([aria-label]), nav:not([aria-label])'
  expect(await page.locator(unnamed).count(), what).toBe(0)
}

/** The text as it is laid out; empty for what is not there. */
async function textOn(locator: Locator | undefined): Promise<string> {
  return ((await locator?.allInnerTexts()) ?? []).join('\n')
}

async function visit(mode: Mode, options: BrowserContextOptions = {}): Promise<Shopper> {
  const { origin } = demos[mode]
  const context = await browser.newContext({ baseURL: origin, ...options })
  onTestFinished(() => context.close())
  return shopper(context, origin)
}

function client(mode: Mode): DemoClient {
  const { origin } = demos[mode]
  return demoClient({ fetch: (request) => fetch(request, { redirect: 'manual' }) }, { origin })
}
