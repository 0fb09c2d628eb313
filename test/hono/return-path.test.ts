import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { returnPath } from 'wafer-session/hono'

const SITES = ['https://shop.test', 'http://localhost:8787/a/b?c#d', 'https://user:pw@shop.test/x/y/']

/** Whether a browser on any of the sites stays there. */
function stays(path: string): boolean {
  return SITES.every(
    (site) => URL.canParse(path, site) && new URL(path, site).origin === new URL(site).origin,
  )
}

describe('returnPath', () => {
  test.each([
    ['/', '/'],
    ['/account', '/account'],
    ['/account?tab=2&x=%2F%2Fevil.test', '/account?tab=2&x=%2F%2Fevil.test'],
    ['/search?q=//evil.test', '/search?q=//evil.test'],
    ['/a/./b/../c', '/a/c'],
    ['/@evil.test', '/@evil.test'],
    ['/evil.test:80/', '/evil.test:80/'],
    ['/javascript:alert(1)', '/javascript:alert(1)'],
    ['/a%5c%2f', '/a%5c%2f'],
    ['/account#top', '/account'],
    [`/${'a'.repeat(2047)}`, `/${'a'.repeat(2047)}`],
  ])('goes back to a path of this site: %s', (wanted, path) => {
    expect(returnPath(wanted, '/home')).toBe(path)
  })

  test.each([
    '',
    'account',
    '?tab=2',
    '#top',
    '.',
    '../x',
    'https://evil.test',
    'https:evil.test',
    'https:/evil.test',
    'HTTPS://evil.test/',
    '//evil.test',
    '///evil.test',
    '////evil.test/x',
    '/\\evil.test',
    '\\/evil.test',
    '\\\\evil.test',
    '/\t/evil.test',
    '/\n/evil.test',
    '/\r\n/evil.test',
    '\t//evil.test',
    ' //evil.test',
    ' /account',
    '/a b',
    '/a\\b',
    '/.//evil.test',
    '/..//evil.test',
    '/./..//evil.test',
    '/a/..//evil.test',
    '/%2e%2e//evil.test',
    '/%2E/.//evil.test',
    '/a/%2e%2e//evil.test',
    '//user@evil.test',
    '//evil.test:80',
    '//evil%E3%80%82test',
    '/\u3002evil.test',
    '/\u2215/evil.test',
    '/\ufeff/evil.test',
    '/\u00fcber',
    '/\ud800',
    '/\0',
    '/\u007f',
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://evil.test/x',
    'http://',
    '//',
    '/\u202e//evil',
    `/${'a'.repeat(2048)}`,
    `/${'a'.repeat(1_000_000)}`,
  ])('goes nowhere else: %j', (wanted) => {
    expect(returnPath(wanted, '/home')).toBe('/home')
  })

  test.each([
    undefined,
    null,
    7,
    ['/account'],
    ['//evil.test'],
    { toString: () => '/account' },
    new URL('https://a.test/'),
    true,
  ])('what is no text is no path: %j', (wanted) => {
    expect(returnPath(wanted)).toBe('/')
  })

  test('whatever is wanted, the result stays on the origin of whoever follows it', () => {
    const part = fc.constantFrom(
      ...[
        '/',
        '\\',
        '.',
        '..',
        '%2e',
        '%2f',
        '%5c',
        '@',
        ':',
        '?',
        '#',
        '&',
        'evil.test',
        'https:',
        'javascript:',
      ],
      ...['\t', '\n', '\r', ' ', '\0', '\u3002', '\u2044', 'a', '[', ']', '%', '|', '^'],
    )
    const crafted = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))
    const wanted = fc.oneof(
      crafted,
      crafted.map((rest) => `/${rest}`),
      fc.string({ unit: 'binary', maxLength: 20 }).map((rest) => `/${rest}`),
    )
    fc.assert(
      fc.property(wanted, (value) => {
        const path = returnPath(value, '/home')
        const isPath = /^\/[\x21-\x7e]*$/.test(path)
        return isPath && stays(path) && returnPath(path, '/elsewhere') === path // Once checked, it is as it will be.
      }),
      { numRuns: 1000 },
    )
  }, 30_000)
})
