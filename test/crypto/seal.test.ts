import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { generateSecret } from 'wafer-session'
import { createTestSession } from 'wafer-session/testing'
import { keyringOf, sealContext } from '../../src/crypto/keyring.ts'
import { hourOf, SEAL_OVERHEAD, seal, unseal } from '../../src/crypto/seal.ts'
import { spySubtle } from '../support/spy-subtle.ts'
import { bytesOf, cookieOf, flipBit } from '../support/tamper.ts'
import { application, cookieValue, requestWith, whoseIs } from '../support/visitor.ts'
import { base64url, openValue } from '../support/wafer1.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const context = sealContext('session', '__Host-session')
const now = Date.UTC(2026, 0, 1)
const hours = { oldest: hourOf(now), current: hourOf(now), newest: hourOf(now) }

/** Any JSON, but for keys that are refused when written. */
const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__'))

describe('a sealed value', () => {
  test('opens to the bytes that were sealed, 36 bytes longer', async () => {
    const keyring = keyringOf(generateSecret())
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (raw) => {
        const plaintext = new Uint8Array(raw)
        const sealed = await seal(keyring, context, plaintext, now)

        expect(sealed.length).toBe(plaintext.length + SEAL_OVERHEAD)
        expect(await unseal(keyring, context, sealed, hours)).toEqual({ plaintext, primary: true })
      }),
    )
  })

  test('opens to the data that was sealed', async () => {
    const { manager } = application({ maxChunks: 4 })
    await fc.assert(
      fc.asyncProperty(json, fc.string({ unit: 'grapheme', minLength: 1 }), async (value, userId) => {
        const { cookie } = await createTestSession(manager, { userId, data: { value } })

        const session = await manager.open(requestWith(cookie))

        expect([session.userId, session.data]).toEqual([userId, { value: JSON.parse(JSON.stringify(value)) }])
      }),
    )
  })

  test('is written in cookie-octets', async () => {
    const { manager } = application()
    for (let length = 0; length < 6; length++) {
      const { cookie } = await createTestSession(manager, { data: { pad: 'x'.repeat(length) } })
      expect(cookie).toMatch(/^__Host-session=[\w-]+$/)
    }
  })
})

describe('what was altered', () => {
  test('rows 64, 70: every bit flipped is refused, by subtle.decrypt at the latest, before anything is parsed', async () => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1', data: { n: 1 } })
    const bits = bytesOf(cookie).length * 8
    const parse = vi.spyOn(JSON, 'parse')
    const spy = spySubtle()

    const calls: string[] = []
    for (let bit = 0; bit < bits; bit++) {
      const session = await manager.open(requestWith(flipBit(cookie, bit)))
      expect([session.isNew, session.userId]).toEqual([true, undefined])
      calls.push(spy.calls().join())
    }

    expect(parse).not.toHaveBeenCalled()
    expect(reasons).toHaveLength(bits)
    expect(new Set(reasons.slice(0, 8))).toEqual(new Set(['unknown-version']))
    expect(new Set(reasons.slice(8, 40))).toEqual(new Set(['unknown-key']))
    expect(new Set(reasons.slice(40, 64))).toEqual(new Set(['hour-out-of-range']))
    expect(new Set(reasons.slice(64))).toEqual(new Set(['forged']))
    expect(new Set(calls.slice(0, 64))).toEqual(new Set(['']))
    expect(new Set(calls.slice(64))).toEqual(new Set(['decrypt']))
  })

  test('every bit flipped is refused in the middle of a life of 30 days too, where other hours are alive', async () => {
    const { manager, clock, reasons } = application({
      idleTimeout: 30 * 86_400,
      absoluteTimeout: 30 * 86_400,
    })
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    clock.advance(15 * 86_400)
    const parse = vi.spyOn(JSON, 'parse')

    for (let bit = 0; bit < bytesOf(cookie).length * 8; bit++) {
      expect((await manager.open(requestWith(flipBit(cookie, bit)))).isNew).toBe(true)
    }

    expect(parse).not.toHaveBeenCalled()
    expect(new Set(reasons.slice(40, 64))).toEqual(new Set(['hour-out-of-range', 'forged']))
  })

  test('every shorter value is refused, and so are longer ones', async () => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const bytes = bytesOf(cookie)

    for (let length = 0; length < bytes.length; length++) {
      expect(await whoseIs(manager, cookieOf(bytes.slice(0, length)))).toBeUndefined()
    }
    for (const extra of [[0], [0, 0, 0], [...bytes]]) {
      expect(await whoseIs(manager, cookieOf(Uint8Array.from([...bytes, ...extra])))).toBeUndefined()
    }
    expect(new Set(reasons)).toEqual(new Set(['malformed', 'forged']))
  })

  test('parts of two values of one session do not make a third', async () => {
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1', data: { n: 1 } })
    const session = await manager.open(requestWith(cookie))
    session.data.n = 2
    const [line = ''] = await manager.commit(session)
    const [one, two] = [bytesOf(cookie), bytesOf(line)]

    expect(two.length).toBe(one.length)
    for (const cut of [20, 30, one.length - 16]) {
      expect(
        await whoseIs(manager, cookieOf(Uint8Array.from([...one.slice(0, cut), ...two.slice(cut)]))),
      ).toBeUndefined()
    }
  })
})

