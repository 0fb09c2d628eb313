import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generateTotpSecret, totpUri } from 'wafer-session/totp'

const secret = generateTotpSecret()
const uriOf = (options: object = {}) =>
  totpUri({ secret, issuer: 'Wafer', account: 'ada@example.test', ...options })

/** Text that has a printable character and no colon. */
const names = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((name) => name.trim() !== '' && !name.includes(':'))

describe('totpUri', () => {
  test('is the Key URI of the secret, with what the app needs to know', () => {
    expect(uriOf({ secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' })).toBe(
      'otpauth://totp/Wafer:ada%40example.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Wafer' +
        '&algorithm=SHA1&digits=6&period=30',
    )
  })

  test('says which digits, period and algorithm', () => {
    const uri = uriOf({ digits: 8, period: 60, algorithm: 'SHA-256' })
    expect(uri).toMatch(/&algorithm=SHA256&digits=8&period=60$/)
    expect(uriOf({ algorithm: 'SHA-512' })).toContain('&algorithm=SHA512&')
  })

  test('a secret is spelt in one way: capitals, no padding, no spaces', () => {
    const plain = 'GEZDGNBVGY3TQOJQGEZDGNBVGY'
    expect(uriOf({ secret: `gezd gnbv gy3t qojq gezd gnbv gy======` })).toBe(uriOf({ secret: plain }))
  })

  test('what a URI or an attribute of HTML gives a meaning is encoded, and a space is no plus', () => {
    expect(uriOf({ issuer: 'A&B = "C" ?#/%', account: "o'neil (x)*!" })).toContain(
      'totp/A%26B%20%3D%20%22C%22%20%3F%23%2F%25:o%27neil%20%28x%29%2A%21?',
    )
    expect(uriOf({ issuer: 'Grüße 🧇' })).toContain('Gr%C3%BC%C3%9Fe%20%F0%9F%A7%87')
  })

  test('whatever issuer and account are, an app reads them as they were', () => {
    fc.assert(
      fc.property(names, names, (issuer, account) => {
        const uri = uriOf({ issuer, account })
        expect(uri).toMatch(/^[\w:/?&=%.~-]+$/)
        const { pathname, searchParams } = new URL(uri.replace(/^otpauth:/, 'https:'))
        expect(searchParams.getAll('issuer')).toEqual([issuer])
        expect(searchParams.getAll('secret')).toEqual([secret])
        expect([...searchParams.keys()].length).toBe(5)
        expect(
          uri.slice('otpauth://totp/'.length, uri.indexOf('?')).split(':').map(decodeURIComponent),
        ).toEqual([issuer, account])
        expect(pathname.length).toBeGreaterThan(1)
      }),
    )
  })

  test.each([{ issuer: 'Wafer: Inc' }, { account: 'did:key:z6Mk' }, { digits: 4 }, { period: 1 }])(
    '%o is a RangeError',
    (options) => {
      expect(() => uriOf(options)).toThrow(RangeError)
    },
  )

  test('half a surrogate pair is a RangeError', () => {
    expect(() => uriOf({ account: 'ada\ud800' })).toThrow(RangeError)
  })

  test.each([
    { issuer: '' },
    { issuer: ' ' },
    { issuer: undefined },
    { account: '' },
    { account: 7 },
    { secret: 'nope!' },
    { secret: undefined },
    { algorithm: 'SHA1' },
    { label: 'x' },
  ])('%o is a TypeError', (options) => {
    expect(() => uriOf(options)).toThrow(TypeError)
  })
})
