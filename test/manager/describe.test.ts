import { expect, test } from 'vitest'
import { siteOf } from '../support/modes.ts'

test.each(['Lisbon, PT', undefined, null])('open() takes the location %j', async (location) => {
  const { manager } = siteOf('store')
  const session = await manager.open(new Request('https://example.test/'), { location } as object)
  session.signIn('ada')
  expect(await manager.commit(session)).toHaveLength(1)
  expect((await manager.users.list('ada')).map((one) => one.location)).toEqual([location ?? undefined])
})

test.each([1, {}, true])('a session of the location %j cannot be written', async (location) => {
  const { manager } = siteOf('store')
  const session = await manager.open(new Request('https://example.test/'), { location } as object)
  session.signIn('ada')
  await expect(manager.commit(session)).rejects.toThrow(
    new TypeError(`info.location must be a text, such as 'Lisbon, PT'.`),
  )
})
