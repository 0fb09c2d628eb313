import type { Random } from './random.ts'

/** A browser on a system, with the version that it had on the first day. */
export interface Agent {
  readonly browser: keyof typeof BROWSERS
  readonly isPhone: boolean
  readonly version: number
  /** Day of its four weeks on which it updates. */
  readonly updates: number
}

const CHROME =
  (system: string, tail = '') =>
  (version: number) =>
    `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 ${tail}Safari/537.36`
const FIREFOX = (system: string) => (version: number) =>
  `Mozilla/5.0 (${system}; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`

const BROWSERS = {
  'Chrome on Windows': CHROME('Windows NT 10.0; Win64; x64'),
  'Edge on Windows': (version: number) =>
    `${CHROME('Windows NT 10.0; Win64; x64')(version)} Edg/${version}.0.0.0`,
  'Firefox on Windows': FIREFOX('Windows NT 10.0; Win64; x64'),
  'Chrome on macOS': CHROME('Macintosh; Intel Mac OS X 10_15_7'),
  'Safari on macOS': (version: number) =>
    `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version - 117}.1 Safari/605.1.15`,
  'Firefox on Linux': FIREFOX('X11; Linux x86_64'),
  'Chrome on Linux': CHROME('X11; Linux x86_64'),
  'Chrome on Android': CHROME('Linux; Android 10; K', 'Mobile '),
  'Safari on iOS': (version: number) =>
    `Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version - 117}.1 Mobile/15E148 Safari/604.1`,
}

/** About as they are counted on the web. */
const DESKTOPS = [
  ['Chrome on Windows', 50],
  ['Edge on Windows', 13],
  ['Firefox on Windows', 5],
  ['Chrome on macOS', 10],
  ['Safari on macOS', 12],
  ['Firefox on Linux', 2],
  ['Chrome on Linux', 4],
] as const
const PHONES = [
  ['Chrome on Android', 62],
  ['Safari on iOS', 38],
] as const

export function drawDesktop(draw: Random): Agent {
  return agent(draw.weighted(DESKTOPS), false, draw)
}

export function drawPhone(draw: Random): Agent {
  return agent(draw.weighted(PHONES), true, draw)
}

function agent(browser: Agent['browser'], isPhone: boolean, draw: Random): Agent {
  return { browser, isPhone, version: 143 - (draw.chance(0.2) ? draw.below(12) : 0), updates: draw.below(28) }
}

/** The header as it is on that day: a version more every four weeks. */
export function userAgentOf({ browser, version, updates }: Agent, day: number): string {
  return BROWSERS[browser](version + Math.floor((day + updates) / 28))
}
