import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'

const secret = generateSecret()
const address = 'report' as const
const create = (options: object) => () => createSessionManager({ secret, ...options })

/** The options by what they are, under the option that they are in. */
const KINDS: [place: string, kind: string, names: string[]][] = [
  ['', 'an object', ['cookie', 'remember', 'store', 'revocations', 'sessionsPerUser', 'binding', 'monitor']],
  ['', 'a function', ['migrate', 'onEvent', 'clock']],
  [
    '',
    'a number',
    [
      'idleTimeout',
      'absoluteTimeout',
      'maxChunks',
      'revocationMaxAge',
      'renewalTimeout',
      'renewalGrace',
      'storeTimeout',
    ],
  ],
  ['cookie.', 'a string', ['name', 'domain', 'path']],
  ['cookie.', 'a boolean', ['secure', 'partitioned']],
  ['remember.', 'a number', ['idleTimeout', 'absoluteTimeout']],
  ['sessionsPerUser.', 'a number', ['max']],
  ['binding.', 'an object', ['custom']],
  ['binding.custom.', 'a function', ['value']],
]

/** The options of words, and those. */
const WORDS: [name: string, sentence: string][] = [
  ['onReuse', `'end' or 'report'`],
  ['onStoreError', `'fail' or 'anonymous'`],
  ['sessionsPerUser.onExceed', `'reject' or 'evict'`],
  ['binding.userAgent', `'report' or 'end'`],
  ['binding.clientHints', `'report' or 'end'`],
  ['binding.address', `'report' or 'end'`],
  ['binding.network', `'report' or 'end'`],
  ['binding.custom.action', `'report' or 'end'`],
]

/** `{ a: { b: value } }` for `a.b`. */
function under(name: string, value: unknown): object {
  return name.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object
}

const typed = KINDS.flatMap(([place, kind, names]) => names.map((name) => [place + name, kind] as const))

describe('createSessionManager', () => {
  test.each(typed)('refuses an option %s that is not %s', (name, kind) => {
    // A symbol is none of them; null is no object for anyone but typeof.
    for (const value of [Symbol('other'), null]) {
      expect(create(under(name, value))).toThrow(new TypeError(`${name} must be ${kind}.`))
    }
  })

  test.each(WORDS)('refuses an option %s that is none of its words', (name, words) => {
    for (const value of ['END', '', null]) {
      expect(create(under(name, value))).toThrow(new TypeError(`${name} must be ${words}.`))
    }
  })

  test.each([
    [
      '',
      'secret, cookie, idleTimeout, absoluteTimeout, remember, maxChunks, store, revocations, revocationMaxAge, ' +
        'renewalTimeout, renewalGrace, onReuse, sessionsPerUser, binding, storeTimeout, onStoreError, schema, migrate, ' +
        'onEvent, monitor, clock',
    ],
    ['cookie.', 'name, domain, path, sameSite, secure, partitioned'],
    ['remember.', 'idleTimeout, absoluteTimeout'],
    ['sessionsPerUser.', 'max, onExceed'],
    ['binding.', 'userAgent, clientHints, address, network, custom'],
    ['binding.custom.', 'value, action'],
  ])('refuses an unknown option %sother, and names those that there are', (place, names) => {
    const sentence = `Unknown option ${place}other. There are: ${names}.`
    expect(create(under(`${place}other`, 1))).toThrow(new TypeError(sentence))
  })

  test.each(['constructor', 'toString', '__proto__'])('takes %s for no option that there is', (name) => {
    const options = JSON.parse(`{ "cookie": { "${name}": 1 } }`)
    expect(create(options)).toThrow(`Unknown option cookie.${name}.`)
  })

  test.each([
    { cookie: { name: '__Secure-a', domain: 'example.test', path: '/b', secure: true, sameSite: 'Strict' } },
    { cookie: { name: '__Host-a', partitioned: true, secure: true, sameSite: 'None' } },
    { binding: { userAgent: 'end', clientHints: address, address, network: 'end' } },
    { binding: { custom: { value: () => 'x', action: 'end' } } },
    { schema: { '~standard': { version: 1, vendor: 'test', validate: (value: object) => ({ value }) } } },
    { onReuse: 'report', onStoreError: 'anonymous' },
    { onReuse: undefined, onStoreError: undefined, cookie: { domain: undefined, sameSite: undefined } },
  ])('takes %j', (options) => {
    expect(create(options)).not.toThrow()
  })
})
