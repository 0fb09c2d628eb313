import { describe, expect, test } from 'vitest'
import { aal1, aal2, aal3, createSessionManager, generateSecret } from 'wafer-session'
import * as z from 'zod'

const secret = generateSecret()

type Case = [what: string, options: unknown, error: typeof TypeError | typeof RangeError, sentence: string]

const cases: Case[] = [
  ['no options', undefined, TypeError, 'createSessionManager(options) wants an object'],
  ['null', null, TypeError, 'createSessionManager(options) wants an object'],
  ['a secret alone', secret, TypeError, 'createSessionManager(options) wants an object'],
  ['no secret', {}, TypeError, 'openssl rand -base64 32'],
  [
    'a secret of null',
    { secret: null },
    TypeError,
    'secret must be a string, a Uint8Array, or a list of them',
  ],
  [
    'an unknown option',
    { secret, maxAge: 60 },
    TypeError,
    'Unknown option maxAge. There are: secret, cookie,',
  ],
  ['an option in another spelling', { secret, idletimeout: 60 }, TypeError, 'Unknown option idletimeout.'],
  [
    'a store without its methods',
    { secret, store: {} },
    TypeError,
    'store must be a SessionStore: it has no get',
  ],
  ['idleTimeout as text', { secret, idleTimeout: '30m' }, TypeError, 'idleTimeout must be a number.'],
  ['idleTimeout of 0', { secret, idleTimeout: 0 }, RangeError, 'idleTimeout must be a whole number from 1'],
  ['idleTimeout below 0', { secret, idleTimeout: -1 }, RangeError, 'current value is -1'],
  ['idleTimeout in parts of a second', { secret, idleTimeout: 0.5 }, RangeError, 'must be a whole number'],
  ['idleTimeout of NaN', { secret, idleTimeout: Number.NaN }, RangeError, 'current value is NaN'],
  [
    'absoluteTimeout of null',
    { secret, absoluteTimeout: null },
    TypeError,
    'absoluteTimeout must be a number.',
  ],
  ['absoluteTimeout of 401 days', { secret, absoluteTimeout: 34_646_400 }, RangeError, 'from 1 to 34560000'],
  ['timeouts in milliseconds', { secret, absoluteTimeout: 86_400_000 }, RangeError, 'from 1 to 34560000'],
  ['remember of true', { secret, remember: true }, TypeError, 'remember must be an object.'],
  ['remember of null', { secret, remember: null }, TypeError, 'remember must be an object.'],
  [
    'remember without timeouts',
    { secret, remember: {} },
    TypeError,
    'remember.idleTimeout must be a number.',
  ],
  [
    'remember with half of them',
    { secret, remember: { idleTimeout: 60 } },
    TypeError,
    'remember.absoluteTimeout must be a number.',
  ],
  [
    'remember with more',
    { secret, remember: { ...aal1, days: 30 } },
    TypeError,
    'Unknown option remember.days. There are: idleTimeout, absoluteTimeout.',
  ],
  ['cookie as a name', { secret, cookie: 'session' }, TypeError, 'cookie must be an object.'],
  ['cookie of null', { secret, cookie: null }, TypeError, 'cookie must be an object.'],
  [
    'a cookie attribute that cannot be turned off',
    { secret, cookie: { httpOnly: false } },
    TypeError,
    'Unknown option cookie.httpOnly.',
  ],
  [
    'a cookie attribute in another spelling',
    { secret, cookie: { samesite: 'Strict' } },
    TypeError,
    'cookie.samesite',
  ],
  [
    'sameSite in lower case',
    { secret, cookie: { sameSite: 'lax' } },
    TypeError,
    `must be 'Strict', 'Lax' or 'None'`,
  ],
  ['maxChunks of 0', { secret, maxChunks: 0 }, RangeError, 'maxChunks must be a whole number from 1 to 4'],
  ['maxChunks of 5', { secret, maxChunks: 5 }, RangeError, 'maxChunks must be a whole number from 1 to 4'],
  ['maxChunks of true', { secret, maxChunks: true }, TypeError, 'maxChunks must be a number.'],
  [
    'a schema that is none',
    { secret, schema: { n: 'number' } },
    TypeError,
    'schema must be a Standard Schema',
  ],
  ['a schema of null', { secret, schema: null }, TypeError, 'schema must be a Standard Schema'],
  ['migrate without a schema', { secret, migrate: () => ({}) }, TypeError, 'migrate needs a schema'],
  [
    'migrate that is no function',
    { secret, schema: z.object({}), migrate: {} },
    TypeError,
    'migrate must be a function.',
  ],
  ['onEvent that is no function', { secret, onEvent: console }, TypeError, 'onEvent must be a function.'],
  ['a clock that stands still', { secret, clock: 0 }, TypeError, 'clock must be a function.'],
]

describe('createSessionManager', () => {
  test.each(cases)('refuses %s', (_, options, error, sentence) => {
    const create = () => createSessionManager(options as { secret: string })
    expect(create).toThrow(error)
    expect(create).toThrow(sentence)
  })

  test.each(cases)('never shows a secret in its message: %s', (_, options) => {
    let message = ''
    try {
      createSessionManager(options as { secret: string })
    } catch (error) {
      message = `${error} ${(error as Error).stack}`
    }
    expect(message).not.toBe('')
    expect(message).not.toContain(secret)
  })

  test('row 34: an infinite timeout is refused', () => {
    for (const name of ['idleTimeout', 'absoluteTimeout']) {
      expect(() => createSessionManager({ secret, [name]: Number.POSITIVE_INFINITY })).toThrow(RangeError)
      expect(() =>
        createSessionManager({ secret, remember: { ...aal1, [name]: Number.POSITIVE_INFINITY } }),
      ).toThrow(RangeError)
    }
  })

  test('takes options that are there and undefined as left out', async () => {
    const manager = createSessionManager({
      secret,
      cookie: undefined,
      idleTimeout: undefined,
      absoluteTimeout: undefined,
      remember: undefined,
      maxChunks: undefined,
      schema: undefined,
      migrate: undefined,
      onEvent: undefined,
      clock: undefined,
    })
    expect(manager.cookieName).toBe('__Host-session')
    expect((await manager.open(new Request('https://example.test/'))).isNew).toBe(true)
  })

  test.each([aal1, aal2, aal3])('takes the NIST preset %j, for remember too', (preset) => {
    expect(() => createSessionManager({ secret, ...preset, remember: preset })).not.toThrow()
  })

  test('does not look at options that change afterwards', async () => {
    const options = { secret, cookie: { name: '__Host-a' } }
    const manager = createSessionManager(options)
    options.cookie.name = 'b'
    const session = await manager.open(new Request('https://example.test/'))
    session.signIn('u1')
    expect((await manager.commit(session))[0]).toMatch(/^__Host-a=/)
  })
})

describe('users', () => {
  const { users } = createSessionManager({ secret })

  test.each([
    ['list', () => users.list('u1')],
    ['revoke', () => users.revoke('id', 'u1')],
    ['revokeAll', () => users.revokeAll('u1')],
  ])('users.%s says that sealed cookies have no index', async (name, call) => {
    await expect(call()).rejects.toThrow(TypeError)
    await expect(call()).rejects.toThrow(`users.${name}() needs sessions in a store`)
  })
})
