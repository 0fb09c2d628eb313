/** `npm run screenshots`: starts the demo, plays with it, and writes docs/screenshots/*.png. Look at each of them. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium } from '../test/support/chromium.ts'
import { startDemo } from '../test/support/demo.ts'

const folder = new URL('../docs/screenshots/', import.meta.url)
/** What a picture may weigh in bytes: they are cloned by everybody. */
const MOST = 150_000

const LOOKS: Record<string, BrowserContextOptions> = {
  light: { colorScheme: 'light', viewport: { width: 960, height: 660 } },
  dark: { colorScheme: 'dark', viewport: { width: 960, height: 660 } },
  phone: { colorScheme: 'light', viewport: { width: 320, height: 900 } },
}

/** All of them with `npm run screenshots -- all`; those that are kept with the repository without. */
const KEPT = [
  'attack-light',
  'operator-light',
  'session-light',
  'operator-dark',
  'session-dark',
  'attack-phone',
]

const SCENES: Record<string, (page: Page) => Promise<void>> = {
  async attack(page) {
    await attack(page, 'A stolen cookie, used elsewhere')
    await scrollTo(page, '.report')
  },
  async operator(page) {
    for (const name of ['Reuse of a renewed id', 'A tampered cookie']) await attack(page, name)
    await page.goto('/console/operator')
    await page.getByText('Live: what happens').waitFor()
    await scrollTo(page, '.live')
  },
  async session(page) {
    await page.goto('/console/session')
    await scrollTo(page, 'h2:has-text("byte by byte")')
  },
  async activity(page) {
    await page.goto('/account/activity')
  },
}

const [demo, browser] = await Promise.all([
  startDemo({ secret: randomBytes(32).toString('base64'), sessions: 'durable-object' }),
  launchChromium(),
])
try {
  mkdirSync(folder, { recursive: true })
  for (const [look, options] of Object.entries(LOOKS)) await takeAll(browser, look, options)
} finally {
  await browser.close()
  await demo.stop()
}

async function takeAll(browser: Browser, look: string, options: BrowserContextOptions): Promise<void> {
  const context = await browser.newContext({ baseURL: demo.origin, ...options })
  const page = await context.newPage()
  await signIn(page)
  for (const [name, play] of Object.entries(SCENES)) {
    await play(page)
    if (!process.argv.includes('all') && !KEPT.includes(`${name}-${look}`)) continue
    const path = fileURLToPath(new URL(`${name}-${look}.png`, folder))
    await page.screenshot({ path })
    const { size } = statSync(path)
    console.log(`${name}-${look}.png ${size} bytes`)
    if (size > MOST)
      throw new RangeError(`${name}-${look}.png must have at most ${MOST} bytes: it has ${size}.`)
  }
  await context.close()
}

async function signIn(page: Page): Promise<void> {
  await page.goto('/')
  await page.getByRole('button', { name: 'Add Linzer eye to the cart' }).click()
  await page.goto('/sign-in')
  await page.getByLabel('Name').fill('ada')
  await page.getByLabel('Password').fill('thin and crisp')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/account')
}

/** A little of what is above stays in sight. */
async function scrollTo(page: Page, selector: string): Promise<void> {
  await page.locator(selector).evaluate((element: { scrollIntoView(): void }) => element.scrollIntoView())
  await page.mouse.wheel(0, -20)
  await page.waitForTimeout(300)
}

async function attack(page: Page, name: string): Promise<void> {
  await page.goto('/console/attacks')
  await page.getByRole('button', { name: `Attack: ${name}` }).click()
  await page.locator('.report').waitFor()
}
