import { expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'

/** What the list of devices says of a client that signed in with this User-Agent. */
async function deviceOf(userAgent: string | undefined): Promise<string | undefined> {
  const manager = createSessionManager({ secret: generateSecret(), store: memoryStore() })
  const headers = userAgent === undefined ? {} : { 'User-Agent': userAgent }
  const session = await manager.open(new Request('https://example.test/', { headers }))
  session.signIn('u1')
  await manager.commit(session)
  const [listed] = await manager.users.list('u1')
  if (listed === undefined) throw new Error('Nothing is listed.')
  return listed.device
}

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'

test.each([
  ['Chrome on Windows', `${WINDOWS} ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`],
  ['Chrome on macOS', `${MAC} ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`],
  ['Chrome on Linux', `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`],
  ['Chrome on Linux', `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/143.0.0.0 Safari/537.36`],
  ['Chrome on ChromeOS', `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`],
  ['Chrome on Android', `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/143.0.0.0 Mobile Safari/537.36`],
  ['Chrome on iOS', `${IPHONE} CriOS/143.0.7499.38 Mobile/15E148 Safari/604.1`],
  ['Edge on Windows', `${WINDOWS} ${WEBKIT} Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0`],
  ['Edge on Windows', `${WINDOWS} ${WEBKIT} Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763`],
  [
    'Edge on Android',
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/143.0.0.0 Mobile Safari/537.36 EdgA/143.0.0.0`,
  ],
  ['Edge on iOS', `${IPHONE} Version/18.0 EdgiOS/143.0.3650.28 Mobile/15E148 Safari/604.1`],
  ['Firefox on Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:146.0) Gecko/20100101 Firefox/146.0'],
  [
    'Firefox on macOS',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:146.0) Gecko/20100101 Firefox/146.0',
  ],
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0'],
  ['Firefox on Android', 'Mozilla/5.0 (Android 15; Mobile; rv:146.0) Gecko/146.0 Firefox/146.0'],
  ['Firefox on iOS', `${IPHONE} FxiOS/146.0 Mobile/15E148 Safari/604.1`],
  ['Safari on macOS', `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`],
  ['Safari on iOS', `${IPHONE} Version/26.1 Mobile/15E148 Safari/604.1`],
  [
    'Safari on iOS',
    'Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1',
  ],
  [
    'Samsung Internet on Android',
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
  ],
  ['Opera on Windows', `${WINDOWS} ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 OPR/126.0.0.0`],
  [
    'Opera on Android',
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36 OPR/93.0.0.0`,
  ],
  ['curl', 'curl/8.5.0'],
  ['Wget', 'Wget/1.21.4'],
  ['python-requests', 'python-requests/2.32.3'],
  ['node', 'node'],
  ['okhttp', 'okhttp/4.12.0'],
  // What cannot be told is said as far as it can.
  ['Mozilla on iOS', `${IPHONE} Mobile/15E148`],
  ['Windows', '(Windows)'],
])('users.list calls it %s: %s', async (device, userAgent) => {
  expect(await deviceOf(userAgent)).toBe(device)
})

test.each([[undefined], [''], ['<script>alert(1)</script>'], ['/'], ['"; drop table']])(
  'users.list has no name for %j',
  async (userAgent) => {
    expect(await deviceOf(userAgent)).toBeUndefined()
  },
)

test('users.list never shows more than a short name without markup', async () => {
  const hostile = ['A'.repeat(10_000), `curl<b>${'x'.repeat(9000)}`, `Firefox/1 Windows ${'&'.repeat(9000)}`]
  for (const userAgent of hostile) expect(await deviceOf(userAgent)).toMatch(/^[\w. -]{1,40}$/)
})

test('40 kB of junk in User-Agent and Sec-CH-UA are read in linear time', async () => {
  const parts = [
    'A',
    ' ',
    '"',
    '""',
    '"" ',
    '" ; v',
    'Not',
    'NotA',
    'Chrome',
    'Edg',
    'Safari/',
    'Mac OS ',
    ';',
    '\\"',
    'a-',
  ]
  const binding = { userAgent: 'report', clientHints: 'report' } as const
  const manager = createSessionManager({ secret: generateSecret(), store: memoryStore(), binding })
  for (const part of parts) {
    const junk = `x${part.repeat(40_000 / part.length)}x`
    const headers = { 'User-Agent': junk, 'Sec-CH-UA': junk, 'Sec-CH-UA-Platform': junk }
    const session = await manager.open(new Request('https://example.test/', { headers }))
    session.signIn('u1')
    const start = performance.now()
    await manager.commit(session)
    expect(performance.now() - start).toBeLessThan(3000)
  }
})
