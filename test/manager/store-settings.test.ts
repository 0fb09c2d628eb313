import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret, type StoreCapabilities } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { GRACE, regenerated } from '../support/renewal.ts'

const secret = generateSecret()

/** A store that says other things of itself. */
function declaring(capabilities: Partial<StoreCapabilities>) {
  const memory = memoryStore()
  return { ...memory, capabilities: { ...memory.capabilities, ...capabilities } }
}

describe('createSessionManager', () => {
  test('takes a store whose reads and lists are late by no time at all', () => {
    const store = declaring({ consistency: { staleFor: 0 }, index: { staleFor: 0 } })
    expect(() => createSessionManager({ secret, store })).not.toThrow()
    expect(() => createSessionManager({ secret, revocations: store })).not.toThrow()
  })

  test.each<[what: string, capabilities: Partial<StoreCapabilities>]>([
    ['is stale', { consistency: { staleFor: 1 } }],
    ['cannot compare and set', { atomicUpdate: false }],
  ])('refuses renewalTimeout for a store that %s, and does not renew in it', (_, capabilities) => {
    const store = declaring(capabilities)
    expect(() => createSessionManager({ secret, store, renewalTimeout: 900 })).toThrow(
      new TypeError(
        'renewalTimeout needs a store that is strong and can compare and set: on any other a copy cannot be told ' +
          'from the original. Leave it out, or use such a store.',
      ),
    )
    expect(() => createSessionManager({ secret, store, renewalTimeout: 0 })).not.toThrow()
  })

  test('refuses sessionsPerUser for a store that lists, and does not say how well', () => {
    const store = declaring({ index: false })
    expect(typeof store.list).toBe('function')
    const sessionsPerUser = { max: 1, onExceed: 'evict' } as const
    for (const options of [{ store }, {}]) {
      expect(() => createSessionManager({ secret, ...options, sessionsPerUser })).toThrow(
        new TypeError(
          'sessionsPerUser needs a store with an index: nothing else knows the sessions of a user.',
        ),
      )
    }
  })
})

test('createSessionManager without onReuse ends what a token that was replaced long ago has become', async () => {
  const { scene, first, moved } = await regenerated()
  scene.at(100 + GRACE + 1)
  expect((await scene.ask(first)).userId).toBeUndefined()
  expect(scene.told()).toEqual(['reject reused', 'end reused'])
  expect((await scene.ask(moved)).userId).toBeUndefined()
})
