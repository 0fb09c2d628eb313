import { describe, expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import {
  analyticsEngineSink,
  createMonitor,
  jsonSink,
  type LogEntry,
  openTelemetrySink,
  type Sink,
} from 'wafer-session/monitor'

const CLIENT = {
  address: '203.0.113.77',
  country: 'PT',
  city: 'Lisbon',
  network: 'AS64500',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
}

function recording(): Sink & { entries: LogEntry[] } {
  const entries: LogEntry[] = []
  return { entries, write: (entry) => entries.push(entry) }
}

const create = (over: { userId?: string; sessionId?: string } = {}) => ({
  type: 'create' as const,
  at: 1_700_000_000_000,
  cookie: '__Host-session',
  sessionId: 'handle',
  userId: 'alice',
  ...over,
})

describe('createMonitor({ sink })', () => {
  test('writes what happened, with coarse places and no User-Agent', () => {
    const sink = recording()
    createMonitor({ sink }).onEvent(create(), CLIENT)
    expect(sink.entries).toEqual([
      expect.objectContaining({
        type: 'create',
        userId: 'alice',
        sessionId: 'handle',
        address: '203.0.113.0/24',
        country: 'PT',
        city: 'Lisbon',
        network: 'AS64500',
        device: 'Firefox on Linux',
      }),
    ])
    expect(JSON.stringify(sink.entries)).not.toMatch(/Mozilla|\.77/)
  })

  test.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:7:1::5', '2001:db8:7::/48'],
    ['not an address', undefined],
    ['999.1.1.1', undefined],
  ])('writes of the address %s no more than %s', (address, written) => {
    const sink = recording()
    createMonitor({ sink }).onEvent(create(), { address })
    expect(sink.entries.map((entry) => entry.address)).toEqual([written])
  })

  test('hostile texts are cut and have no markup', () => {
    const sink = recording()
    const userAgent = `<script>${'A'.repeat(65_536)}\u0000\n`
    const client = { userAgent, city: '<img src=x onerror=1>\r\n', country: '<b>', network: '"><script>' }
    createMonitor({ sink }).onEvent(create(), client)
    expect(sink.entries).toHaveLength(1)
    expect(JSON.stringify(sink.entries)).not.toMatch(/[<>]|\\[rn]|\\u0000/)
    expect(JSON.stringify(sink.entries).length).toBeLessThan(1000)
  })

  test('a sink that throws, rejects or hangs stops nobody, and is counted', async () => {
    const sink = recording()
    const broken: Sink[] = [
      {
        write() {
          throw new Error('broken')
        },
      },
      { write: () => Promise.reject(new Error('broken')) },
      { write: () => new Promise(() => {}) },
    ]
    const kept: Promise<unknown>[] = []
    const waitUntil = (work: Promise<unknown>) => kept.push(work)
    const monitor = createMonitor({ sink: [...broken, sink], waitUntil })
    monitor.onEvent(create(), CLIENT)
    expect(sink.entries.length).toBe(1)
    await expect
      .poll(() => monitor.figures().sinks)
      .toEqual({ written: 1, failed: 2, dropped: 0, pending: 1 })
    expect(kept.length).toBe(2)
  })

  test('a flood is bounded and counted, and other sinks still hear everything', () => {
    const sink = recording()
    const hanging: Sink = { write: () => new Promise(() => {}) }
    const monitor = createMonitor({ sink: [hanging, sink], maxPending: 10 })
    for (let i = 0; i < 1000; i++) monitor.onEvent(create(), CLIENT)
    expect(sink.entries.length).toBe(1000)
    expect(monitor.figures().sinks).toMatchObject({ pending: 10, dropped: 990 })
  })

  test('refuses what is no sink', () => {
    expect(() => createMonitor({ sink: {} as never })).toThrow('write')
    expect(() => createMonitor({ maxPending: 0 })).toThrow(RangeError)
  })
})

