import { expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionInfo } from 'wafer-session'
import { activityLog, createMonitor, type Sink } from 'wafer-session/monitor'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36'
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0'
const HOME: SessionInfo = { address: '203.0.113.9', country: 'PT', network: 'AS64500' }

/** An application with a monitor, and its visitors. */
function application(sink?: Sink, options = {}, clock = fakeClock()) {
  const monitor = createMonitor({ clock, ...(sink && { sink }) })
  const store = memoryStore({ clock })
  const manager = createSessionManager({ secret: generateSecret(), clock, store, monitor, ...options })

  async function visit(cookie: string, info: SessionInfo, userAgent: string, user?: string) {
    const headers = { 'User-Agent': userAgent, ...(cookie && { Cookie: cookie }) }
    const session = await manager.open(new Request('https://example.test/', { headers }), info)
    if (user !== undefined) session.signIn(user)
    const { userId } = session
    const [line = cookie] = await manager.commit(session)
    return { cookie: line.split(';', 1)[0] as string, userId }
  }

  return { clock, monitor, manager, visit }
}

test('forged cookies from around an address ask none of the users there for anything, however new', async () => {
  const { clock, monitor, visit } = application()
  const users = ['alice', 'bob', 'carol']
  const cookies: string[] = []
  for (const user of users) {
    cookies.push((await visit('', HOME, FIREFOX, user)).cookie)
    clock.advance(60)
  }
  for (let i = 0; i < 60; i++) {
    await visit(`__Host-session=forged${i}`, { ...HOME, address: '203.0.113.66' }, CHROME)
  }
  expect(monitor.figures().refused).toBe(60)
  clock.advance(5)
  for (const [i, cookie] of cookies.entries()) {
    expect((await visit(cookie, HOME, FIREFOX)).userId).toBe(users[i])
  }
})

test('activityLog: one session cannot push what others did out of the list', async () => {
  const clock = fakeClock()
  const log = activityLog({ sessions: () => manager, maxEntries: 10, clock })
  const { manager, monitor, visit } = application(log, { binding: { userAgent: 'report' } }, clock)
  const first = await visit('', HOME, FIREFOX, 'alice')
  await monitor.flush()
  const thief = await visit('', { ...HOME, country: 'NL' }, CHROME, 'alice')
  await monitor.flush()
  const { id: signedIn } = await manager.open(
    new Request('https://example.test/', { headers: { Cookie: thief.cookie } }),
  )
  for (let i = 0; i < 30; i++) {
    clock.advance(1)
    await visit(first.cookie, HOME, i % 2 ? CHROME : 'curl/8')
    await monitor.flush()
  }
  const entries = await log.list('alice')
  expect(entries.length).toBe(10)
  expect(entries[0]?.at).toBe(clock())
  expect(entries.filter(({ type }) => type === 'create').map(({ sessionId }) => sessionId)).toContain(
    signedIn,
  )
  expect(entries.filter(({ type }) => type === 'create').length).toBe(2)
  const times = entries.map(({ at }) => at)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
})
