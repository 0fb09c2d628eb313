import { describe, expect, test } from 'vitest'
import { createMonitor, defaultSignals, type MonitorOptions, type Observation } from 'wafer-session/monitor'
import { fakeClock } from 'wafer-session/testing'
import { atHome, chrome, DAY, HOUR, inTokyo, live, MINUTE, MONDAY, pass } from '../support/sightings.ts'

describe('createMonitor refuses', () => {
  test.each<[MonitorOptions, string]>([
    [{ thresholds: { report: Number.NaN } }, 'thresholds.report must be a number of at least 0'],
    [{ thresholds: { alarm: 1 } as never }, 'thresholds has no alarm'],
    [{ sinks: [] } as never, 'createMonitor has no option sinks. It knows signals, score'],
    [{ maxUsers: 0 }, 'maxUsers must be a whole number'],
    [{ halfLife: 0.5 }, 'halfLife must be a whole number'],
    [{ signals: 'all' as never }, 'signals must be a list of functions'],
    [{ signals: [null as never] }, 'signals must be a list of functions'],
    [{ score: 1 as never }, 'score must be a function'],
    [{ clock: 1 as never }, 'clock must be a function'],
  ])('%j', (options, message) => {
    expect(() => createMonitor(options)).toThrow(message)
  })
})

describe('actions', () => {
  test.each([
    [0.1, 'allow'],
    [0.3, 'report'],
    [0.5, 'stepUp'],
    [0.8, 'end'],
    [0.95, 'end-all'],
  ])('of a risk of %d: %s', (risk, action) => {
    const thresholds = { report: 0.3, stepUp: 0.5, end: 0.8, endAll: 0.95 }
    expect(createMonitor({ score: () => risk, thresholds }).assess(atHome()).action).toBe(action)
  })

  test('report a place and a device of a session once', () => {
    const monitor = createMonitor({ score: () => 0.4, thresholds: { report: 0.3 } })
    const actions = [atHome(), atHome(), inTokyo(), inTokyo(), atHome({ sessionId: 's2' })].map(
      (seen) => monitor.assess(seen).action,
    )
    expect(actions).toEqual(['report', 'allow', 'report', 'allow', 'report'])
    expect(monitor.figures().actions).toMatchObject({ report: 3, allow: 2 })
  })

  test('never end all sessions unless told to', () => {
    expect(createMonitor({ score: () => 1 }).assess(atHome()).action).toBe('end')
  })
})