describe('createMonitor({ privacy })', () => {
  test('hashes are keyed, stable, and apart by kind', async () => {
    const secret = generateSecret()
    const privacy = { sessionId: 'hash', userId: 'hash', address: 'hash', secret } as const
    const sink = recording()
    const monitor = createMonitor({ sink, privacy })
    monitor.onEvent(create({ userId: 'same', sessionId: 'same' }), { address: '203.0.113.77' })
    monitor.onEvent(create({ userId: 'same', sessionId: 'other' }), { address: '203.0.113.78' })
    await monitor.flush()
    const [one, two] = sink.entries as [LogEntry, LogEntry]
    expect(JSON.stringify(one)).not.toMatch(/same|203/)
    expect(one.userId).toBe(two.userId)
    expect(one.userId).not.toBe(one.sessionId)
    expect(one.address).not.toBe(two.address)
    const other = recording()
    const elsewhere = createMonitor({ sink: other, privacy: { ...privacy, secret: generateSecret() } })
    elsewhere.onEvent(create({ userId: 'same' }), CLIENT)
    await elsewhere.flush()
    expect(other.entries[0]?.userId).not.toBe(one.userId)
  })

  test('address: omit leaves it out', () => {
    const sink = recording()
    createMonitor({ sink, privacy: { address: 'omit' } }).onEvent(create(), CLIENT)
    expect(JSON.stringify(sink.entries)).not.toContain('203.0')
  })

  test('refuses hashes without a secret, and words that it does not know', () => {
    expect(() => createMonitor({ privacy: { userId: 'hash' } })).toThrow('secret')
    expect(() => createMonitor({ privacy: { address: 'all' as never } })).toThrow(TypeError)
    expect(() => createMonitor({ privacy: { adress: 'omit' } as never })).toThrow(TypeError)
  })
})

describe('jsonSink', () => {
  test('writes one line for each entry, and only the types that are asked for', () => {
    const lines: string[] = []
    const monitor = createMonitor({ sink: jsonSink((line) => lines.push(line), ['create']) })
    monitor.onEvent(create({ userId: 'a\n{"forged": true}' }), CLIENT)
    monitor.onEvent({ ...create(), type: 'renew' }, CLIENT)
    expect(lines.length).toBe(1)
    expect(lines[0]).not.toContain('\n')
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      time: '2023-11-14T22:13:20.000Z',
      type: 'create',
      userId: 'a\n{"forged": true}',
    })
  })
})

describe('openTelemetrySink', () => {
  test('speaks the semantic conventions in traces, metrics and logs', () => {
    const said: unknown[] = []
    const span = { addEvent: (name: string, attributes?: object) => said.push(['span', name, attributes]) }
    const meter = {
      createCounter: (name: string) => ({ add: (n: number, a?: object) => said.push([name, n, a]) }),
      createHistogram: (name: string) => ({ record: (n: number, a?: object) => said.push([name, n, a]) }),
    }
    const logger = { emit: (record: object) => said.push(['log', record]) }
    const sink = openTelemetrySink({
      trace: { getActiveSpan: () => span },
      metrics: { getMeter: () => meter },
      logs: { getLogger: () => logger },
    })
    createMonitor({ sink }).onEvent(create(), CLIENT)
    const attributes = {
      'session.id': 'handle',
      'user.id': 'alice',
      'client.address': '203.0.113.0/24',
      'geo.country.iso_code': 'PT',
      'geo.locality.name': 'Lisbon',
    }
    const dimensions = { 'wafer_session.event': 'create', 'wafer_session.cookie': '__Host-session' }
    expect(said).toEqual([
      ['span', 'session.start', expect.objectContaining(attributes)],
      ['wafer_session.events', 1, dimensions],
      [
        'log',
        expect.objectContaining({
          eventName: 'session.start',
          attributes: expect.objectContaining(attributes),
        }),
      ],
    ])
  })

  test('needs none of the three', () => {
    const monitor = createMonitor({ sink: openTelemetrySink({}) })
    monitor.onEvent(create(), CLIENT)
    expect(monitor.figures().sinks.written).toBe(1)
  })
})

describe('analyticsEngineSink', () => {
  test('writes points within the limits of the binding', () => {
    const points: { indexes?: string[]; blobs?: string[]; doubles?: number[] }[] = []
    const sink = analyticsEngineSink({ writeDataPoint: (point) => points.push(point) })
    createMonitor({ sink }).onEvent(create({ userId: '\u{1F600}'.repeat(100) }), CLIENT)
    const [point] = points
    expect(point?.indexes).toEqual(['__Host-session'])
    expect(point?.blobs?.slice(0, 5)).toEqual(['create', '', 'PT', 'AS64500', 'Firefox on Linux'])
    for (const blob of point?.blobs ?? []) {
      expect(new TextEncoder().encode(blob).length).toBeLessThanOrEqual(96)
    }
    expect(point?.doubles?.every(Number.isFinite)).toBe(true)
  })
})

test.each([undefined, null, 'console.log', {}])(
  'jsonSink and analyticsEngineSink say at once what they want instead of %j',
  (given) => {
    expect(() => jsonSink(given as never)).toThrow(TypeError)
    expect(() => analyticsEngineSink(given as never)).toThrow(TypeError)
  },
)
