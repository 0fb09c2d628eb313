/** In this order: most browsers also claim to be those further down. */
const BROWSERS: readonly [string, RegExp][] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|CriOS|HeadlessChrome)\//],
  ['Safari', /\bSafari\//],
]

const SYSTEMS: readonly [string, RegExp][] = [
  ['Windows', /\bWindows\b/],
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(?:iPhone|iPad|iPod)\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
]

/** A browser says what it is within this many characters. */
const MAX_LENGTH = 512

/** Such as `Firefox on Windows`, or `curl`: no versions, so that an update changes nothing. Undefined for none. */
export function describeDevice(userAgent: string | null): string | undefined {
  if (!userAgent) return undefined
  const text = userAgent.slice(0, MAX_LENGTH)
  const program = nameOf(BROWSERS, text) ?? /^[\w.-]{1,32}/.exec(text)?.[0]
  const system = nameOf(SYSTEMS, text)
  return program && system ? `${program} on ${system}` : (program ?? system)
}

function nameOf(list: readonly [string, RegExp][], text: string): string | undefined {
  return list.find(([, pattern]) => pattern.test(text))?.[0]
}
