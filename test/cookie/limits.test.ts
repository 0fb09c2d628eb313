import { expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { capacity, joinChunks, splitChunks } from '../../src/cookie/chunk.ts'

const secret = generateSecret()
const named = (cookie: { name: string; domain?: string }) => createSessionManager({ secret, cookie })

test('a name of 256 characters is the longest', () => {
  expect(named({ name: 'n'.repeat(256) }).cookieName).toHaveLength(256)
})

test('a Domain of 1024 octets is the longest', () => {
  const domain = (length: number) => ({ name: '__Secure-s', domain: 'd'.repeat(length) })
  expect(() => named(domain(1024))).not.toThrow()
  expect(() => named(domain(1025))).toThrow(/host name/)
})

test('what stands within a name is no prefix', () => {
  expect(named({ name: 'my__host-session' }).cookieName).toBe('my__host-session')
})

test('splitChunks fills all that its cookies may hold, and no more', () => {
  const room = capacity(2) - 2 * ('s'.length + 2)
  expect(splitChunks('s', 'v'.repeat(room), 2)?.size).toBe(2)
  expect(splitChunks('s', 'v'.repeat(room + 1), 2)).toBeNull()
})

test('joinChunks takes up to four values from parts that are there more than once, and none of five', () => {
  const header = (parts: number) =>
    ['s=2.a', ...Array.from({ length: parts }, (_, i) => `s.1=${i}`)].join('; ')
  expect(joinChunks(header(4), 's', 2)).toEqual(['a0', 'a1', 'a2', 'a3'])
  expect(joinChunks(header(5), 's', 2)).toBeNull()
})

test('joinChunks takes four cookies of one name, and none of five', () => {
  expect(joinChunks('s=a; s=b; s=c; s=d', 's', 1)).toEqual(['a', 'b', 'c', 'd'])
  expect(joinChunks('s=a; s=b; s=c; s=d; s=e', 's', 1)).toBeNull()
})

test.each(['x2.a', '5.a', '2a', '1.a'])('joinChunks: %s counts no parts, and stays as it is', (value) => {
  expect(joinChunks(`s=${value}; s.1=b; s.2=c; s.3=d; s.4=e`, 's', 4)).toEqual([value])
})
