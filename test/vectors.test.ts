import { describe, expect, test } from 'vitest'
import { bytesOf, managerOf } from './support/vector-setting.ts'
import { type OpenVector, type VectorSecret, vectors } from './support/vectors.ts'
import { requestWith } from './support/visitor.ts'
import { decodeFields, encodeFields, fromHex, hex, kidOf, openValue, sealBytes } from './support/wafer1.ts'

/** What the second implementation needs to know of a vector. */
function sealOf({ secrets, sealedUnder, cookieName, hour }: OpenVector) {
  return { secret: bytesOf(secrets[sealedUnder] as VectorSecret), cookieName, hour }
}

function headerOf(lines: readonly string[]): string {
  return lines.map((line) => line.slice(0, line.indexOf(';'))).join('; ')
}

describe.each(vectors.open)('row 81: version 1, $name', (vector) => {
  test('opens, and gives what it holds', async () => {
    const events: unknown[] = []
    const manager = managerOf(vector, { onEvent: (event) => events.push(event) })
    const { id, userId, data, flash } = vector.session

    const session = await manager.open(requestWith(vector.cookie))

    expect(events).toEqual([])
    expect([session.id, session.userId ?? null, session.data]).toEqual([id, userId, data])
    for (const [key, value] of Object.entries(flash)) expect(session.flash(key)).toEqual(value)
  })

  test('shows the times it was sealed with, where no activity has passed since', async () => {
    const { data, flash, remember, ...shown } = vector.session

    const session = await managerOf({ ...vector, now: shown.lastSeenAt }).open(requestWith(vector.cookie))

    const { userId = null, authTime = null, acr = null, ...rest } = session.toJSON()
    expect({ ...rest, userId, authTime, acr }).toEqual({ ...shown, isNew: false })
  })

  test('is sealed again under the first secret, and remembered when it was', async () => {
    const manager = managerOf(vector)
    const session = await manager.open(requestWith(vector.cookie))
    session.regenerate()

    const lines = await manager.commit(session)

    expect(lines.every((line) => line.includes('; Max-Age=') === vector.session.remember)).toBe(true)
    const again = await managerOf({ ...vector, secrets: vector.secrets.slice(0, 1) }).open(
      requestWith(headerOf(lines)),
    )
    expect([again.userId, again.data]).toEqual([vector.session.userId ?? undefined, vector.session.data])
  })

  test('is what docs/format.md says, byte by byte', async () => {
    const opened = await openValue(vector.value, sealOf(vector))

    expect(opened).toMatchObject({
      version: 1,
      kid: vector.kid,
      hour: vector.hour,
      iv: vector.iv,
      key: vector.key,
      aad: vector.aad,
    })
    expect(hex(opened.record)).toBe(vector.record)
    expect(decodeFields(opened.record)).toEqual(vector.fields)
  })

  test('is what a second implementation seals, byte by byte', async () => {
    const record = encodeFields(vector.fields)

    expect(hex(record)).toBe(vector.record)
    expect(await sealBytes(record, { ...sealOf(vector), iv: fromHex(vector.iv) })).toBe(vector.value)
  })

  test('opens from a second implementation, under an IV of its own', async () => {
    const value = await sealBytes(encodeFields(vector.fields), sealOf(vector))
    const parts = vector.maxChunks === 1 ? [value] : [`2.${value.slice(0, 4000)}`, value.slice(4000)]
    const cookie = parts.map((part, i) => `${vector.cookieName}${i === 0 ? '' : `.${i}`}=${part}`).join('; ')

    const session = await managerOf(vector).open(requestWith(cookie))

    expect(value).not.toBe(vector.value)
    expect([session.id, session.data]).toEqual([vector.session.id, vector.session.data])
  })
})

test('what the library seals today opens in the second implementation', async () => {
  for (const vector of vectors.open) {
    const manager = managerOf({ ...vector, maxChunks: 4 })
    const session = await manager.open(requestWith(vector.cookie))
    session.regenerate()
    const header = headerOf(await manager.commit(session))
    const value = header.replace(/(?:^|; )[^=]*=(?:\d\.)?/g, '')

    const secret = bytesOf(vector.secrets[0] as VectorSecret)
    const fields = decodeFields((await openValue(value, { secret, cookieName: vector.cookieName })).record)

    expect(fields.meta).toEqual(vector.fields.meta)
    expect(fields.data).toEqual(vector.fields.data)
    expect(fields.handle.slice(0, 16)).toBe(vector.fields.handle.slice(0, 16))
    expect(fields.handle.slice(16)).not.toBe(vector.fields.handle.slice(16))
    expect([fields.createdAt, fields.absoluteExpiresAt, fields.authTime]).toEqual([
      vector.fields.createdAt,
      vector.fields.absoluteExpiresAt,
      vector.fields.authTime,
    ])
  }
})

test.each(vectors.refuse)('version 1, refused as $reason: $name', async (vector) => {
  const reasons = new Set<string>()
  const manager = managerOf(vector, {
    onEvent: (event) => reasons.add(event.type === 'reject' ? event.reason : event.type),
  })

  const session = await manager.open(requestWith(vector.cookie))

  expect([...reasons]).toEqual([vector.reason])
  expect([session.isNew, session.userId, session.data]).toEqual([true, undefined, {}])
  expect(await manager.commit(session)).toEqual([])
})

test.each(vectors.oneKid)(
  'row 76: the secrets %j and %j have one kid, and are refused at first use',
  async (a, b) => {
    expect(hex(await kidOf(bytesOf(a)))).toBe(hex(await kidOf(bytesOf(b))))
    const manager = managerOf({ ...(vectors.open[0] as OpenVector), secrets: [a, b] })
    const session = await manager.open(requestWith(''))
    session.signIn('u1')

    const committed = manager.commit(session)

    await expect(committed).rejects.toThrow(RangeError)
    await expect(committed).rejects.toThrow(/one key id.*generateSecret\(\)/)
  },
)

test('the vectors name every reason of a refusal', () => {
  expect([...new Set(vectors.refuse.map(({ reason }) => reason))].sort()).toEqual([
    'absolute-timeout',
    'ambiguous',
    'forged',
    'hour-out-of-range',
    'idle-timeout',
    'issued-in-future',
    'malformed',
    'too-long',
    'too-many',
    'undecodable',
    'unknown-key',
    'unknown-version',
  ])
})
