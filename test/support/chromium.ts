import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

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
    executablePath: findChromium() ?? installChromium(),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  }
}

function findChromium(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH
  const places = PATH.split(delimiter).filter((folder) => folder !== '')
  return places.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable)
}

function installChromium(): string {
  for (const command of [['update'], ['install', '-y', 'chromium']]) {
    spawnSync('apt-get', command, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  const path = findChromium()
  if (path !== undefined) return path
  throw new Error('No Chromium: install the package chromium, or set CHROMIUM_PATH to a Chromium of yours.')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
