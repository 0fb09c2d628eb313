import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSessionManager, generateSecret, type SessionManagerOptions } from 'wafer-session'
import { createTestSession } from 'wafer-session/testing'
import { spySubtle } from '../support/spy-subtle.ts'
import { flipBit, forge, withHour } from '../support/tamper.ts'
import { application, requestWith, whoseIs } from '../support/visitor.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const HOUR = 3600
const thirtyDays = { idleTimeout: 30 * 86_400, absoluteTimeout: 30 * 86_400 }

/** The same secret as bytes: to the library another list, so a ring that nothing has warmed, as in a new process. */
const asBytes = (secret: string) => new TextEncoder().encode(secret)

const infoOf = (parameters: unknown) => Array.from((parameters as HkdfParams).info as Uint8Array).join()

describe('secret', () => {
  const short = 'abcdefghijklmnopqrstuvwxyz01234'
  test.each<[string, unknown]>([
    ['31 characters', short],
    ['31 bytes', asBytes(short)],
    ['an empty string', ''],
    ['an empty list', []],
    ['an empty string in a list', [generateSecret(), '']],
    ['no bytes', new Uint8Array()],
    ['one character over and over', 'a'.repeat(64)],
    ['nine distinct characters', 'abcdefghi'.repeat(8)],
    ['32 bytes of zero', new Uint8Array(32)],
    ['undefined', undefined],
    ['null', null],
    ['a number', 1e40],
    ['an object', { key: short + short }],
    ['an ArrayBuffer', asBytes(short + short).buffer],
    ['a list within a list', [[short + short]]],
  ])(
    'row 72: %s is refused at construction, by a sentence that shows how to make a good one',
    (_, secret) => {
      const construct = () => createSessionManager({ secret: secret as string })

      expect(construct).toThrow(/openssl rand -base64 32.*generateSecret\(\)/)
      try {
        construct()
      } catch (error) {
        expect(error).toSatisfy((thrown) => thrown instanceof TypeError || thrown instanceof RangeError)
        expect(String((error as Error).stack)).not.toContain(short)
      }
    },
  )

  test.each<[string, (secret: string) => SessionManagerOptions['secret']]>([
    ['twice', (secret) => [secret, secret]],
    ['as text and as its bytes', (secret) => [secret, asBytes(secret)]],
    ['with another between', (secret) => [secret, generateSecret(), secret]],
  ])('row 72: the same secret %s is refused, without showing it', (_, list) => {
    const secret = generateSecret()
    const construct = () => createSessionManager({ secret: list(secret) })

    expect(construct).toThrow(RangeError)
    expect(construct).toThrow(/one secret twice/)
    expect(construct).not.toThrow(secret)
  })

  test('row 72: 32 characters of ten kinds are enough', () => {
    expect(() => createSessionManager({ secret: '0123456789'.repeat(4).slice(0, 32) })).not.toThrow()
  })

  test('generateSecret() makes 32 random bytes that are taken', () => {
    const secrets = Array.from({ length: 1000 }, generateSecret)
    expect(new Set(secrets).size).toBe(1000)
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/)
    expect(() => createSessionManager({ secret: secrets })).not.toThrow()
  })

  test('a string counts as its UTF-8 bytes: the same bytes open what it sealed', async () => {
    const secret = 'g\u00fcltig \u2014 \u79d8\u5bc6 \ud834\udd1e 0123456789 abcdef'
    const { cookie } = await createTestSession(application({ secret }).manager, { userId: 'u1' })

    expect(await whoseIs(application({ secret: asBytes(secret) }).manager, cookie)).toBe('u1')
  })

  test('bytes that change after construction change nothing', async () => {
    const secret = crypto.getRandomValues(new Uint8Array(48))
    const { manager } = application({ secret })
    const before = secret.slice()
    secret.fill(7)
    const { cookie } = await createTestSession(manager, { userId: 'u1' })

    // A list of its own, so that it cannot be the same ring.
    const twin = application({ secret: [before, generateSecret()] })
    expect(await whoseIs(twin.manager, cookie)).toBe('u1')
  })
})

