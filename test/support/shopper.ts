import type { BrowserContext, Cookie, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { PASSWORDS } from './passwords.ts'

/** Someone with a browser of their own, looking at the demo. */
export interface Shopper {
  readonly page: Page
  /** A further tab. */
  tab(): Promise<Page>
  /** The session cookie of the demo, as the browser keeps it. */
  cookie(): Promise<Cookie | undefined>
  setCookie(value: string): Promise<void>
}

/** @param origin Of the demo; the base of what the context visits. */
export async function shopper(context: BrowserContext, origin: string): Promise<Shopper> {
  const { hostname } = new URL(origin)
  return {
    page: await newPage(context),
    tab: () => newPage(context),
    async cookie() {
      const cookies = await context.cookies()
      return cookies.find(({ name, domain }) => name === '__Host-session' && domain === hostname)
    },
    async setCookie(value) {
      const attributes = {
        domain: hostname,
        path: '/',
        secure: true,
        httpOnly: true,
        sameSite: 'Lax',
      } as const
      await context.addCookies([{ name: '__Host-session', value, ...attributes }])
    },
  }
}

/** A tab in which nothing may break: neither a script nor the page's own Content-Security-Policy. */
async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text())
  })
  onTestFinished(() => expect(complaints).toEqual([]))
  return page
}

/** Presses a button that sends a form, and waits for the page that answers. */
export async function submit(page: Page, button: string): Promise<void> {
  const answered = page.waitForEvent('load')
  await page.getByRole('button', { name: button }).click()
  await answered
}

export async function follow(page: Page, link: string): Promise<void> {
  const answered = page.waitForEvent('load')
  await page.getByRole('link', { name: link }).click()
  await answered
}

export async function addToCart(page: Page, product: string): Promise<void> {
  await page.goto('/')
  await submit(page, `Add ${product} to the cart`)
}

export async function signIn(
  page: Page,
  { name = 'ada', password = PASSWORDS.ada, remember = false, path = '/sign-in' } = {},
): Promise<void> {
  await page.goto(path)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  if (remember) await page.getByLabel('Keep me signed in').check()
  await submit(page, 'Sign in')
}

/** The name in the navigation; null for an anonymous visitor. */
export async function signedInAs(page: Page): Promise<string | null> {
  await page.goto('/')
  const link = page.getByRole('navigation').locator('a[href="/account"]')
  return (await link.count()) === 0 ? null : link.textContent()
}

/** The lines of the cart page, as `2 Ginger nut`. */
export async function cartOf(page: Page): Promise<string[]> {
  await page.goto('/cart')
  const rows = await page.locator('tbody tr').all()
  return Promise.all(
    rows.map(async (row) => {
      const count = await row.locator('td span').textContent()
      return `${count} ${await row.getByRole('rowheader').textContent()}`
    }),
  )
}
