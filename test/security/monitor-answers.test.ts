import { expect, test } from 'vitest'
import { createSessionManager, generateSecret, type RiskAssessment, type SessionMonitor } from 'wafer-session'
import { createMonitor } from 'wafer-session/monitor'
import { memoryStore } from 'wafer-session/stores/memory'
import { visitWith, whoseIs } from '../support/visitor.ts'

/** What a call of another Worker gives: it can be waited for, and is no Promise of this realm. */
function rpc<T>(promise: Promise<T>): Promise<T> {
  // biome-ignore lint/suspicious/noThenProperty: that is the point.
  return { then: (...handlers: []) => promise.then(...handlers) } as Promise<T>
}

async function whoIsIn(assess: () => unknown): Promise<string | undefined> {
  const monitor = { assess } as SessionMonitor
  const options = { secret: generateSecret(), store: memoryStore(), monitor, storeTimeout: 0.05 }
  const manager = createSessionManager(options)
  return whoseIs(manager, await visitWith(manager, '', (session) => session.signIn('alice')))
}

test('monitor.assess: what comes from afar is waited for', async () => {
  const end: RiskAssessment = { risk: 1, action: 'end' }
  expect(await whoIsIn(() => rpc(Promise.resolve(end)))).toBeUndefined()
})

test.each([
  ['gives nothing', () => undefined],
  ['fails afar', () => rpc(Promise.reject(new Error('down')))],
  ['gives nothing from afar', () => rpc(Promise.resolve(undefined))],
  ['hangs afar', () => rpc(new Promise(() => {}))],
])('monitor.assess that %s lets the request through', { timeout: 5000 }, async (_, assess) => {
  expect(await whoIsIn(assess)).toBe('alice')
})

test('monitor.learn and onEvent that fail afar take no request down', async () => {
  const failing = () => rpc(Promise.reject(new Error('down')))
  const monitor = { assess: () => ({ risk: 0, action: 'allow' as const }), learn: failing, onEvent: failing }
  const manager = createSessionManager({ secret: generateSecret(), store: memoryStore(), monitor })
  const cookie = await visitWith(manager, '', (session) => session.signIn('alice'))
  expect(await whoseIs(manager, cookie)).toBe('alice')
})

test('monitor.flush waits for a sink that writes afar, and figures() says what became of it', async () => {
  const written: Array<() => void> = []
  const write = () => rpc(new Promise<void>((resolve) => written.push(resolve)))
  const failing = () => rpc(Promise.reject(new Error('down')))
  const monitor = createMonitor({ sink: [{ write }, { write: failing }] })
  const at = { at: 1_700_000_000_000, cookie: '__Host-session', sessionId: 'handle' }
  monitor.onEvent({ type: 'create', ...at }, { address: '203.0.113.7' })
  expect(monitor.figures().sinks).toMatchObject({ written: 0, failed: 0, pending: 2 })
  for (const land of written) land()
  await monitor.flush()
  expect(monitor.figures().sinks).toEqual({ written: 1, dropped: 0, failed: 1, pending: 0 })
})