describe('rotation', () => {
  test('row 73: the first seals, any opens, and what an older one opened is sealed again on the next response', async () => {
    const [newer, older] = [generateSecret(), generateSecret()]
    const { cookie } = await createTestSession(application({ secret: older }).manager, {
      userId: 'u1',
      data: { n: 1 },
    })
    const { manager } = application({ secret: [newer, older] })
    const session = await manager.open(requestWith(cookie))
    expect([session.userId, session.data]).toEqual(['u1', { n: 1 }])

    const [line = ''] = await manager.commit(session)
    const renewed = line.slice(0, line.indexOf(';'))

    expect(await whoseIs(application({ secret: newer }).manager, renewed)).toBe('u1')
    expect(await whoseIs(application({ secret: older }).manager, renewed)).toBeUndefined()
    expect((await manager.open(requestWith(renewed))).id).toBe(session.id)
    expect(await manager.commit(await manager.open(requestWith(renewed)))).toEqual([])
  })

  test('row 73: a secret that has been dropped opens nothing', async () => {
    const older = generateSecret()
    const { cookie } = await createTestSession(application({ secret: older }).manager, { userId: 'u1' })
    const { manager, reasons } = application()

    expect(await whoseIs(manager, cookie)).toBeUndefined()
    expect(reasons).toEqual(['unknown-key'])
  })

  test('a secret that comes last in the list opens already, and does not seal yet', async () => {
    const [current, next] = [generateSecret(), generateSecret()]
    const { manager } = application({ secret: [current, next] })
    const { cookie } = await createTestSession(manager, { userId: 'u1' })

    expect(await whoseIs(application({ secret: current }).manager, cookie)).toBe('u1')
    expect(await whoseIs(application({ secret: [next, current] }).manager, cookie)).toBe('u1')
    expect(await whoseIs(application({ secret: next }).manager, cookie)).toBeUndefined()
  })
})

