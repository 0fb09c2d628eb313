import { describe, expect, test } from 'vitest'
import { generateTotpSecret, totpUri } from 'wafer-session/totp'
import { totpQrCode } from 'wafer-session/totp/qr-code'
import { readQrCode } from '../support/read-qr-code.ts'

const secret = generateTotpSecret()
const uriOf = (account = 'ada@example.test') => totpUri({ secret, issuer: 'Wafer', account })

/** What the SVG paints: true is black. */
function painted(svg: string): boolean[][] {
  const size = Number(svg.match(/viewBox="0 0 (\d+) \1"/)?.[1])
  const modules = Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  const path = svg.match(/fill="#000" d="([^"]+)"/)?.[1] ?? ''
  for (const [, x, y, width, back] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)) {
    expect(back).toBe(width)
    modules[Number(y)]?.fill(true, Number(x), Number(x) + Number(width))
  }
  expect(path.replace(/M\d+ \d+h\d+v1h-\d+z/g, '')).toBe('')
  return modules
}

describe('totpQrCode', () => {
  test.each(['a', 'ada@example.test', 'Grüße 🧇', 'x'.repeat(50), 'y'.repeat(75)])(
    'a reader finds the URI of %s',
    (account) => {
      const modules = painted(totpQrCode(uriOf(account)))
      expect(readQrCode(modules.slice(4, -4).map((row) => row.slice(4, -4)))).toBe(uriOf(account))
    },
  )

  test('four modules of white are around it', () => {
    const modules = painted(totpQrCode(uriOf()))
    const edge = [...modules.slice(0, 4), ...modules.slice(-4)].flat()
    const sides = modules.flatMap((row) => [...row.slice(0, 4), ...row.slice(-4)])
    expect([...edge, ...sides]).not.toContain(true)
    expect(modules[4]?.slice(4, 12)).toEqual([true, true, true, true, true, true, true, false])
  })

  test('it is black on a white square of its own, with a title, and no style or script', () => {
    const svg = totpQrCode(uriOf())
    const size = svg.match(/viewBox="0 0 (\d+)/)?.[1]
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img" /)
    expect(svg).toContain(
      `<title>QR code for an authenticator app</title><path fill="#fff" d="M0 0h${size}v${size}H0z"/>`,
    )
    expect(svg).not.toMatch(/style|script|currentColor|\bon\w+=/)
    expect(svg.match(/<\/?\w+/g)).toEqual(['<svg', '<title', '</title', '<path', '<path', '</svg'])
  })

  test('the title is text, whatever is in it, and the URI is nowhere in the text', () => {
    const svg = totpQrCode(uriOf(), { title: `</title><script>"'&` })
    expect(svg).toContain('<title>&lt;/title&gt;&lt;script&gt;&quot;&#39;&amp;</title>')
    expect(svg).not.toContain(secret)
  })

  test.each([undefined, 7, '', 'https://example.test/', secret])('%j is a TypeError', (uri) => {
    expect(() => totpQrCode(uri as string)).toThrow(TypeError)
  })

  test('a title that is no string is a TypeError', () => {
    expect(() => totpQrCode(uriOf(), { title: 7 as never })).toThrow(TypeError)
  })

  test('a URI of 2331 bytes fits, a longer one is a RangeError with a sentence', () => {
    const uri = `otpauth://totp/${'x'.repeat(2331 - 15)}`
    expect(totpQrCode(uri)).toContain('viewBox="0 0 185 185"')
    expect(() => totpQrCode(`${uri}x`)).toThrow(
      new RangeError(`The URI has more than 2331 bytes: use a shorter issuer and account.`),
    )
    expect(() => totpQrCode(`otpauth://totp/${'ü'.repeat(1200)}`)).toThrow(/2331 bytes/)
  })
})