describe('the head', () => {
  test('row 65: of 256 versions one is known; the others cost nothing and nothing is negotiated', async () => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const bytes = bytesOf(cookie)
    const spy = spySubtle()

    for (let version = 0; version < 256; version++) {
      bytes[0] = version
      expect(await whoseIs(manager, cookieOf(bytes))).toBe(version === 1 ? 'u1' : undefined)
    }

    expect(spy.calls()).toEqual(['decrypt'])
    expect(reasons).toEqual(Array(255).fill('unknown-version'))
  })

  test.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '../../dev/null',
    'size',
    '0000',
    '\0\0\0\0',
    'none',
    'null',
  ])('row 66: a kid that reads %j names no key and reaches nothing', async (name) => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const fetch = vi.spyOn(globalThis, 'fetch')
    const spy = spySubtle()
    const kid = new TextEncoder().encode(name.padEnd(4, '_')).slice(0, 4)
    const bytes = bytesOf(cookie)
    bytes.set(kid, 1)

    expect(await whoseIs(manager, cookieOf(bytes))).toBeUndefined()
    expect(await whoseIs(manager, `__Host-session=${encodeURIComponent(name)}`)).toBeUndefined()
    expect(reasons[0]).toBe('unknown-key')
    expect(reasons[1]).toBe('malformed')
    expect(spy.calls()).toEqual([])
    expect(fetch).not.toHaveBeenCalled()
  })

  test('the hour: at most 60 seconds ahead, and no older than the longest idle time', async () => {
    const { manager, clock, reasons } = application({
      remember: { idleTimeout: 7200, absoluteTimeout: 86_400 },
    })
    const start = clock()
    const { cookie } = await createTestSession(manager, { userId: 'u1', remember: true })

    clock.set(start - 60_000)
    expect(await whoseIs(manager, cookie)).toBe('u1')
    clock.set(start - 60_001)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
    clock.set(start + 7_199_999)
    expect(await whoseIs(manager, cookie)).toBe('u1')
    clock.set(start + 7_200_000)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
    clock.set(start + 7_200_000 + 3_600_000)
    expect(await whoseIs(manager, cookie)).toBeUndefined()
    expect(reasons).toEqual(['hour-out-of-range', 'idle-timeout', 'hour-out-of-range'])
  })
})

describe('what a value is bound to', () => {
  test('row 67: the cookie of one name opens under no other', async () => {
    const secret = generateSecret()
    const { cookie } = await createTestSession(application({ secret }).manager, { userId: 'u1' })

    for (const name of ['__Host-admin', '__Host-sessio', '__Host-sessionx', 'session']) {
      const { manager, reasons } = application({ secret, cookie: { name } })
      expect(await whoseIs(manager, `${name}=${cookieValue(cookie)}`)).toBeUndefined()
      expect(reasons).toEqual(['forged'])
    }
  })

  test('row 67: what one application sealed opens in no other', async () => {
    const { cookie } = await createTestSession(application().manager, { userId: 'u1' })
    const { manager, reasons } = application()

    expect(await whoseIs(manager, cookie)).toBeUndefined()
    expect(reasons).toEqual(['unknown-key'])
  })

  test('row 67: what was sealed for another purpose is refused, under the same secret and name', async () => {
    const secret = generateSecret()
    const keyring = keyringOf(secret)
    const sealed = await seal(
      keyring,
      sealContext('record' as 'session', context.cookieName),
      new Uint8Array(40),
      now,
    )

    expect(await unseal(keyring, context, sealed, hours)).toBe('forged')
    // Not only by what is authenticated with it: the key is another one.
    const { record } = await openValue(base64url(sealed), {
      secret: new TextEncoder().encode(secret),
      cookieName: context.cookieName,
      purpose: 'record',
    })
    expect(record).toEqual(new Uint8Array(40))
  })

  test('row 67: the purpose and the name are told apart by their lengths', async () => {
    const keyring = keyringOf(generateSecret())
    const sealed = await seal(keyring, sealContext('session', 'ab'), new Uint8Array(40), now)

    expect(await unseal(keyring, sealContext('sessiona' as 'session', 'b'), sealed, hours)).toBe('forged')
  })
})

