import { expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { activityLog, createMonitor } from 'wafer-session/monitor'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { requestWith, visitWith } from '../support/visitor.ts'
import { watchedStore } from '../support/watched-store.ts'

function kept(options: { retention?: number; maxEntries?: number } = {}) {
  const clock = fakeClock()
  const store = watchedStore(memoryStore({ clock }))
  const log = activityLog({ sessions: () => manager, clock, ...options })
  const privacy = { userId: 'hash', secret: generateSecret() } as const
  const monitor = createMonitor({ sink: log, clock, privacy })
  const manager = createSessionManager({ secret: generateSecret(), clock, store, monitor })
  const types = async (userId: string) => (await log.list(userId)).map(({ type }) => type)
  return { clock, store, log, monitor, manager, types }
}

test('activityLog keeps what happened to the sessions of a user, the newest first', async () => {
  const { manager, monitor, log, types } = kept()
  const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
  await monitor.flush()
  await visitWith(manager, cookie, (session) => session.signOut())
  await monitor.flush()
  expect(await types('alice')).toEqual(['end', 'create'])
  expect(await types('bob')).toEqual([])
  expect((await log.list('alice'))[1]).not.toHaveProperty('userId')
})

test('activityLog costs a request about which there is nothing to say no store call', async () => {
  const { manager, monitor, store } = kept()
  const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
  await monitor.flush()
  store.calls()
  await manager.open(requestWith(cookie))
  await monitor.flush()
  expect(store.calls()).toEqual(['get']) // The session's own.
})

test('activityLog forgets by time, by number, and when asked to', async () => {
  const { manager, monitor, types, clock } = kept({ retention: 100, maxEntries: 2 })
  for (let i = 0; i < 3; i++) await visitWith(manager, '', (session) => session.signIn('alice'))
  await monitor.flush()
  expect(await types('alice')).toEqual(['create', 'create'])
  clock.advance(99)
  await visitWith(manager, '', (session) => session.signIn('alice'))
  await monitor.flush()
  clock.advance(2)
  expect(await types('alice')).toEqual(['create'])
  await visitWith(manager, '', (session) => session.signIn('bob'))
  await monitor.forgetUser('alice')
  expect(await types('alice')).toEqual([])
  expect(await types('bob')).toEqual(['create'])
  expect(monitor.profile('alice')).toBeUndefined()
})

test('activityLog loses nothing when several write at once', async () => {
  const { manager, monitor, types } = kept()
  await Promise.all([1, 2, 3, 4].map(() => visitWith(manager, '', (session) => session.signIn('alice'))))
  await monitor.flush()
  expect(await types('alice')).toEqual(['create', 'create', 'create', 'create'])
})

test('activityLog gives up, and is counted, where others always write the activity of the same user first', async () => {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  let contested = false
  const store = {
    ...memory,
    update: async (...given: Parameters<typeof memory.update>) =>
      contested ? null : memory.update(...given),
  }
  const log = activityLog({ sessions: () => manager, clock })
  const monitor = createMonitor({ sink: log, clock, privacy: { userId: 'hash', secret: generateSecret() } })
  const manager = createSessionManager({ secret: generateSecret(), clock, store, monitor })
  await visitWith(manager, '', (session) => session.signIn('alice'))
  await monitor.flush()
  contested = true
  await visitWith(manager, '', (session) => session.signIn('alice'))
  await monitor.flush()
  expect(monitor.figures().sinks).toMatchObject({ written: 1, failed: 1 })
  expect(await log.list('alice')).toHaveLength(1)
})

test.each([{}, { sessions: null }, { sessions: memoryStore() }])('activityLog refuses %j', (options) => {
  expect(() => activityLog(options as never)).toThrow('activityLog({ sessions }) wants the session manager')
})
