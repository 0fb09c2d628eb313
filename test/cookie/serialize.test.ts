import { describe, expect, test } from 'vitest'
import { type CookieOptions, createSessionManager, generateSecret } from 'wafer-session'
import { createTestSession } from 'wafer-session/testing'
import { application, requestWith } from '../support/visitor.ts'

const secret = generateSecret()

/** The Set-Cookie line of a new session with these options of its cookie. */
async function lineFor(cookie?: CookieOptions): Promise<string> {
  const manager = createSessionManager(cookie === undefined ? { secret } : { secret, cookie })
  const session = await manager.open(requestWith(''))
  session.signIn('u1')
  const lines = await manager.commit(session)
  expect(lines).toHaveLength(1)
  return lines[0] as string
}

const attributesOf = (line: string) => line.split('; ').slice(1)

describe('attributes', () => {
  test('rows 4, 42, 43, 46, 47, 55: by default __Host-session, Path=/, Secure, HttpOnly, Lax, no Domain, not persistent', async () => {
    const line = await lineFor()
    expect(line).toMatch(/^__Host-session=[\w-]{50,}; /)
    expect(attributesOf(line)).toEqual(['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax'])
  })

  test('row 46: the value leaves by Set-Cookie alone', async () => {
    const { manager } = application()
    const session = await manager.open(requestWith(''))
    session.signIn('u1')
    const [line = ''] = await manager.commit(session)
    const value = line.slice(line.indexOf('=') + 1, line.indexOf(';'))

    for (const shown of [
      JSON.stringify(session),
      String(session),
      session.id,
      JSON.stringify(session.data),
    ]) {
      expect(shown).not.toContain(value)
    }
  })

  test.each<[string, CookieOptions, string[]]>([
    ['Strict', { sameSite: 'Strict' }, ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Strict']],
    ['None', { sameSite: 'None' }, ['Path=/', 'Secure', 'HttpOnly', 'SameSite=None']],
    ['Partitioned', { partitioned: true }, ['Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax', 'Partitioned']],
    [
      'Domain',
      { name: '__Secure-session', domain: 'example.com', path: '/app' },
      ['Domain=example.com', 'Path=/app', 'Secure', 'HttpOnly', 'SameSite=Lax'],
    ],
    ['row 42: plain http', { name: 'session', secure: false }, ['Path=/', 'HttpOnly', 'SameSite=Lax']],
  ])('%s', async (_, options, attributes) => {
    expect(attributesOf(await lineFor(options))).toEqual(attributes)
  })

  test('row 56: Max-Age is what is left of the absolute life, only when the user asked to be remembered', async () => {
    const { manager, clock } = application({
      remember: { idleTimeout: 86_400, absoluteTimeout: 30 * 86_400 },
    })
    const { cookie } = await createTestSession(manager, { userId: 'u1', remember: true })
    clock.advance(3600.7)
    const session = await manager.open(requestWith(cookie))
    session.data.n = 1

    const [line = ''] = await manager.commit(session)
    expect(attributesOf(line)[0]).toBe(`Max-Age=${30 * 86_400 - 3600}`)
  })

  test('row 50: no cookie is asked to live longer than 400 days', () => {
    const timeouts = (seconds: number) => ({ idleTimeout: seconds, absoluteTimeout: seconds })
    expect(() => createSessionManager({ secret, remember: timeouts(34_560_000) })).not.toThrow()
    expect(() => createSessionManager({ secret, remember: timeouts(34_560_001) })).toThrow(RangeError)
    expect(() => createSessionManager({ secret, absoluteTimeout: 401 * 86_400 })).toThrow(RangeError)
  })
})

describe('what a browser would refuse, or keep less safe than its name says', () => {
  test.each<[string, CookieOptions, RegExp]>([
    ['row 42: __Host- without Secure', { secure: false }, /without prefix, such as 'session'/],
    ['row 42: __Secure- without Secure', { secure: false, name: '__Secure-id' }, /name without prefix/],
    ['row 43: __Host- with a Path', { path: '/app' }, /__Secure-session/],
    ['row 43: __Host- with a Domain', { domain: 'example.com' }, /__Secure-/],
    [
      'row 44: Domain with a name without prefix',
      { name: 'sid', domain: 'example.com' },
      /begins with __Secure-/,
    ],
    ['row 45: a prefix in the wrong case', { name: '__host-session' }, /spell its prefix/],
    ['row 45: a prefix in the wrong case', { name: '__SECURE-session' }, /spell its prefix/],
    ['row 47: None without Secure', { name: 's', secure: false, sameSite: 'None' }, /needs cookie.secure/],
    ['row 47: another SameSite', { sameSite: 'lax' as 'Lax' }, /'Strict', 'Lax' or 'None'/],
    ['row 49: a Path of 1025 octets', { name: 's', path: `/${'p'.repeat(1024)}` }, /1024/],
    ['a Path with a semicolon', { name: 's', path: '/;Domain=evil.test' }, /printable ASCII/],
    ['a Path with a line feed', { name: 's', path: '/\nSet-Cookie:x' }, /printable ASCII/],
    ['a Path without a slash', { name: 's', path: 'app' }, /begin with \//],
    ['a Path with something before the slash', { name: 's', path: 'x/app' }, /begin with \//],
    ['a Domain with a semicolon', { name: '__Secure-s', domain: 'a.test; Path=/x' }, /host name/],
    ['a Domain with a dot before it', { name: '__Secure-s', domain: '.example.com' }, /host name/],
    [
      'row 54: Partitioned without Secure',
      { name: 's', secure: false, partitioned: true },
      /needs cookie.secure/,
    ],
    ['an empty name', { name: '' }, /token/],
    ['a name with a space before it', { name: ' s' }, /token/],
    ['a name of 257 characters', { name: 'n'.repeat(257) }, /256/],
  ])('%s is a TypeError that says what to do', (_, cookie, message) => {
    expect(() => createSessionManager({ secret, cookie })).toThrow(TypeError)
    expect(() => createSessionManager({ secret, cookie })).toThrow(message)
  })

  test.each(['localhost', 'a.b', 'A.Test', 'a-b.c--d.example.com', '127.0.0.1', 'xn--bcher-kva.example'])(
    'a Domain of %s is a host name',
    async (domain) => {
      expect(attributesOf(await lineFor({ name: '__Secure-s', domain }))[0]).toBe(`Domain=${domain}`)
    },
  )

  test.each([
    '',
    '-a.test',
    'a-.test',
    'a.-test',
    'a.test-',
    'a..test',
    'a.',
    'a_b.test',
    '-',
    'bücher.test',
  ])('a Domain of "%s" is none', (domain) => {
    expect(() => createSessionManager({ secret, cookie: { name: '__Secure-s', domain } })).toThrow(
      /host name/,
    )
  })

  test('row 49: a Path of 1024 octets is the longest', async () => {
    expect(await lineFor({ name: 's', path: `/${'p'.repeat(1023)}` })).toContain(
      `; Path=/${'p'.repeat(1023)};`,
    )
  })

  test('row 51: of all 256 bytes a name takes those of a token, and a value has none but base64url', async () => {
    const separators = '()<>@,;:\\"/[]?={} \t'
    for (let code = 0; code < 256; code++) {
      const char = String.fromCharCode(code)
      const allowed = code > 0x20 && code < 0x7f && !separators.includes(char)
      const make = () => createSessionManager({ secret, cookie: { name: `s${char}` } })
      if (allowed) expect(make().cookieName).toBe(`s${char}`)
      else expect(make).toThrow(TypeError)
    }
    const everything = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: everything, data: { everything } })
    expect(cookie).toMatch(/^__Host-session=[\w-]+$/)
    expect((await manager.open(requestWith(cookie))).data).toEqual({ everything })
  })
})
