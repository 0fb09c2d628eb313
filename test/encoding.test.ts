import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTestSession } from 'wafer-session/testing'
import {
  concat,
  fromBase64Url,
  fromUtf8,
  lengthPrefixed,
  readUint32,
  toBase64Url,
  utf8,
  writeUint32,
} from '../src/encoding.ts'
import { application, cookieValue, whoseIs } from './support/visitor.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const bytes = fc.uint8Array({ maxLength: 300 })

describe('base64url', () => {
  test.each([
    ['', ''],
    ['66', 'Zg'],
    ['666f', 'Zm8'],
    ['666f6f', 'Zm9v'],
    ['666f6f62', 'Zm9vYg'],
    ['fbefbe', '----'],
    ['ffffff', '____'],
  ])('toBase64Url() and fromBase64Url() agree with RFC 4648: %s is %s', (hex, text) => {
    const raw = new Uint8Array((hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)))
    expect(toBase64Url(raw)).toBe(text)
    expect(fromBase64Url(text)).toEqual(raw)
  })

  test('toBase64Url() gives the same without the engine’s own toBase64', () => {
    fc.assert(
      fc.property(bytes, (raw) => {
        const plain = new Proxy(raw, {
          has: (target, key) => key !== 'toBase64' && key in target,
          get: (target, key) => {
            const value: unknown = Reflect.get(target, key)
            return typeof value === 'function' ? value.bind(target) : value
          },
        })
        expect(toBase64Url(plain)).toBe(toBase64Url(raw))
      }),
    )
  })

  test('fromBase64Url() gives back what toBase64Url() was given', () => {
    fc.assert(
      fc.property(bytes, (raw) => {
        expect(fromBase64Url(toBase64Url(raw))).toEqual(new Uint8Array(raw))
      }),
    )
  })

  test('row 82: of all texts only the one that toBase64Url() writes is read', () => {
    const unit = fc.constantFrom(...ALPHABET, '+', '/', '=', ' ', '\n', '.', 'é')
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const raw = fromBase64Url(text)
        if (raw !== null) expect(toBase64Url(raw)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  test('row 82: of the 64 last characters of a short group exactly 4 and 16 are read', () => {
    const readable = (start: string) => [...ALPHABET].filter((last) => fromBase64Url(start + last) !== null)
    expect(readable('A')).toHaveLength(4)
    expect(readable('AA')).toHaveLength(16)
    expect(readable('AAA')).toHaveLength(64)
    expect(readable('')).toHaveLength(0)
  })

  test('fromBase64Url() reads and refuses a long text without running out of stack', () => {
    expect(fromBase64Url('A'.repeat(1_000_000))).toHaveLength(750_000)
    expect(fromBase64Url(`${'A'.repeat(1_000_000)}=`)).toBeNull()
  })

  test.each([
    ['padding', (value: string) => `${value}=`],
    ['double padding', (value: string) => `${value}==`],
    ['white space before', (value: string) => `x ${value}`],
    ['white space inside', (value: string) => `${value.slice(0, 8)} ${value.slice(8)}`],
    ['a quoted value', (value: string) => `"${value}"`],
    ['percent encoding', (value: string) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`],
    ['the other alphabet', (value: string) => `${value.slice(0, 20)}+/${value.slice(22)}`],
    ['unused bits that are not zero', withUnusedBits],
  ])('row 82: a cookie in another spelling is refused: %s', async (_, respelled) => {
    const { manager, reasons } = application()
    const value = await valueWithUnusedBits(manager)

    expect(await whoseIs(manager, `__Host-session=${value}`)).toBe('u1')
    expect(await whoseIs(manager, `__Host-session=${respelled(value)}`)).toBeUndefined()
    expect(reasons).toEqual(['malformed'])
  })
})

describe('UTF-8', () => {
  test('fromUtf8() gives back what utf8() was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text)
      }),
    )
  })

  test('fromUtf8() keeps a byte order mark: it belongs to the data', () => {
    expect(fromUtf8(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toBe('\ufeffa')
  })

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a character', [0xe2, 0x82]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('fromUtf8() refuses %s', (_, raw) => {
    expect(fromUtf8(new Uint8Array(raw))).toBeNull()
  })
})

describe('bytes', () => {
  test('lengthPrefixed() writes each length in two bytes, big-endian, counted in bytes', () => {
    expect([...lengthPrefixed('ab', '', 'é')]).toEqual([0, 2, 0x61, 0x62, 0, 0, 0, 2, 0xc3, 0xa9])
    expect([...lengthPrefixed('x'.repeat(258)).slice(0, 2)]).toEqual([1, 2])
  })

  test('lengthPrefixed() gives no two lists of parts the same bytes', () => {
    const list = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u0001'), maxLength: 3 }), {
      maxLength: 4,
    })
    fc.assert(
      fc.property(list, list, (a, b) => {
        const same = toBase64Url(lengthPrefixed(...a)) === toBase64Url(lengthPrefixed(...b))
        expect(same).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 1000 },
    )
  })

  test('concat() puts the parts behind each other', () => {
    expect([...concat(new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3]))]).toEqual([1, 2, 3])
  })

  test('writeUint32() writes what readUint32() reads, and nothing beside it', () => {
    for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xfffffffe]) {
      const bytes = new Uint8Array(6).fill(7)
      writeUint32(bytes, 1, value)
      expect([readUint32(bytes, 1), bytes[0], bytes[5]]).toEqual([value, 7, 7])
    }
  })

  test('readUint32() reads from a part of a larger buffer', () => {
    expect(readUint32(new Uint8Array([9, 9, 0xff, 0, 0, 1]).subarray(1), 1)).toBe(0xff000001)
  })
})

/** A cookie whose last character has unused bits. */
async function valueWithUnusedBits(manager: Parameters<typeof createTestSession>[0]): Promise<string> {
  for (let length = 0; length < 3; length++) {
    const { cookie } = await createTestSession(manager, { userId: 'u1', data: { pad: 'x'.repeat(length) } })
    if (cookieValue(cookie).length % 4 !== 0) return cookieValue(cookie)
  }
  throw new Error('Three lengths in a row cannot all be whole groups.')
}

function withUnusedBits(value: string): string {
  const last = ALPHABET.indexOf(value.at(-1) as string)
  return value.slice(0, -1) + ALPHABET[last + 1]
}
