import { expect, test } from 'vitest'
import { RemoteDocument } from '../../src/remote/remote-document.ts'
import { network } from '../support/logout.ts'

const URI = 'https://op.test/document'

test('RemoteDocument asks once more for what is missing, and not for what was found', async () => {
  let count = 0
  const asked = network({ [URI]: () => ({ count: ++count }) })
  const document = new RemoteDocument(URI, (json) => json as { count: number })
  const isSecond = async ({ count }: { count: number }) => (count === 2 ? 'second' : null)
  expect(await document.get(0)).toEqual({ count: 1 })
  expect(await document.find(isSecond, 0)).toBe('second')
  expect(await document.find(isSecond, 0)).toBe('second')
  expect(asked.length).toBe(2)
})

test('RemoteDocument asks again when the clock was set back', async () => {
  const asked = network({ [URI]: () => ({}) })
  const document = new RemoteDocument(URI, (json) => json)
  await document.get(1_000_000)
  await document.get(999_999)
  expect(asked.length).toBe(2)
})
