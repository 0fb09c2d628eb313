import { TOTP } from 'otpauth'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { launchChromium } from './support/chromium.ts'
import { type Demo, startDemo } from './support/demo.ts'
import { readQrCode } from './support/read-qr-code.ts'
import { follow, shopper, signIn, submit } from './support/shopper.ts'

// On demos of their own: whoever has a second factor signs in in another way.

let demo: Demo
let sealedDemo: Demo
let browser: Browser

beforeAll(async () => {
  ;[demo, sealedDemo, browser] = await Promise.all([
    startDemo({ secret: generateSecret(), sessions: 'durable-object' }),
    startDemo({ secret: generateSecret(), sessions: 'sealed' }),
    launchChromium(),
  ])
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await Promise.all([demo, sealedDemo].map((demo) => demo?.stop()))
})

async function visit({ origin }: Demo, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: origin, ...options })
  onTestFinished(() => context.close())
  return (await shopper(context, origin)).page
}

describe('the second factor in a browser', () => {
  test('on a phone, in the dark and without script: from the QR code to a recovery code', async () => {
    const device: BrowserContextOptions = {
      javaScriptEnabled: false,
      colorScheme: 'dark',
      viewport: { width: 320, height: 640 },
    }
    const page = await visit(demo, device)
    await signIn(page)
    await page.goto('/account')
    await follow(page, 'Second factor')
    const uri = await seenIn(page.locator('.qr-code svg'))
    expect(uri).toBe(await page.getByRole('link', { name: 'open your app' }).getAttribute('href'))
    expect(await overflows(page)).toBe(false)
    const app = new TOTP({ secret: new URL(uri).searchParams.get('secret') ?? '' })

    await page.getByLabel('Code of your app').fill(app.generate())
    await submit(page, 'Turn it on')
    const codes = await page.getByRole('listitem').allTextContents()
    expect(codes).toHaveLength(10)
    expect(await overflows(page)).toBe(false)
    await page.reload()
    expect(await page.getByRole('listitem').count()).toBe(0)

    await page.goto('/account')
    await submit(page, 'Sign out')
    await signIn(page, { path: '/sign-in?return_to=/account/email' })
    expect(page.url()).toBe(`${demo.origin}/confirm?return_to=%2Faccount%2Femail`)
    expect(await overflows(page)).toBe(false)
    await page.getByLabel('Code').fill(app.generate({ timestamp: Date.now() + 30_000 })) // Of this time it was used already.
    await submit(page, 'Continue')
    expect(page.url()).toBe(`${demo.origin}/account/email`)
    await page.getByLabel('New address').fill('ada@example.org')
    await submit(page, 'Save')
    expect(await page.locator('dl').textContent()).toContain('ada@example.org')

    await submit(page, 'Sign out')
    await signIn(page)
    await page.getByLabel('Code').fill(codes[0] ?? '')
    await submit(page, 'Continue')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Ada')
    await page.goto('/account/second-factor')
    expect(await page.locator('.lead').textContent()).toContain('9 recovery codes are left.')
    await submit(page, 'Turn it off')
    expect(page.url()).toBe(`${demo.origin}/account`)
  })

  test('with sealed cookies the page says what is missing', async () => {
    const page = await visit(sealedDemo)
    await signIn(page)
    await page.goto('/account/second-factor')
    expect(await page.locator('.lead').textContent()).toMatch(
      /needs a store .* the mode durable-object has one/,
    )
    expect(await page.locator('main form').count()).toBe(0)
  })
})

/** True when the page has to be moved sideways. */
function overflows(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > innerWidth')
}

/** What a camera reads from the picture of a QR code. */
async function seenIn(code: Locator): Promise<string> {
  const [, , , size = ''] = (await code.getAttribute('viewBox'))?.split(' ') ?? []
  const picture = await code.screenshot()
  const context = await browser.newContext()
  const page = await context.newPage()
  const modules = await page.evaluate(blackModules, { png: picture.toString('base64'), size: Number(size) })
  await context.close()
  const quiet = 4
  const inside = modules.slice(quiet, -quiet).map((row) => row.slice(quiet, -quiet))
  expect(modules.flat().filter(Boolean)).toHaveLength(inside.flat().filter(Boolean).length)
  return readQrCode(inside)
}

/** Runs in a page: looks at the middle of each module. */
async function blackModules({ png, size }: { png: string; size: number }): Promise<boolean[][]> {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob())
  const context = new OffscreenCanvas(image.width, image.height).getContext('2d')
  context?.drawImage(image, 0, 0)
  const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? []
  const at = (i: number, length: number) => Math.floor(((i + 0.5) * length) / size)
  const isBlack = (x: number, y: number) =>
    (pixels[4 * (at(y, image.height) * image.width + at(x, image.width))] ?? 0) < 128
  return Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => isBlack(x, y)))
}
