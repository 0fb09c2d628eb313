import { afterEach, expect, test, vi } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { createTestSession } from 'wafer-session/testing'
import { keyringOf, type RingKey, sealContext } from '../../src/crypto/keyring.ts'
import { sha256 } from '../../src/crypto/sha256.ts'
import { spySubtle } from '../support/spy-subtle.ts'
import { hex } from '../support/wafer1.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const context = sealContext('session', '__Host-session')

/** A ring that keeps a key of each of these hours, the current one being 1000. */
async function ringWith(hours: readonly number[]) {
  const ring = keyringOf(generateSecret())
  const first = (await ring.keys()).values().next().value as RingKey
  const key = await ring.derive(first, context, 1000)
  const keep = (hour: number) => ring.keep(first, context, hour, key, 1000)
  hours.forEach(keep)
  return { keep, has: (hour: number) => ring.cached(first, context, hour) !== undefined }
}

test('a ring keeps 64 keys; for another goes the oldest that is not of this hour or the last', async () => {
  const older = Array.from({ length: 62 }, (_, hour) => hour)
  const { keep, has } = await ringWith([1000, 999, ...older])
  expect([1000, 999, ...older].every(has)).toBe(true)
  keep(500)
  expect([1000, 999, 500, ...older].filter((hour) => !has(hour))).toEqual([0])
})

test('when all are of this hour or later, the first goes', async () => {
  const hours = Array.from({ length: 64 }, (_, index) => 1000 + index)
  const { keep, has } = await ringWith(hours)
  keep(2000)
  expect([...hours, 2000].filter((hour) => !has(hour))).toEqual([1000])
})

test('64 lists of secrets are imported once each, and the one before them again', async () => {
  const secrets = Array.from({ length: 65 }, generateSecret)
  const use = (secret: string) => createTestSession(createSessionManager({ secret }), { userId: 'u1' })
  for (const secret of secrets) await use(secret)
  const spy = spySubtle()
  for (const secret of secrets.slice(1)) await use(secret)
  expect(spy.calls()).not.toContain('importKey')
  await use(secrets[0] as string)
  expect(spy.calls()).toContain('importKey')
})

// Found by trying: both have 7ff449d3.
test('two secrets of one key id are a RangeError that says what to do', async () => {
  const secret = ['abcdefghijklmnopqrstuvwxyz049802', 'abcdefghijklmnopqrstuvwxyz064317']
  for (const one of secret) {
    expect([...(await keyringOf(one).keys()).keys()]).toEqual([0x7ff449d3])
  }
  const used = createTestSession(createSessionManager({ secret }), { userId: 'u1' })
  await expect(used).rejects.toThrow(RangeError)
  await expect(used).rejects.toThrow(/one key id by chance. Replace the newer/)
})

test.each([
  [null, 'not null.'],
  [5, 'not number.'],
  [undefined, 'not undefined.'],
])('secret %j: the message names its type', (secret, message) => {
  expect(() => createSessionManager({ secret: secret as never })).toThrow(message)
})

test('sha256 of abc (FIPS 180-4)', async () => {
  expect(hex(await sha256(new Uint8Array([0x61, 0x62, 0x63])))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