describe('calls of crypto.subtle', () => {
  const cold = ['importKey', 'deriveBits']

  test('row 60: an anonymous request that leaves nothing behind makes none', async () => {
    const { manager } = application()
    const spy = spySubtle()

    await manager.handle(requestWith(''), ({ data, userId }) => new Response(JSON.stringify([data, userId])))

    expect(spy.calls()).toEqual([])
  })

  test('a sealed read is one, a sealed write two', async () => {
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const spy = spySubtle()

    await manager.handle(requestWith(cookie), ({ data }) => new Response(JSON.stringify(data)))
    expect(spy.calls()).toEqual(['decrypt'])

    await manager.handle(requestWith(cookie), ({ data }) => {
      data.n = 1
      return new Response('ok')
    })
    expect(spy.calls()).toEqual(['decrypt', 'encrypt'])
  })

  test('the first use of a new hour is one more', async () => {
    const { manager, clock } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    clock.advance(HOUR - 1)
    const { cookie: late } = await createTestSession(manager, { userId: 'u1' })
    clock.advance(1)
    const spy = spySubtle()

    const write = async () => {
      const session = await manager.open(requestWith(late))
      session.data.n = 1
      await manager.commit(session)
      return spy.calls()
    }
    expect(await write()).toEqual(['decrypt', 'deriveKey', 'encrypt'])
    expect(await write()).toEqual(['decrypt', 'encrypt'])
    expect(cookie).not.toBe(late)
  })

  test('the first use of a new process is two more, and two for each further secret', async () => {
    const secret = generateSecret()
    const { cookie } = await createTestSession(application({ secret }).manager, { userId: 'u1' })
    const { manager } = application({ secret: asBytes(secret) })
    const three = application({ secret: [generateSecret(), secret, generateSecret()] })
    const spy = spySubtle()

    await whoseIs(manager, cookie)
    expect(spy.calls()).toEqual([...cold, 'deriveKey', 'decrypt'])
    await whoseIs(manager, cookie)
    expect(spy.calls()).toEqual(['decrypt'])

    await whoseIs(three.manager, cookie)
    expect(spy.calls().sort()).toEqual([...cold, ...cold, ...cold, 'deriveKey', 'decrypt'].sort())
  })

  test('another manager with the same secrets, as one per request, derives nothing again', async () => {
    const secret = [generateSecret(), generateSecret()]
    const { cookie } = await createTestSession(application({ secret }).manager, { userId: 'u1' })
    const spy = spySubtle()

    expect(await whoseIs(application({ secret: [...secret] }).manager, cookie)).toBe('u1')
    expect(spy.calls()).toEqual(['decrypt'])
  })

  test('a foreign cookie is none, a forged one is one, or two for an hour that is not in the cache', async () => {
    const { manager, clock, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const { cookie: foreign } = await createTestSession(application().manager, { userId: 'u1' })
    const start = clock()
    clock.advance(HOUR)
    const forged = forge(cookie)
    const spy = spySubtle()

    await whoseIs(manager, foreign)
    expect(spy.calls()).toEqual([])
    clock.set(start)
    await whoseIs(manager, forged)
    expect(spy.calls()).toEqual(['decrypt'])
    // The hour before has no key in the cache, and gets none by a forged cookie.
    const earlier = withHour(forged, Math.floor(start / 3_600_000) - 1)
    for (let i = 0; i < 3; i++) {
      await whoseIs(manager, earlier)
      expect(spy.calls()).toEqual(['deriveKey', 'decrypt'])
    }
    expect(reasons).toEqual(['unknown-key', 'forged', 'forged', 'forged', 'forged'])
  })

  test('forged cookies of a hundred hours evict no key', async () => {
    const { manager, clock } = application(thirtyDays)
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const hour = Math.floor(clock() / 3_600_000)
    for (let i = 1; i <= 100; i++) await whoseIs(manager, withHour(cookie, hour - i))
    const spy = spySubtle()

    expect(await whoseIs(manager, cookie)).toBe('u1')
    expect(spy.calls()).toEqual(['decrypt'])
  })

  test('keys are kept for 64 hours at most, those of this hour and the last among them', async () => {
    const { manager, clock } = application(thirtyDays)
    const cookies: string[] = []
    for (let i = 0; i < 100; i++) {
      cookies.push((await createTestSession(manager, { userId: `u${i}` })).cookie)
      clock.advance(HOUR)
    }
    const now = (await createTestSession(manager, { userId: 'now' })).cookie
    const last = cookies.at(-1) as string
    for (const cookie of cookies) await whoseIs(manager, cookie)
    const spy = spySubtle()

    expect(await whoseIs(manager, now)).toBe('now')
    expect(await whoseIs(manager, last)).toBe('u99')
    expect(spy.calls()).toEqual(['decrypt', 'decrypt'])
    for (const [i, cookie] of cookies.entries()) expect(await whoseIs(manager, cookie)).toBe(`u${i}`)
    expect(spy.calls().filter((method) => method === 'deriveKey').length).toBeGreaterThanOrEqual(101 - 64)
  })

  test('row 75: the same calls with one secret as with fifty, whichever of them sealed', async () => {
    const secrets = Array.from({ length: 50 }, generateSecret)
    const counts = new Set<string>()
    for (const at of [0, 24, 49]) {
      const secret = secrets[at] as string
      const { cookie } = await createTestSession(application({ secret }).manager, { userId: 'u1' })
      const foreign = (await createTestSession(application().manager, { userId: 'u1' })).cookie
      const forged = forge(cookie)
      for (const ring of [secret, secrets]) {
        const { manager } = application({ secret: ring })
        await whoseIs(manager, cookie)
        const spy = spySubtle()
        await whoseIs(manager, cookie)
        const genuine = spy.calls().join()
        await whoseIs(manager, forged)
        const altered = spy.calls().join()
        await whoseIs(manager, foreign)
        counts.add([genuine, altered, spy.calls().join()].join(' | '))
        vi.restoreAllMocks()
      }
    }
    expect([...counts]).toEqual(['decrypt | decrypt | '])
  })
})

describe('keys', () => {
  test('row 76: a value names its key: flip any bit of the kid, and no key is tried', async () => {
    const { manager, reasons } = application({ secret: [generateSecret(), generateSecret()] })
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const spy = spySubtle()

    for (let bit = 8; bit < 40; bit++) expect(await whoseIs(manager, flipBit(cookie, bit))).toBeUndefined()

    expect(spy.calls()).toEqual([])
    expect(reasons).toEqual(Array(32).fill('unknown-key'))
  })

  test('row 74: every use has a key of its own: kid, each cookie name, each hour, each secret', async () => {
    const secret = generateSecret()
    const spy = spySubtle()
    for (const name of ['__Host-session', '__Host-sessio', '__Host-admin']) {
      const { manager, clock } = application({ secret, cookie: { name } })
      await createTestSession(manager, { userId: 'u1' })
      clock.advance(HOUR)
      await createTestSession(manager, { userId: 'u1' })
    }

    const derived = [...spy.argumentsOf('deriveBits'), ...spy.argumentsOf('deriveKey')]
    expect(derived).toHaveLength(7)
    expect(new Set(derived.map(([parameters]) => infoOf(parameters))).size).toBe(7)
  })

  test('row 69: HKDF with SHA-256 and AES-256-GCM, by Web Crypto, are all there is', async () => {
    const spy = spySubtle()
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    await whoseIs(manager, cookie)

    expect(new Set(spy.calls())).toEqual(
      new Set(['importKey', 'deriveBits', 'deriveKey', 'encrypt', 'decrypt']),
    )
    expect(spy.argumentsOf('importKey')[0]?.slice(2)).toEqual(['HKDF', false, ['deriveBits', 'deriveKey']])
    expect(spy.argumentsOf('deriveBits')[0]?.[0]).toMatchObject({ name: 'HKDF', hash: 'SHA-256' })
    expect(spy.argumentsOf('deriveKey')[0]?.[0]).toMatchObject({ name: 'HKDF', hash: 'SHA-256' })
    expect(spy.argumentsOf('deriveKey')[0]?.[2]).toEqual({ name: 'AES-GCM', length: 256 })
    for (const [parameters] of [...spy.argumentsOf('encrypt'), ...spy.argumentsOf('decrypt')]) {
      expect(parameters).toMatchObject({ name: 'AES-GCM' })
      expect((parameters as AesGcmParams).iv.byteLength).toBe(12)
      // No shorter tag is asked for: 128 bits is what Web Crypto gives by itself.
      expect(parameters).not.toHaveProperty('tagLength')
    }
  })

  test('row 80: no key can be exported', async () => {
    const spy = spySubtle()
    const { manager } = application({ secret: [generateSecret(), generateSecret()] })
    await createTestSession(manager, { userId: 'u1' })

    const keys = [...(await spy.resultsOf('importKey')), ...(await spy.resultsOf('deriveKey'))] as CryptoKey[]
    expect(keys).toHaveLength(3)
    for (const key of keys) {
      expect(key.extractable).toBe(false)
      await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
    }
  })

  test('row 79: neither the manager nor what it throws shows a secret', async () => {
    const secret = generateSecret()
    const { manager } = application({ secret, maxChunks: 1 })
    const session = await manager.open(requestWith(''))
    session.data.big = 'x'.repeat(5000)
    const errors: unknown[] = []
    await manager.commit(session).catch((error) => errors.push(error))
    for (const wrong of [{ secret: [secret, secret] }, { secret, idleTimeout: 0 }, { secret, nope: 1 }]) {
      try {
        createSessionManager(wrong)
      } catch (error) {
        errors.push(error)
      }
    }

    expect(errors).toHaveLength(4)
    for (const error of errors as Error[]) {
      const shown = [error.message, error.stack, String(error.cause), JSON.stringify(error)].join()
      expect(shown).not.toContain(secret)
    }
    expect(JSON.stringify(manager) + String(manager) + JSON.stringify(Object.values(manager))).not.toContain(
      secret,
    )
  })
})
