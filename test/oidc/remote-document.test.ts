import { expect, test } from 'vitest'
import { RemoteDocument } from '../../src/oidc/remote-document.ts'
import { network } from '../support/logout.ts'

const URI = 'https://op.test/document'

test('RemoteDocument gives what another request has found meanwhile, and asks nobody for it', async () => {
  let count = 0
  const asked = network({ [URI]: () => ({ count: ++count }) })
  const document = new RemoteDocument(URI, (json) => json)
  const first = await document.get(0)
  expect(first).toEqual({ count: 1 })
  expect(await document.newerThan(first, 0)).toEqual({ count: 2 })
  expect(await document.newerThan(first, 0)).toEqual({ count: 2 })
  expect(asked.length).toBe(2)
})

test('RemoteDocument asks again when the clock was set back', async () => {
  const asked = network({ [URI]: () => ({}) })
  const document = new RemoteDocument(URI, (json) => json)
  await document.get(1_000_000)
  await document.get(999_999)
  expect(asked.length).toBe(2)
})
