import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { createMonitor } from 'wafer-session/monitor'
import { memoryStore } from 'wafer-session/stores/memory'
import { cookieJar, fakeClock } from 'wafer-session/testing'
import { chrome, FIREFOX } from '../support/sightings.ts'

const DAY = 86_400
const LISBON = { country: 'PT', city: 'Lisbon', latitude: '38.7', longitude: '-9.1', asn: 64_500 }
const TOKYO = { country: 'JP', city: 'Tokyo', latitude: '35.7', longitude: '139.7', asn: 64_999 }

/** An application with a real monitor; a visit gives its status, and the risk where there is one. */
function monitored() {
  const clock = fakeClock()
  const monitor = createMonitor({ clock })
  const app = new Hono<SessionEnv>()
  app.use(session({ secret: generateSecret(), store: memoryStore({ clock }), clock, monitor }))
  app.post('/sign-in', (c) => {
    c.var.session.signIn('ada')
    return c.text('ok')
  })
  app.get('/', requireUser(), (c) => c.text(String(c.var.session.risk)))

  const jar = cookieJar({ clock })
  async function visit(path: '/' | '/sign-in', cf: object | undefined, userAgent: string) {
    const headers = { Cookie: jar.header(), 'User-Agent': userAgent, 'CF-Connecting-IP': '192.0.2.1' }
    const request = new Request(`https://example.test${path}`, {
      method: path === '/' ? 'GET' : 'POST',
      headers,
    })
    if (cf !== undefined) Object.defineProperty(request, 'cf', { value: cf })
    const response = await app.fetch(request)
    jar.store(response)
    return { status: response.status, risk: Number(await response.text()) }
  }
  return { clock, monitor, visit }
}

test('a monitor in the middleware stops a cookie that comes back from the other end of the world', async () => {
  const { clock, visit, monitor } = monitored()
  for (let day = 0; day < 12; day++) {
    await visit('/sign-in', LISBON, chrome(143))
    clock.advance(60)
    expect(await visit('/', LISBON, chrome(143))).toMatchObject({ status: 200 })
    clock.advance(DAY - 60)
  }
  await visit('/sign-in', LISBON, chrome(143))
  clock.advance(60)
  expect((await visit('/', LISBON, chrome(143))).risk).toBeLessThan(0.1)
  expect((await visit('/', TOKYO, FIREFOX)).status).toBe(401)
  expect(monitor.figures().actions.allow).toBeGreaterThan(12)
})

test.each<[string, object | undefined]>([
  ['no cf object', undefined],
  ['an empty one', {}],
  ['coordinates out of range', { ...LISBON, latitude: '91', longitude: '1e9' }],
  ['coordinates that are no numbers', { ...LISBON, latitude: 'NaN', longitude: '<b>' }],
  ['half of the coordinates', { country: 'PT', latitude: '38.7' }],
  [
    'values of other kinds',
    { country: 7, city: {}, latitude: [], longitude: null, asn: 'x', timezone: true },
  ],
  ['markup and control characters', { country: '<s', city: '<img src=x>\u0000\u001b[31m', timezone: '"&' }],
])('a monitor in the middleware takes %s, and 64 KB of User-Agent', async (_, cf) => {
  const { visit, monitor } = monitored()
  const userAgent = `<script>${'A'.repeat(65_536)}`
  await visit('/sign-in', cf, userAgent)
  for (let i = 0; i < 3; i++) {
    const { status, risk } = await visit('/', cf, userAgent)
    expect(status).toBe(200)
    expect(risk).toBeGreaterThanOrEqual(0)
    expect(risk).toBeLessThan(0.5)
  }
  expect(monitor.figures()).toMatchObject({ assessed: 3, failures: 0, users: 1 })
  const kept = JSON.stringify(monitor.snapshot())
  expect(kept.length).toBeLessThan(10_000)
  expect(kept).not.toMatch(/[<>&]|\\u0000|\\u001b/)
})