describe('row 68: no pair of key and nonce comes twice', () => {
  test('100,000 seals under one key have 100,000 IVs', async () => {
    const keyring = keyringOf(generateSecret())
    const keys = new Set<CryptoKey>()
    const ivs = new Set<string>()
    const plaintext = new Uint8Array(1)
    // Which key and which IV the cipher is given is the question; enciphering 100,000 times would not answer it better.
    vi.spyOn(crypto.subtle, 'encrypt').mockImplementation(async (parameters, key) => {
      keys.add(key)
      ivs.add(String.fromCharCode(...((parameters as AesGcmParams).iv as Uint8Array)))
      return new ArrayBuffer(17)
    })
    for (let i = 0; i < 100_000; i++) await seal(keyring, context, plaintext, now)

    expect(keys.size).toBe(1)
    expect(ivs.size).toBe(100_000)
  }, 60_000)

  test('the key is another one every hour', async () => {
    const spy = spySubtle()
    const { manager, clock } = application()
    const start = clock()
    for (const seconds of [0, 3599, 3600, 7199, 7200]) {
      clock.set(start + seconds * 1000)
      await createTestSession(manager, { userId: 'u1' })
    }
    const keys = spy.argumentsOf('encrypt').map(([, key]) => key)

    expect(keys.map((key) => keys.indexOf(key))).toEqual([0, 0, 2, 2, 4])
  })

  test('one context seals and opens in two hours by turns, as at the end of an hour', async () => {
    const secret = generateSecret()
    const later = now + 3_600_000
    const both = { oldest: hourOf(now), current: hourOf(later), newest: hourOf(later) }
    const shared = sealContext('session', '__Host-session')
    for (const at of [now, later, now, later]) {
      const sealed = await seal(keyringOf(secret), shared, new Uint8Array([1]), at)
      // A context that has seen no other hour.
      const fresh = sealContext('session', '__Host-session')
      for (const opening of [fresh, shared]) {
        const opened = await unseal(keyringOf(secret), opening, sealed, both)
        expect(opened).toEqual({ plaintext: new Uint8Array([1]), primary: true })
      }
    }
  })

  test('the same session sealed twice at one moment gives two values', async () => {
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const values = new Set<string>()
    for (let i = 0; i < 2; i++) {
      const session = await manager.open(requestWith(cookie))
      session.data.n = 1
      values.add((await manager.commit(session)).join())
    }
    expect(values.size).toBe(2)
  })
})

test('row 77: nothing is compressed: a cookie is as long as its data and a constant', async () => {
  const { manager } = application()
  const lengthFor = async (text: string) =>
    bytesOf((await createTestSession(manager, { userId: 'u1', data: { text } })).cookie).length
  const constant = await lengthFor('')

  for (const length of [1, 10, 100, 1024, 2000]) {
    expect(await lengthFor('a'.repeat(length))).toBe(constant + length)
  }
})

test('row 78: what is not sealed is not decoded some other way', async () => {
  const { manager, reasons } = application()
  const payload = JSON.stringify({ userId: 'admin', data: { admin: true } })
  const base64 = btoa(payload).replace(/=+$/, '')
  const part = (value: object) => btoa(JSON.stringify(value)).replace(/=+$/, '')
  const forgeries = [
    base64,
    `${btoa(payload)}--${'0'.repeat(40)}`,
    encodeURIComponent(payload),
    `s%3A${base64}.${'A'.repeat(43)}`,
    `${part({ alg: 'none', typ: 'JWT' })}.${part({ sub: 'admin' })}.`,
    `${part({ alg: 'HS256' })}.${part({ sub: 'admin' })}.${'A'.repeat(43)}`,
    `Fe26.2**${'0'.repeat(64)}*${base64}`,
    cookieValue(cookieOf(Uint8Array.from([1, ...new TextEncoder().encode(payload)]))),
  ]
  const parse = vi.spyOn(JSON, 'parse')
  const spy = spySubtle()

  for (const value of forgeries) expect(await whoseIs(manager, `__Host-session=${value}`)).toBeUndefined()

  expect(parse).not.toHaveBeenCalled()
  expect(spy.calls()).not.toContain('decrypt')
  expect(reasons).toHaveLength(forgeries.length)
})

test.each([1, 2, 4])(
  'row 83: 64 KiB are refused before they are decoded, where %i cookies are allowed',
  async (maxChunks) => {
    const { manager, reasons } = application({ maxChunks })
    const spy = spySubtle()
    const decode = vi.spyOn(globalThis, 'atob')

    expect(await whoseIs(manager, `__Host-session=${'A'.repeat(65_536)}`)).toBeUndefined()
    expect(await whoseIs(manager, `__Host-session=${'A'.repeat(4096 * maxChunks + 1)}`)).toBeUndefined()

    expect(spy.calls()).toEqual([])
    expect(decode).not.toHaveBeenCalled()
    expect(reasons).toEqual(['too-long', 'too-long'])
  },
)
