import { expect, test } from 'vitest'
import { createSessionManager, generateSecret, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { requestWith, visitWith } from '../support/visitor.ts'

/** A store whose author gives something else than null where a write lost. */
function answering(lost: unknown): SessionStore {
  const store = memoryStore()
  return {
    ...store,
    create: async (...given) => (await store.create(...given)) ?? (lost as null),
    update: async (...given) => (await store.update(...given)) ?? (lost as null),
  }
}

test.each([[undefined], [false], [0]])(
  'a write that lost and says %s counts as none that won',
  async (lost) => {
    const manager = createSessionManager({ secret: generateSecret(), store: answering(lost) })
    const cookie = await visitWith(manager, '', ({ challenge }) => challenge.put('passkey'))
    const [first, second] = [await manager.open(requestWith(cookie)), await manager.open(requestWith(cookie))]
    expect(await first.challenge.take('passkey')).toBeDefined()
    await expect(second.challenge.take('passkey')).rejects.toMatchObject({ code: 'ERR_SESSION_STORE' })
  },
)
