import { describe, expect, test } from 'vitest'
import type { SessionClient, SessionEvent } from 'wafer-session'
import { fieldsOf, fromBase64Url } from '../examples/demo/inspect/field.ts'
import { ID_COOKIE, SEALED_COOKIE } from '../examples/demo/inspect/formats.ts'
import { weigh } from '../examples/demo/inspect/weigh.ts'
import { visible } from '../examples/demo/visible.ts'
import { Recent } from '../examples/demo/watch/recent.ts'
import { seen } from '../examples/demo/watch/seen.ts'
import { project } from '../examples/demo/world/project.ts'

// What a browser and a server would not let through; demo-console.node.test.ts has the rest.

const reject = (at = 0): SessionEvent => ({ type: 'reject', reason: 'forged', at, cookie: 'c' })
const create = (at: number, userId: string): SessionEvent => ({
  type: 'create',
  sessionId: 'id',
  userId,
  at,
  cookie: 'c',
})

describe('the console’s memory', () => {
  test('seen cuts a User-Agent of 64 KB, and leaves no half of a surrogate pair', () => {
    const { userAgent = '' } = seen(reject(), {
      userAgent: `${'x'.repeat(159)}${'\u{1f36a}'.repeat(32_000)}`,
    })
    expect(userAgent.length).toBeLessThanOrEqual(161)
    expect(userAgent.isWellFormed()).toBe(true)
  })

  test.each<[string, SessionClient]>([
    ['nothing', {}],
    ['no numbers', { latitude: 'north', longitude: '' }],
    ['no place on this planet', { latitude: 91, longitude: 1e9 }],
    ['no end', { latitude: Number.NaN, longitude: Number.POSITIVE_INFINITY }],
  ])('seen takes coordinates that are %s for unknown', (_, client) => {
    expect(seen(reject(), client)).toMatchObject({ latitude: undefined, longitude: undefined })
  })

  test('visible shows what would not be seen, or turn the text around', () => {
    expect(visible('a\0b\nc\u202ed\u200be\u2028f\ud800g\u{e0041}')).toBe(
      'a[U+0000]b[U+000A]c[U+202E]d[U+200B]e[U+2028]f[U+D800]g[U+E0041]',
    )
    expect(visible('Zürich · 東京 <b>')).toBe('Zürich · 東京 <b>')
  })

  test('Recent keeps 200 events, and counts a flood of refusals in one of them', () => {
    const recent = new Recent()
    recent.note(seen(create(0, 'ada')))
    for (let i = 0; i < 10_000; i++) recent.note(seen(reject(1000)))
    expect(recent.events).toHaveLength(2)
    expect(recent.events[0]).toMatchObject({ detail: 'forged', times: 10_000 })
    expect(recent.refusals).toEqual(new Map([['forged', 10_000]]))
    for (let i = 0; i < 300; i++) recent.note(seen(create(2000, `user ${i}`)))
    expect(recent.events).toHaveLength(200)
    expect(recent.events[0]?.userId).toBe('user 299')
  })

  test('Recent lists the same refusal again after ten seconds, or of another kind', () => {
    const recent = new Recent()
    for (const at of [0, 9999, 30_000]) recent.note(seen(reject(at)))
    recent.note(seen(reject(30_000), {}, true))
    expect(recent.events.map(({ times }) => times)).toEqual([1, 1, 2])
  })

  test('Recent keeps 60 places and 200 risks, the latest', () => {
    const recent = new Recent()
    for (let i = 0; i < 300; i++) {
      recent.note(seen(create(0, 'ada'), { latitude: i % 90, longitude: i % 180, city: `${i}` }))
      recent.judge({ at: i, userId: 'ada', risk: 0, action: 'allow', simulated: false })
    }
    expect(recent.places.size).toBe(60)
    expect([...recent.places.values()].at(-1)?.name).toBe('299')
    expect(recent.judged).toHaveLength(200)
    expect(recent.judged[0]?.at).toBe(299)
  })
})

describe('the inspector', () => {
  test('fieldsOf gives out no byte of a token or a tag', () => {
    const bytes = Uint8Array.from({ length: 69 }, (_, i) => (i < 21 ? i : 0xee))
    const fields = fieldsOf(bytes, ID_COOKIE)
    expect(JSON.stringify(fields)).not.toContain('ee ')
    expect(fields?.map(({ name, withheld }) => [name, withheld])).toEqual([
      ['version', 0],
      ['kid', 0],
      ['handle', 0],
      ['token', 32],
      ['tag', 16],
    ])
    const sealed = fieldsOf(new Uint8Array(136).fill(0xdd), SEALED_COOKIE)
    expect(sealed?.find(({ name }) => name === 'ciphertext')).toMatchObject({ size: 100, withheld: 92 })
    expect(sealed?.find(({ name }) => name === 'tag')).toMatchObject({ hex: '', withheld: 16 })
  })

  test('fieldsOf and fromBase64Url give null for what is none', () => {
    expect(fieldsOf(new Uint8Array(35), SEALED_COOKIE)).toBeNull()
    expect(fromBase64Url('%')).toBeNull()
  })

  test('weigh accounts for every byte, the heaviest first', () => {
    const weights = weigh({ sealed: 300, data: { small: 1, text: 'é'.repeat(50) }, name: 14, fixed: 38 })
    expect(weights.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(14 + (300 * 4) / 3)
    expect(weights.map(({ bytes }) => bytes)).toEqual(
      weights.map(({ bytes }) => bytes).toSorted((a, b) => b - a),
    )
    expect(weights.find(({ name }) => name === 'text')).toMatchObject({ bytes: 110, own: true })
  })
})

test('project puts the corners of the world where the picture has them', () => {
  expect(project(-180, 90)).toEqual([0, 0])
  expect(project(180, -90)).toEqual([720, 290])
  expect(project(0, 0)).toEqual([360, 168])
})
