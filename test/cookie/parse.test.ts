import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createTestSession } from 'wafer-session/testing'
import { cookieValues, MAX_CANDIDATES } from '../../src/cookie/parse.ts'
import { spySubtle } from '../support/spy-subtle.ts'
import { application, cookieValue, requestWith, whoseIs } from '../support/visitor.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** Text made of what matters to a cookie parser. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'sid',
        'sid=',
        '=',
        ';',
        '; ',
        ',',
        ', ',
        ' ',
        '\t',
        '"',
        '%73',
        '\0',
        '\u00a0',
        '\u0085',
        '.1',
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(''))

/** Only bytes that cookie-octets allow, so that a value survives the header as it is. */
const octets = fc.string({ unit: fc.constantFrom(...'abzAZ09-_.!#$%&'), maxLength: 8 })

describe('cookieValues()', () => {
  test.each([
    ['sid=1', ['1']],
    ['sid=', ['']],
    ['a=0; sid=1; b=2', ['1']],
    ['a=0;sid=1;b=2', ['1']],
    ['a=0;\t sid=1 \t;b=2', ['1']],
    ['sid=1; sid=2', ['1', '2']],
    ['sid=a=b', ['a=b']],
    ['sid=a,b', ['a,b']],
    ['sid="1"', ['"1"']],
    ['asid=1', []],
    ['sid2=1', []],
    ['sid', []],
    ['sid =1', []],
    ['Sid=1', []],
    ['a=sid=1', []],
    ['a=x sid=1', []],
    ['a=x, sid=1', []],
    ['a="x; sid=1"', ['1"']],
    ['', []],
    [';;;', []],
  ])('reads %j as %j', (header, values) => {
    expect(cookieValues(header, 'sid')).toEqual(values)
  })

  test('never throws', () => {
    fc.assert(
      fc.property(hostile, (header) => {
        for (const value of cookieValues(header, 'sid')) expect(value).not.toMatch(/;/)
      }),
      { numRuns: 2000 },
    )
  })

  test('finds what a plain reading of the grammar finds', () => {
    const blank = /^[ \t]+|[ \t]+$/g
    const plainly = (header: string) =>
      header
        .split(';')
        .map((pair) => pair.replace(blank, ''))
        .filter((pair) => pair.startsWith('sid='))
        .map((pair) => pair.slice(4))
    fc.assert(
      fc.property(hostile, (header) => {
        expect(cookieValues(header, 'sid')).toEqual(plainly(header).slice(0, MAX_CANDIDATES + 1))
      }),
      { numRuns: 5000 },
    )
  })

  test('row 62: gives the same set whatever the order of the pairs', () => {
    const pair = fc.oneof(
      octets.map((value) => `sid=${value}`),
      octets.map((value) => `other=${value}`),
    )
    const twoOrders = fc
      .array(pair, { maxLength: MAX_CANDIDATES })
      .chain((pairs) => fc.tuple(fc.constant(pairs), fc.shuffledSubarray(pairs, { minLength: pairs.length })))
    fc.assert(
      fc.property(twoOrders, ([pairs, shuffled]) => {
        const sorted = (list: string[]) => cookieValues(list.join('; '), 'sid').sort()
        expect(sorted(shuffled)).toEqual(sorted(pairs))
      }),
    )
  })

  test('stops after one more than it may try, and stays quick on a long header', () => {
    expect(cookieValues('sid=1; '.repeat(1000), 'sid')).toHaveLength(MAX_CANDIDATES + 1)
    for (const unit of ['sid', ' sid=', 'sid=1', ';', ' ', '\t;']) {
      expect(cookieValues(unit.repeat(200_000), 'sid').length).toBeLessThanOrEqual(MAX_CANDIDATES + 1)
    }
  })
})

