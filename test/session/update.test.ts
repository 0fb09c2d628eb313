import { expect, test } from 'vitest'
import { site } from '../support/site.ts'

test('update changes data through its function', async () => {
  const { visit } = site<{ n?: number }>()
  await visit((session) =>
    session.update((data) => {
      data.n = (data.n ?? 0) + 1
    }),
  )
  await visit((session) => {
    session.update((data) => {
      data.n = (data.n ?? 0) + 1
    })
    expect(session.data.n).toBe(2)
  })
  expect(await visit((session) => session.data.n)).toBe(2)
})

test('update works on the same object as data', async () => {
  const { visit } = site()
  await visit((session) => {
    session.data.a = 1
    session.update((data) => expect(data).toBe(session.data) as never)
  })
})

test('update passes on what its function throws', async () => {
  const { visit } = site()
  await visit((session) => {
    expect(() =>
      session.update(() => {
        throw new RangeError('out of stock')
      }),
    ).toThrow(new RangeError('out of stock'))
  })
})

test('update refuses an asynchronous function by a sentence, and its rejection reaches nobody', async () => {
  const { visit } = site()
  await visit((session) => {
    const slow = async () => {
      throw new Error('later')
    }
    expect(() => session.update(slow)).toThrow(TypeError)
    expect(() => session.update(slow)).toThrow('wants a synchronous function')
  })
})

test('update after the response throws ERR_SESSION_COMMITTED without running its function', async () => {
  const { manager } = site()
  const session = await manager.open(new Request('https://example.test/'))
  await manager.commit(session)
  let runs = 0
  expect(() => session.update(() => void runs++)).toThrow(
    expect.objectContaining({ code: 'ERR_SESSION_COMMITTED', status: 500 }),
  )
  expect(runs).toBe(0)
})
