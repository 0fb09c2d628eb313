import { describe, expect, test } from 'vitest'
import { generateTotpSecret, verifyHotp } from 'wafer-session/totp'
import { codeOfCounter, toBase32 } from '../support/authenticator.ts'
import { badCodes } from './bad-codes.ts'

/** RFC 4226 appendix D. */
const SEED = toBase32(new TextEncoder().encode('12345678901234567890'))
const CODES = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')

const secret = generateTotpSecret()

describe('verifyHotp', () => {
  test('accepts the codes of RFC 4226, appendix D', async () => {
    expect(CODES.length).toBe(10)
    for (const [counter, code] of CODES.entries()) {
      const options = { counter, window: 0 }
      expect(await verifyHotp(SEED, code, options)).toEqual({ ok: true, nextCounter: counter + 1 })
    }
  })

  test('looks ahead as far as the window, and never back', async () => {
    const results = await Promise.all(CODES.map((code) => verifyHotp(SEED, code, { counter: 3, window: 4 })))
    const next = results.map((result) => (result.ok ? result.nextCounter : null))
    expect(next).toEqual([null, null, null, 4, 5, 6, 7, 8, null, null])
  })

  test('looks five codes ahead unless told otherwise', async () => {
    expect(await verifyHotp(SEED, CODES[5], { counter: 0 })).toEqual({ ok: true, nextCounter: 6 })
    expect(await verifyHotp(SEED, CODES[6], { counter: 0 })).toEqual({ ok: false })
  })

  test('with the counter that it gave, the same code is refused', async () => {
    expect(await verifyHotp(SEED, CODES[2], { counter: 0 })).toEqual({ ok: true, nextCounter: 3 })
    expect(await verifyHotp(SEED, CODES[2], { counter: 3 })).toEqual({ ok: false })
  })

  test.each(['SHA-1', 'SHA-256', 'SHA-512'] as const)(
    '%s, eight digits, counters beyond 32 bits',
    async (algorithm) => {
      const counter = 2 ** 40 + 12345
      const code = await codeOfCounter(secret, counter, { algorithm, digits: 8 })
      const options = { counter, algorithm, digits: 8 }
      expect(await verifyHotp(secret, code, options)).toEqual({ ok: true, nextCounter: counter + 1 })
    },
  )

  test('refuses what is not exactly six ASCII digits', async () => {
    const code = await codeOfCounter(secret, 0)
    expect((await verifyHotp(secret, code, { counter: 0, window: 0 })).ok).toBe(true)
    for (const [what, bad] of badCodes(code)) {
      expect(await verifyHotp(secret, bad, { counter: 0, window: 0 }), what).toEqual({ ok: false })
    }
  })

  test.each([
    undefined,
    {},
    { counter: '0' },
    { counter: 0, lookAhead: 3 },
    { counter: 0, algorithm: 'SHA1' },
  ])('%o is a TypeError', async (options) => {
    await expect(verifyHotp(secret, '', options as never)).rejects.toThrow(TypeError)
  })

  test.each([
    { counter: -1 },
    { counter: 0.5 },
    { counter: Number.MAX_SAFE_INTEGER },
    { counter: 0, window: 101 },
    { counter: 0, window: -1 },
    { counter: 0, digits: 10 },
  ])('%o is a RangeError', async (options) => {
    await expect(verifyHotp(secret, '', options)).rejects.toThrow(RangeError)
  })

  test('a wrong secret is a TypeError', async () => {
    await expect(verifyHotp('not base32!', '', { counter: 0 })).rejects.toThrow(TypeError)
  })
})
