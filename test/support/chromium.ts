import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core'
import { binary } from './debian.ts'

const CHROMIUM = {
  package: 'chromium-headless-shell',
  // The first is the same without windows, of which tests see none: a third less to compute.
  command: [
    'chromium-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome-stable',
    'google-chrome',
  ],
  variable: 'CHROMIUM_PATH',
}

/**
 * The address bar of each window loads two pages of its own, which take a third of the browser's time, and each window keeps
 * a process in reserve. Chromium heeds the last switch of a name alone: the others are those of Playwright's that tests
 * could notice.
 */
const WITHOUT = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'SpareRendererForSitePerProcess',
  'AimEnabled',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
]

/** A browser whose contexts share nothing and leave nothing behind. Throws like `openProfile`. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch(launchOptions())
}

/**
 * A browser that keeps its profile in a folder: opened again on the same one, it has the cookies that outlive it.
 *
 * @throws {Error} When there is no Chromium and none can be installed.
 */
export function openProfile(
  folder: string,
  { baseURL }: { readonly baseURL: string },
): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...launchOptions(), baseURL })
}

function launchOptions(): LaunchOptions {
  return {
    executablePath: binary(CHROMIUM),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--disable-features=${WITHOUT}`,
    ],
  }
}