describe('what clients send', () => {
  const hostile: readonly unknown[] = [
    undefined,
    null,
    '',
    '\u0000\u001b[31m',
    '<script>alert(1)</script>',
    'x'.repeat(65_536),
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    1e9,
    1e300,
    {},
    [],
    '__proto__',
    'constructor',
    () => {},
    Symbol('s'),
    10n,
  ]
  const fields = Object.keys({ ...atHome(), network: '', device: '', timezone: '', sessionStartedAt: 0 })

  test.each(fields)('%s may be anything', (field) => {
    const monitor = createMonitor()
    live(monitor, 8)
    for (const value of hostile) {
      const seen = { ...inTokyo({ at: MONDAY + 9 * DAY, kind: 'sign-in' }), [field]: value } as Observation
      const { risk, parts, signals, sighting } = pass(monitor, seen)
      expect(risk).toBeGreaterThanOrEqual(0)
      expect(risk).toBeLessThanOrEqual(1)
      const texts = [...parts.map(({ text }) => text), ...signals.map(({ evidence }) => evidence.text)]
      for (const text of texts) {
        expect(text.length).toBeLessThan(300)
        expect(text).not.toMatch(/[<>&"\p{Cc}]/u)
      }
      expect(() => JSON.stringify([sighting, parts, signals])).not.toThrow()
    }
    expect(JSON.stringify(monitor.snapshot()).length).toBeLessThan(60_000)
  })

  test.each([[undefined], [null], [1], ['x'], [[]]])('%j is no observation, and does no harm', (nothing) => {
    const monitor = createMonitor({ clock: fakeClock() })
    expect(monitor.assess(nothing as never).action).toBe('allow')
    monitor.learn(nothing as never)
    expect(monitor.figures().users).toBe(0)
  })

  test('keeps no address, but a tag that 256 prefixes share', () => {
    const monitor = createMonitor()
    live(monitor, 3)
    const kept = JSON.stringify(monitor.snapshot())
    expect(kept).not.toContain('192.0.2')
    expect(kept).not.toContain('Mozilla')
    const { sighting } = monitor.assess(atHome())
    expect(sighting.address).toMatch(/^[\da-z]{1,4}$/)
    expect(sighting).toMatchObject({ latitude: 38.7, place: '39,-9', network: 'AS64500', version: 143 })
    expect(monitor.assess(atHome({ address: '::ffff:192.0.2.99' })).sighting.address).toBe(sighting.address)
    expect(monitor.assess(atHome({ address: '192.0.3.10' })).sighting.address).not.toBe(sighting.address)
    for (const address of ['', '300.1.1.1', '192.0.2', 'localhost', '1:2:3', '0101'.repeat(6)]) {
      expect(monitor.assess(atHome({ address })).sighting.address, address).toBeUndefined()
    }
  })

  test('knows Tor, and that XX is no country', () => {
    const countryOf = (country: string) => createMonitor().assess(atHome({ country })).sighting.country
    expect(['T1', 'pt', 'XX', 'PRT', ''].map(countryOf)).toEqual([
      'T1',
      'PT',
      undefined,
      undefined,
      undefined,
    ])
  })

  test('reads 64 KB of a User-Agent in no time, and goes by its beginning', () => {
    const monitor = createMonitor()
    const { sighting } = monitor.assess(atHome({ userAgent: `${chrome(143)}${' Edg/9'.repeat(11_000)}` }))
    expect(sighting.device).toBe('Edge on Windows')
    expect(monitor.assess(atHome({ userAgent: '__proto__' })).sighting.device).toBe('__proto__')
  })
})

describe('floods', () => {
  test('of sessions, places and devices of one user stay small', () => {
    const monitor = createMonitor()
    for (let i = 0; i < 5000; i++) {
      const address = `${1 + (i % 200)}.${i % 251}.${i % 241}.1`
      const seen = atHome({
        ...{ at: MONDAY + i * HOUR, sessionId: `s${i}`, kind: 'sign-in', address, asn: 1 + i },
        ...{ device: `device ${i}`, latitude: i % 90, longitude: i % 180 },
        country: `${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(65 + (Math.floor(i / 26) % 26))}`,
      })
      monitor.learn(seen)
    }
    expect(JSON.stringify(monitor.profile('ada')).length).toBeLessThan(10_000)
    expect(JSON.stringify(monitor.snapshot()).length).toBeLessThan(300_000)
  })

  test('of users forget the least recently seen, and count it', () => {
    const monitor = createMonitor({ maxUsers: 100 })
    for (let i = 0; i < 1000; i++) {
      pass(monitor, atHome({ userId: `u${i}` }))
      pass(monitor, atHome({ userId: 'ada' }))
    }
    expect(monitor.figures()).toMatchObject({ users: 100, evicted: 901, assessed: 2000 })
    expect(monitor.profile('ada')).toBeDefined()
    expect(monitor.profile('u999')).toBeDefined()
    expect(monitor.profile('u900')).toBeUndefined()
  })

  test('of refused cookies from everywhere are counted in bounded space', () => {
    const monitor = createMonitor()
    for (let i = 0; i < 10_000; i++) {
      const event = { type: 'reject', reason: 'forged', at: MONDAY + i, cookie: '__Host-session' } as const
      monitor.onEvent(event, { address: `${1 + (i % 220)}.${(i >> 4) & 255}.${i & 255}.1` })
    }
    expect(monitor.figures().refused).toBe(10_000)
    expect(monitor.figures().counters).toBeLessThanOrEqual(2048)
  })
})

describe('what is kept', () => {
  test('of a user can be taken out, put back into another monitor, and forgotten', async () => {
    const monitor = createMonitor()
    const at = live(monitor, 20)
    const profile = JSON.parse(JSON.stringify(monitor.profile('ada')))
    const other = createMonitor()
    other.restoreProfile('ada', profile)
    expect(JSON.parse(JSON.stringify(other.profile('ada')))).toEqual(profile)
    const stolen = inTokyo({ at, kind: 'sign-in', sessionId: 'x' })
    const names = (one: typeof monitor) => one.assess(stolen).signals.map(({ signal }) => signal)
    expect(names(other)).toEqual(names(monitor))
    expect(await monitor.forgetUser('ada')).toBe(true)
    expect(await monitor.forgetUser('ada')).toBe(false)
    expect(monitor.profile('ada')).toBeUndefined()
    expect(monitor.assess(stolen).signals).toEqual([])
  })

  test('as a whole goes through JSON and gives the same risks', () => {
    const monitor = createMonitor()
    const at = live(monitor, 20)
    live(monitor, 20, { userId: 'bob', country: 'ES', asn: 64_501 })
    const other = createMonitor()
    expect(other.restore(JSON.parse(JSON.stringify(monitor.snapshot())))).toBe(2)
    for (const seen of [atHome({ at }), inTokyo({ at }), inTokyo({ at, userId: 'bob', kind: 'sign-in' })]) {
      expect(other.assess(seen).risk).toBeCloseTo(monitor.assess(seen).risk, 4)
    }
  })

  test.each([
    [undefined],
    [null],
    [1],
    [{}],
    [{ version: 2 }],
    [{ version: 1 }],
    [{ version: 1, population: { tallies: { country: 7 } }, bursts: {}, users: 'all' }],
    [
      {
        version: 1,
        users: [null, 7, ['ada'], ['ada', null], ['ada', { sessions: [[1], ['s', { spots: 1 }]] }]],
      },
    ],
    [{ version: 1, bursts: [null, ['x'], ['x', null], ['x', { at: 'now' }]] }],
    [
      {
        version: 1,
        users: [['ada', { tallies: { country: { counts: [['PT', -1], [7, 7], null, ['ES', 1e99]] } } }]],
      },
    ],
  ])('as %j is taken for as much as makes sense', (snapshot) => {
    const monitor = createMonitor()
    expect(() => monitor.restore(snapshot as never)).not.toThrow()
    expect(monitor.assess(atHome({ kind: 'sign-in' })).risk).toBeLessThan(0.5)
  })

  test('of a user that was tampered with in its store gives a risk all the same', () => {
    const monitor = createMonitor()
    const at = live(monitor, 20)
    const kept = JSON.stringify(monitor.profile('ada'))
    const seen = { ...inTokyo({ at, sessionId: 'ada-day-19' }), userAgent: chrome(120) }
    for (const value of ['null', '"x"', '-1', '1e999', '{}', '[]', '[[]]', 'true', '"<script>"']) {
      for (const key of [
        'at',
        'latitude',
        'longitude',
        'city',
        'network',
        'origin',
        'device',
        'version',
        'countedAt',
      ]) {
        const wrong = kept.replaceAll(
          new RegExp(`"${key}":(?:"[^"]*"|[-\\d.]+|\\{[^{}]*\\})`, 'g'),
          `"${key}":${value}`,
        )
        expect(wrong, key).not.toBe(kept)
        const other = createMonitor()
        other.restoreProfile('ada', JSON.parse(wrong))
        const { risk, parts } = pass(other, seen)
        expect(risk, `${key}: ${value}`).toBeGreaterThanOrEqual(0)
        for (const { bits, text } of parts) {
          expect(bits).not.toBeNaN()
          expect(text, `${key}: ${value}`).not.toMatch(/[<>]|NaN|undefined|object/)
        }
        expect(other.figures().failures).toBe(0)
      }
    }
  })

  test('is the same for the same requests', () => {
    const [one, other] = [createMonitor(), createMonitor()]
    for (const monitor of [one, other]) {
      const at = live(monitor, 12)
      pass(monitor, inTokyo({ at, sessionId: 'x' }))
    }
    expect(JSON.stringify(one.snapshot())).toBe(JSON.stringify(other.snapshot()))
  })
})

describe('signals of your own', () => {
  test('stand beside the others, with the bits that they give', () => {
    const monitor = createMonitor({
      signals: [
        ...defaultSignals,
        (_, { kind }) =>
          kind === 'request' ? { signal: 'mine', bits: 20, evidence: { text: 'always' } } : null,
      ],
    })
    const { risk, signals, parts } = monitor.assess(atHome())
    expect(signals).toEqual([{ signal: 'mine', bits: 20, evidence: { text: 'always' } }])
    expect(parts).toContainEqual({ name: 'mine', bits: 20, text: 'always' })
    expect(risk).toBeGreaterThan(0.9)
  })

  test('without bits weigh nothing, whatever their name', () => {
    for (const signal of ['mine', 'toString', '__proto__', 'constructor']) {
      const monitor = createMonitor({ signals: [() => ({ signal, evidence: { text: 'x' } })] })
      const { risk, parts } = monitor.assess(atHome({ at: MONDAY + MINUTE }))
      expect(parts.at(-1)).toEqual({ name: signal, bits: 0, text: 'x' })
      expect(risk).toBeLessThan(0.1)
    }
  })

  test.each([
    ['yes'],
    [{}],
    [{ signal: 'mine' }],
    [{ signal: 7, evidence: { text: 'x' } }],
    [{ signal: 'mine', evidence: { text: 7 } }],
    [{ signal: 'mine', evidence: { text: 'x' }, bits: Number.NaN }],
    [{ signal: 'mine', evidence: { text: 'x' }, bits: '20' }],
    [{ signal: 'mine', evidence: { text: 'x' }, bits: Number.POSITIVE_INFINITY }],
    [Promise.resolve(null)],
  ])('that give %j are left out, and counted', (given) => {
    const monitor = createMonitor({ signals: [() => given as never] })
    const { risk, signals } = monitor.assess(atHome())
    expect(signals).toEqual([])
    expect(risk).toBe(createMonitor({ signals: [] }).assess(atHome()).risk)
    expect(monitor.figures().failures).toBe(1)
  })
})