describe('the Cookie header', () => {
  test.each([
    ['no-break space', '\u00a0'],
    ['next line', '\u0085'],
    ['no-break space as UTF-8 bytes', '\u00c2\u00a0'],
    ['byte order mark as UTF-8 bytes', '\u00ef\u00bb\u00bf'],
    ['ideographic space as UTF-8 bytes', '\u00e3\u0080\u0080'],
    ['form feed', '\f'],
    ['vertical tab', '\v'],
    ['comma', ','],
    ['comma and space', ', '],
    ['equals sign', '='],
    ['quotation mark', '"'],
  ])('a name behind a %s is another name: it cannot stand in for __Host-', async (_, blank) => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })

    expect(await whoseIs(manager, `a=1; ${blank}${cookie}`)).toBeUndefined()
    expect(await whoseIs(manager, `a=1;${blank}${cookie}`)).toBeUndefined()
    expect(await whoseIs(manager, `${blank}${cookie}`)).toBeUndefined()
    expect(await whoseIs(manager, `a=1${blank}${cookie}`)).toBeUndefined()
    expect(reasons).toEqual([])
    expect(await whoseIs(manager, `a=1; ${cookie}`)).toBe('u1')
  })

  test.each([
    '__host-session',
    '__HOST-session',
    '__Host-Session',
    'session',
    '__Host-session2',
    '__Host-session.1',
  ])('row 45: a cookie named %s is not ours', async (name) => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })

    expect(await whoseIs(manager, `${name}=${cookieValue(cookie)}`)).toBeUndefined()
    expect(reasons).toEqual([])
  })

  test('a quoted value is refused', async () => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })

    expect(await whoseIs(manager, `__Host-session="${cookieValue(cookie)}"`)).toBeUndefined()
    expect(reasons).toEqual(['malformed'])
  })

  test('row 57: a session in the URL, in another header or in the body is not looked at', async () => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const value = cookieValue(cookie)
    const request = new Request(`https://example.test/?__Host-session=${value}&session=${value}`, {
      method: 'POST',
      body: new URLSearchParams({ '__Host-session': value, session: value }),
      headers: { Authorization: `Bearer ${value}`, 'X-Session': value, 'Set-Cookie': cookie },
    })

    const session = await manager.open(request)

    expect([session.isNew, session.userId, reasons]).toEqual([true, undefined, []])
  })

  test('row 61: several Cookie lines, joined by semicolons as servers join them, are one', async () => {
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })

    expect(await whoseIs(manager, ['a=1', cookie, 'b=2'].join('; '))).toBe('u1')
  })

  test('row 61: several Cookie lines that a runtime joins by commas are tolerated, not split', async () => {
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const request = new Request('https://example.test/', {
      headers: [
        ['Cookie', 'a=1'],
        ['Cookie', cookie],
      ],
    })
    // A comma may stand in a value that a sibling domain set, so a runtime that joins by it loses the session.
    const joinedBySemicolons = request.headers.get('Cookie') === `a=1; ${cookie}`

    const session = await manager.open(request)

    expect(session.userId).toBe(joinedBySemicolons ? 'u1' : undefined)
  })

  test('row 63: a cookie that is missing or evicted is a visitor without a session', async () => {
    const { manager, reasons } = application()

    expect(await whoseIs(manager, '')).toBeUndefined()
    expect(await whoseIs(manager, 'a=1; b=2')).toBeUndefined()
    expect(reasons).toEqual([])
  })
})

describe('several cookies of our name', () => {
  test('row 62: of an authentic one and others the authentic one counts, wherever it stands', async () => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const others = ['__Host-session=tossed', '__Host-session=', `${cookie.slice(0, -1)}`]

    for (let at = 0; at <= others.length; at++) {
      expect(await whoseIs(manager, others.toSpliced(at, 0, cookie).join('; '))).toBe('u1')
    }
    expect(reasons).not.toContain('ambiguous')
  })

  test('row 62: of two copies of one session the one seen last counts, in either order', async () => {
    const { manager, clock } = application()
    const { cookie: older } = await createTestSession(manager, { userId: 'u1', data: { step: 1 } })
    clock.advance(300)
    const session = await manager.open(requestWith(older))
    session.data.step = 2
    const [line = ''] = await manager.commit(session)
    const newer = line.slice(0, line.indexOf(';'))

    for (const header of [`${older}; ${newer}`, `${newer}; ${older}`, `${newer}; ${newer}; ${older}`]) {
      expect((await manager.open(requestWith(header))).data).toEqual({ step: 2 })
    }
  })

  test('row 62: two authentic ones of different sessions are ambiguous, in either order', async () => {
    const { manager, reasons } = application()
    const { cookie: mine } = await createTestSession(manager, { userId: 'u1' })
    const { cookie: theirs } = await createTestSession(manager, { userId: 'u2' })

    expect(await whoseIs(manager, `${mine}; ${theirs}`)).toBeUndefined()
    expect(await whoseIs(manager, `${theirs}; ${mine}`)).toBeUndefined()
    expect(reasons).toEqual(['ambiguous', 'ambiguous'])
  })

  test('row 62: four are tried', async () => {
    const { manager } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const altered = (at: number) =>
      cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)
    await whoseIs(manager, cookie)
    const spy = spySubtle()

    expect(await whoseIs(manager, [altered(60), altered(61), altered(62), cookie].join('; '))).toBe('u1')
    expect(spy.calls()).toEqual(['decrypt', 'decrypt', 'decrypt', 'decrypt'])
  })

  test.each([5, 100])('row 62: of %i none is tried, not even an authentic one', async (count) => {
    const { manager, reasons } = application()
    const { cookie } = await createTestSession(manager, { userId: 'u1' })
    const spy = spySubtle()

    expect(await whoseIs(manager, Array(count).fill(cookie).join('; '))).toBeUndefined()
    expect(spy.calls()).toEqual([])
    expect(reasons).toEqual(['too-many'])
  })
})
