import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generateTotpSecret, verifyTotp } from 'wafer-session/totp'
import { codeAt, fromBase32, toBase32 } from '../support/authenticator.ts'
import { badCodes } from './bad-codes.ts'

const secret = generateTotpSecret()
/** The beginning of a step. */
const now = Date.UTC(2026, 0, 1)
const step = now / 30_000

/** RFC 6238 appendix B: the seed of each algorithm is as long as its output. */
const seed = (bytes: number) => toBase32(new TextEncoder().encode('1234567890'.repeat(7).slice(0, bytes)))
const SEEDS = { 'SHA-1': seed(20), 'SHA-256': seed(32), 'SHA-512': seed(64) }
const TIMES = [59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000]
const CODES = {
  'SHA-1': ['94287082', '07081804', '14050471', '89005924', '69279037', '65353130'],
  'SHA-256': ['46119246', '68084774', '67062674', '91819424', '90698825', '77737706'],
  'SHA-512': ['90693936', '25091201', '99943326', '93441116', '38618901', '47863826'],
}
const ALGORITHMS = Object.keys(CODES) as (keyof typeof CODES)[]

describe('verifyTotp', () => {
  test.each(ALGORITHMS)('accepts the codes of RFC 6238, appendix B: %s', async (algorithm) => {
    for (const [i, seconds] of TIMES.entries()) {
      const options = { algorithm, digits: 8, window: 0, now: seconds * 1000 }
      const step = Math.floor(seconds / 30)
      expect(await verifyTotp(SEEDS[algorithm], CODES[algorithm][i], options)).toEqual({ ok: true, step })
      const six = CODES[algorithm][i]?.slice(2)
      expect(await verifyTotp(SEEDS[algorithm], six, { ...options, digits: 6 })).toEqual({ ok: true, step })
      for (const other of ALGORITHMS.filter((name) => name !== algorithm)) {
        const wrong = { ...options, algorithm: other }
        expect(await verifyTotp(SEEDS[algorithm], CODES[algorithm][i], wrong)).toEqual({ ok: false })
      }
    }
  })

  test('has the defaults that authenticator apps know: SHA-1, 6 digits, 30 seconds, one step around', async () => {
    const code = await codeAt(secret, Date.now(), { digits: 6, period: 30, algorithm: 'SHA-1' })
    expect(await verifyTotp(secret, code)).toMatchObject({ ok: true })
  })

  test('accepts any code of an app with the same options, and names its step', async () => {
    const appOptions = fc.record({
      bytes: fc.uint8Array({ minLength: 10, maxLength: 64 }),
      now: fc.integer({ min: 0, max: 2 ** 45 }),
      digits: fc.constantFrom(6, 7, 8),
      period: fc.integer({ min: 10, max: 300 }),
      algorithm: fc.constantFrom(...ALGORITHMS),
    })
    await fc.assert(
      fc.asyncProperty(appOptions, async ({ bytes, now, ...options }) => {
        const any = toBase32(bytes)
        const code = await codeAt(any, now, options)
        const step = Math.floor(now / 1000 / options.period)
        expect(await verifyTotp(any, code, { ...options, now, window: 0 })).toEqual({ ok: true, step })
      }),
      { numRuns: 50 },
    )
  })

  test('never throws for a code, whatever it is, and accepts none but the right one', async () => {
    const code = await codeAt(secret, now)
    // Half pairs too; fast-check's own 'binary' makes a table for seconds, within this test's limit.
    const utf16 = fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units))
    const typed = fc.oneof(fc.anything(), utf16, fc.stringMatching(/^[0-9]{6}$/))
    await fc.assert(
      fc.asyncProperty(typed, async (any) => {
        expect((await verifyTotp(secret, any, { now, window: 0 })).ok).toBe(any === code)
      }),
    )
  })

  test('refuses what is not exactly six ASCII digits', async () => {
    const code = await codeAt(secret, now)
    expect(await verifyTotp(secret, code, { now })).toEqual({ ok: true, step })
    for (const [what, bad] of badCodes(code)) {
      expect(await verifyTotp(secret, bad, { now }), what).toEqual({ ok: false })
    }
  })

  test.each([0, 1, 2])('window %i: accepts so many steps around, to the millisecond', async (window) => {
    const code = await codeAt(secret, now)
    const first = now - window * 30_000
    const last = now + (window + 1) * 30_000 - 1
    const ok = async (at: number) => (await verifyTotp(secret, code, { now: at, window })).ok
    expect([await ok(first - 1), await ok(first), await ok(last), await ok(last + 1)]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('refuses a code of lastStep or before it, and accepts one after it', async () => {
    const codes = await Promise.all([-1, 0, 1].map((by) => codeAt(secret, now + by * 30_000)))
    const accepted = async (lastStep: number) => {
      const results = await Promise.all(codes.map((code) => verifyTotp(secret, code, { now, lastStep })))
      return results.map(({ ok }) => ok)
    }
    expect(await accepted(step - 2)).toEqual([true, true, true])
    expect(await accepted(step - 1)).toEqual([false, true, true])
    expect(await accepted(step)).toEqual([false, false, true])
    expect(await accepted(step + 1)).toEqual([false, false, false])
  })

  // Found by looking: with this seed the steps 103424 and 103427 have the same code.
  test('a code that two steps share goes with the later one', async () => {
    const shared = { code: '746629', step: 103_427 }
    const options = { now: 103_425 * 30_000, window: 2 }
    expect(await codeAt(SEEDS['SHA-1'], 103_424 * 30_000)).toBe(shared.code)
    expect(await verifyTotp(SEEDS['SHA-1'], shared.code, options)).toEqual({ ok: true, step: shared.step })
  })

  test('begins with the epoch: no step is before it', async () => {
    const code = await codeAt(secret, 0)
    expect(await verifyTotp(secret, code, { now: 0, window: 10 })).toEqual({ ok: true, step: 0 })
    expect(await verifyTotp(secret, code, { now: 0, lastStep: 0 })).toEqual({ ok: false })
  })

  test.each([
    ['spaces', secret.replace(/.{4}/g, '$& ')],
    ['small letters', secret.toLowerCase()],
  ])('takes a secret with %s', async (_, spelling) => {
    expect(await verifyTotp(spelling, await codeAt(secret, now), { now })).toEqual({ ok: true, step })
  })

  test('takes a secret with padding', async () => {
    const short = toBase32(new Uint8Array(16).fill(7))
    expect(await verifyTotp(`${short}======`, await codeAt(short, now), { now })).toEqual({ ok: true, step })
  })

  test.each([
    ['no secret', undefined],
    ['a number', 42],
    ['bytes', new Uint8Array(20)],
    ['an empty string', ''],
    ['what is not base32', `${secret.slice(1)}1`],
    ['base64', '+/+/+/+/+/+/+/+/+/+/'],
    ['a length that no bytes have', `${secret}A`],
    ['padding within', `${secret}=${secret}`],
  ])('a secret that is %s is a TypeError that does not show it', async (_, bad) => {
    const error = await verifyTotp(bad as string, '').catch((error) => error)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).not.toContain(secret.slice(1))
  })

  test.each(['ABCDEFGH', toBase32(new Uint8Array(1025))])(
    'a secret too short or too long is a RangeError',
    async (bad) => {
      await expect(verifyTotp(bad, '')).rejects.toThrow(RangeError)
    },
  )

  test.each([
    { digits: 5 },
    { digits: 9 },
    { digits: 6.5 },
    { period: 0 },
    { period: 9 },
    { period: 301 },
    { period: Number.NaN },
    { window: -1 },
    { window: 11 },
    { window: Number.POSITIVE_INFINITY },
    { lastStep: -2 },
    { lastStep: 1.5 },
    { now: -1 },
    { now: Number.NaN },
    { now: 1e16 },
  ])('%o is a RangeError', async (options) => {
    await expect(verifyTotp(secret, '', options)).rejects.toThrow(RangeError)
  })

  test.each([
    null,
    { digits: '6' },
    { period: '30' },
    { window: '1' },
    { lastStep: '1' },
    { lastStep: null },
    { now: new Date() },
    { algorithm: 'sha1' },
    { algorithm: 'MD5' },
    { algorithm: 'toString' },
    { lastSteps: 1 },
  ])('%o is a TypeError', async (options) => {
    await expect(verifyTotp(secret, '', options as object)).rejects.toThrow(TypeError)
  })
})

describe('generateTotpSecret', () => {
  test('gives 160 bits of base32 without padding, other ones each time', () => {
    const secrets = Array.from({ length: 200 }, generateTotpSecret)
    expect(new Set(secrets).size).toBe(200)
    for (const one of secrets) expect(one).toMatch(/^[A-Z2-7]{32}$/)
    const bytes = secrets.flatMap((one) => [...fromBase32(one)])
    expect(bytes.length).toBe(4000)
    expect(new Set(bytes).size).toBeGreaterThan(250)
  })
})
