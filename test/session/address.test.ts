import { expect, test } from 'vitest'
import { createMonitor, type LogEntry } from 'wafer-session/monitor'

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:7:8::1', '2001:db8:7::/48'],
  ['192.0.2.7x', undefined],
  ['192.0.2.256', undefined],
  ['1::zz', undefined],
  ['nowhere', undefined],
])('the log entry of a client at %j is written, with the address %j', (address, written) => {
  const entries: LogEntry[] = []
  const monitor = createMonitor({ sink: { write: (entry) => entries.push(entry) } })
  monitor.onEvent({ type: 'create', at: 0, cookie: '__Host-session', sessionId: 'handle' }, { address })
  expect(entries.map((entry) => entry.address)).toEqual([written])
})
