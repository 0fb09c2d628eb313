import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SessionManager } from 'wafer-session'
import { cookieJar, createTestSession } from 'wafer-session/testing'
import { chunkNames, joinChunks, MAX_CHUNKS, MAX_COOKIE_BYTES, splitChunks } from '../../src/cookie/chunk.ts'
import { application, requestWith, whoseIs } from '../support/visitor.ts'

const header = (chunks: ReadonlyMap<string, string>) =>
  Array.from(chunks, ([name, value]) => `${name}=${value}`).join('; ')

/** The octets of name and value of a Set-Cookie line, as RFC 6265bis §5.6 counts them. */
const octets = (line: string) => line.split(';', 1)[0]?.replace('=', '').length

async function commitData(manager: SessionManager, cookie: string, data: object): Promise<string[]> {
  const session = await manager.open(requestWith(cookie))
  Object.assign(session.data, data)
  return manager.commit(session)
}

describe('splitChunks() and joinChunks()', () => {
  test('join what was split, in any order, and no part is longer than a browser keeps', () => {
    const lengths = fc.nat({ max: 4 * MAX_COOKIE_BYTES })
    fc.assert(
      fc.property(lengths, fc.constantFrom('s', '__Host-session'), fc.nat(), (length, name, turn) => {
        const value = 'aB3_'.repeat(MAX_COOKIE_BYTES).slice(0, length)
        const pairs = [...(splitChunks(name, value, MAX_CHUNKS) ?? [])]
        if (pairs.length === 0) {
          expect(length).toBeGreaterThan(14 * 1024 - MAX_CHUNKS * (name.length + 2))
          return
        }
        for (const [key, part] of pairs) {
          expect(key.length + part.length).toBeLessThanOrEqual(MAX_COOKIE_BYTES)
        }
        const cut = turn % pairs.length
        const turned = new Map([...pairs.slice(cut), ...pairs.slice(0, cut)])
        expect(joinChunks(header(turned), name, MAX_CHUNKS)).toEqual([value])
      }),
    )
  })

  test('a value is split only when it must be', () => {
    expect([...(splitChunks('s', 'x'.repeat(4095), 4)?.keys() ?? [])]).toEqual(['s'])
    expect([...(splitChunks('s', 'x'.repeat(4096), 4)?.keys() ?? [])]).toEqual(['s', 's.1'])
    expect(splitChunks('s', 'x'.repeat(4096), 1)).toBeNull()
  })

  test('joinChunks() never throws, whatever the parts', () => {
    const part = fc.constantFrom(
      's=2.a',
      's=4.b',
      's=3.',
      's=5.c',
      's=2',
      's.1=x',
      's.1=y',
      's.2=z',
      's.3=',
      's=q',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (parts, maxChunks) => {
        const values = joinChunks(parts.join('; '), 's', maxChunks)
        expect(values === null || values.length <= 4).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('a value of several parts is looked for only where several are allowed', () => {
    expect(joinChunks('s=2.a; s.1=b', 's', 1)).toEqual(['2.a'])
    expect(joinChunks('s=2.a; s.1=b', 's', 2)).toEqual(['ab'])
  })

  test('a part that is missing leaves the first as it is, and that is no base64url', () => {
    expect(joinChunks('s=3.a; s.2=c', 's', 4)).toEqual(['3.a'])
  })

  test('chunkNames() names our parts and no cookie that only begins like one', () => {
    expect(chunkNames('s=1; s.1=2; s.4=3; s.x=4; s2=5; s.10=6; xs.2=7', 's')).toEqual(['s', 's.1'])
  })
})

describe('a large session', () => {
  test('row 48: 4096 octets of name and value are sent, 4097 are refused before there are headers', async () => {
    const { manager } = application()
    const [empty = ''] = await commitData(manager, '', { pad: '' })
    // Four octets of base64url are three bytes; 4096 less the name is two octets, so one byte, over a whole group.
    const pad = 'x'.repeat(Math.floor(((4096 - (octets(empty) ?? 0)) * 3) / 4))

    const [largest = ''] = await commitData(manager, '', { pad })
    expect(octets(largest)).toBe(4096)
    await expect(commitData(manager, '', { pad: `${pad}x` })).rejects.toMatchObject({
      code: 'ERR_SESSION_TOO_LARGE',
      message: expect.stringContaining('would be 4097 bytes of name and value, and 4096 are allowed'),
    })
  })

  test.each([1, 2, 3, 4])(
    'row 48: with a name of %i octets the limit counts the name too',
    async (length) => {
      const name = 'n'.repeat(length)
      const chunks = splitChunks(name, 'x'.repeat(MAX_COOKIE_BYTES - length), 1)
      expect(chunks?.size).toBe(1)
      expect(splitChunks(name, 'x'.repeat(MAX_COOKIE_BYTES - length + 1), 1)).toBeNull()
    },
  )

  test('row 48: the error names the heavy keys and the two remedies, and the response is not sent', async () => {
    const { manager } = application()
    const cart = 'c'.repeat(3000)
    const handled = manager.handle(requestWith(''), (session) => {
      Object.assign(session.data, { cart, theme: 'dark', notes: 'n'.repeat(500) })
      return new Response('ok')
    })

    await expect(handled).rejects.toMatchObject({
      name: 'SessionError',
      code: 'ERR_SESSION_TOO_LARGE',
      status: 500,
      message: expect.stringMatching(/"cart" \(3002 bytes\), "notes" \(502 bytes\).*maxChunks.*store/),
    })
  })

  test('maxChunks: comes back from its parts, and the parts it no longer needs are cleared', async () => {
    const { manager, clock } = application({ maxChunks: 4 })
    const jar = cookieJar({ clock })
    const write = (data: object) =>
      jar.request(
        {
          fetch: (request) =>
            manager.handle(request, (session) => {
              Object.assign(session.data, data)
              return new Response(JSON.stringify(session.data))
            }),
        },
        '/',
      )

    await write({ big: 'x'.repeat(8000) })
    expect(jar.header().match(/__Host-session[^=]*/g)).toEqual([
      '__Host-session',
      '__Host-session.1',
      '__Host-session.2',
    ])
    expect(await (await write({ small: 1 })).json()).toEqual({ big: 'x'.repeat(8000), small: 1 })

    const shrunk = await write({ big: '' })
    expect(shrunk.headers.getSetCookie().map((line) => line.split('=', 1)[0])).toEqual([
      '__Host-session',
      '__Host-session.1',
      '__Host-session.2',
    ])
    expect(jar.header().match(/__Host-session[^=]*/g)).toEqual(['__Host-session'])
    expect(await (await write({})).json()).toEqual({ big: '', small: 1 })
  })

  test('row 17: signing out clears every part with the attributes it was set with', async () => {
    const { manager } = application({ maxChunks: 2 })
    const lines = await commitData(manager, '', { big: 'x'.repeat(5000) })
    const cookie = lines.map((line) => line.split(';', 1)[0]).join('; ')
    const session = await manager.open(requestWith(cookie))
    session.signOut()

    const attributes = (line: string) =>
      line
        .split('; ')
        .slice(1)
        .filter((text) => !/^(Max-Age|Expires)=/.test(text))
    const cleared = await manager.commit(session)
    expect(cleared.map((line) => line.split(';', 1)[0])).toEqual(['__Host-session=', '__Host-session.1='])
    for (const [i, line] of cleared.entries()) {
      expect(attributes(line)).toEqual(attributes(lines[i] as string))
      expect(line).toMatch(/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT;/)
    }
  })

  test('a foreign cookie that shares the beginning of the name changes nothing and is not cleared', async () => {
    const { manager } = application({ maxChunks: 4 })
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const foreign = '__Host-session.x=1; __Host-session2=2; __Host-session.10=3; __Host-session.9=4'

    const lines = await commitData(manager, `${foreign}; ${cookie}; ${foreign}`, { n: 1 })

    expect(lines.map((line) => line.split('=', 1)[0])).toEqual(['__Host-session'])
  })

  test('a planted second part does not displace the true one', async () => {
    const { manager } = application({ maxChunks: 2 })
    const lines = await commitData(manager, '', { big: 'x'.repeat(5000) })
    const [first, second] = lines.map((line) => line.split(';', 1)[0])

    for (const parts of [
      [first, '__Host-session.1=planted', second],
      [second, '__Host-session.1=planted', first],
    ]) {
      expect(await whoseIs(manager, parts.join('; '))).toBe('anonymous')
    }
  })

  test('parts of two different values do not make a third', async () => {
    const { manager, reasons } = application({ maxChunks: 2 })
    const one = await commitData(manager, '', { big: 'x'.repeat(5000) })
    const two = await commitData(manager, '', { big: 'y'.repeat(5000) })

    expect(await whoseIs(manager, `${one[0]?.split(';', 1)[0]}; ${two[1]?.split(';', 1)[0]}`)).toBeUndefined()
    expect(reasons).toEqual(['forged'])
  })
})

test('maxChunks: 4 stops at 14 KiB, under the 16 KiB of headers after which Node answers 431', async () => {
  const { manager } = application({ maxChunks: 4 })
  const headerOf = async (length: number) => {
    const { cookie } = await createTestSession(manager, { data: { text: 'x'.repeat(length) } })
    return cookie
  }
  const cookie = await headerOf(10_600)
  expect(cookie.split('; ')).toHaveLength(4)
  expect(cookie.length).toBeLessThan(14 * 1024 + 16)
  await expect(headerOf(10_700)).rejects.toThrow(/14336 are allowed/)
})

test('row 48: a key that a client chose cannot break the line of the message', async () => {
  const { manager } = application()
  const data = { 'x\nINFO all is well': 'y'.repeat(5000) }
  const error = await createTestSession(manager, { data }).catch(String)
  expect(error).toContain('"x\\nINFO all is well" (5002 bytes)')
})

test('cookie.name: one that could be the part of another is refused', () => {
  for (const name of ['__Host-session.1', 's.3']) {
    expect(() => application({ cookie: { name } })).toThrow(/must not end in \.1, \.2 or \.3/)
  }
  expect(() => application({ cookie: { name: 's.10' } })).not.toThrow()
})
