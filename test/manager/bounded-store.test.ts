import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type SessionStore,
  type StoreCapabilities,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { requestWith } from '../support/visitor.ts'
import { storeSite } from '../support/watched-store.ts'

const NOBODY = requestWith('')

/** What a call of the store that goes wrong says: as an error, and as an event. */
async function failing(change: Partial<SessionStore>, storeTimeout = 2) {
  const { manager, events, visit, jar } = storeSite({ storeTimeout }, () => change)
  const error = await visit((session) => session.signIn('ada')).then(
    () =>
      manager.users.list('ada').then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    (reason: unknown) => reason,
  )
  return { error, events: events.filter(({ type }) => type === 'store-error'), header: jar.header() }
}

describe('a store that fails', () => {
  const cause = new Error('connection reset')
  const fail = async () => {
    throw cause
  }

  test.each(['create', 'list', 'getMany'] as const)('is named with the operation %s', async (operation) => {
    const { error, events } = await failing({ [operation]: fail })
    expect(error).toMatchObject({
      code: 'ERR_SESSION_STORE',
      message: `The session store failed: ${operation}.`,
      cause,
    })
    expect(events).toEqual([expect.objectContaining({ operation, cause })])
  })

  test('that does not answer: the cause says how long it had', async () => {
    const { error } = await failing({ create: () => new Promise(() => {}) }, 0.02)
    expect(error).toMatchObject({ cause: new Error('no answer within 0.02 seconds') })
  })
})

test.each([undefined, false, true, 0, 1, {}])(
  'a store that answers a write with %j has failed',
  async (answer) => {
    const { error, events, header } = await failing({ create: async () => answer as never })
    const cause = new TypeError('the store gave neither a version nor null')
    expect(error).toMatchObject({ code: 'ERR_SESSION_STORE', cause })
    expect(events).toEqual([expect.objectContaining({ operation: 'create', cause })])
    expect(header).toBe('')
  },
)

describe('a store and its index', () => {
  const { capabilities } = memoryStore()
  const listing = (index: StoreCapabilities['index'], list?: SessionStore['list']) => {
    const store = { ...memoryStore(), capabilities: { ...capabilities, index }, list }
    return createSessionManager({ secret: generateSecret(), store: store as SessionStore })
  }

  test('that lists, and declares no index, is not asked', async () => {
    const list = async () => {
      throw new Error('asked')
    }
    await expect(listing(false, list).users.list('ada')).rejects.toThrow('This store has no index')
  })

  test('that has none is not asked for one', async () => {
    const manager = listing(false)
    const session = await manager.open(NOBODY)
    session.signIn('ada')
    expect(await manager.commit(session)).toHaveLength(1)
    await expect(manager.users.list('ada')).rejects.toThrow('This store has no index')
  })

  test.each([{ staleFor: 1 }, 'ordered', 'atomic'] as const)('declared as %j is asked', async (index) => {
    const asked: string[] = []
    const list = async (tag: string) => {
      asked.push(tag)
      return []
    }
    expect(await listing(index, list).users.list('ada')).toEqual([])
    expect(asked).toHaveLength(1)
  })

  test.each([undefined, null])('that answers %j lists nothing', async (answer) => {
    expect(await listing('atomic', async () => answer as never).users.list('ada')).toEqual([])
  })
})

describe('the timers of its calls', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('are gone once it has answered', async () => {
    const { visit } = storeSite()
    const [set, clear] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')]
    await visit((session) => session.signIn('ada'))
    const timers = set.mock.results.map(({ value }) => value)
    expect(timers).not.toEqual([])
    expect(clear.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(timers))
  })
})
