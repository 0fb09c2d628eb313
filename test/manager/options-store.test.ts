import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'

const secret = generateSecret()
const store = memoryStore()

/** The memory store with other declarations, or other methods. */
function declaring(capabilities: object, methods: object = {}): SessionStore {
  return { ...store, capabilities: { ...store.capabilities, ...capabilities }, ...methods } as SessionStore
}

const weak = declaring({ consistency: { staleFor: 60 }, atomicUpdate: false, index: { staleFor: 60 } })
const noIndex = declaring({ index: false }, { list: undefined })

type Case = [
  what: string,
  options: object,
  error: typeof TypeError | typeof RangeError,
  sentence: string | RegExp,
]

const cases: Case[] = [
  ['store as a name', { store: 'redis' }, TypeError, 'store must be an object.'],
  ['store as a factory', { store: memoryStore }, TypeError, 'store must be an object.'],
  ['store of null', { store: null }, TypeError, 'store must be an object.'],
  [
    'a client in place of a store',
    { store: new Map() },
    TypeError,
    'store must be a SessionStore: it has no create.',
  ],
  ...(['get', 'create', 'update', 'delete'] as const).map(
    (method): Case => [
      `a store without ${method}`,
      { store: { ...store, [method]: undefined } },
      TypeError,
      `store must be a SessionStore: it has no ${method}.`,
    ],
  ),
  [
    'a store that declares nothing',
    { store: { ...store, capabilities: undefined } },
    TypeError,
    'store must be a SessionStore: it has no capabilities.',
  ],
  [
    'a store that declares null',
    { store: { ...store, capabilities: null } },
    TypeError,
    'store must be a SessionStore: it has no capabilities.',
  ],
  ...['Strong', undefined, null, 60, {}, { staleFor: -1 }, { staleFor: '60' }, { staleFor: Number.NaN }].map(
    (consistency): Case => [
      `a store whose consistency is ${JSON.stringify(consistency)}`,
      { store: declaring({ consistency }) },
      TypeError,
      "store.capabilities.consistency must be 'strong' or { staleFor: seconds }.",
    ],
  ),
  ...[undefined, 'yes', 1].map(
    (atomicUpdate): Case => [
      `a store whose atomicUpdate is ${JSON.stringify(atomicUpdate)}`,
      { store: declaring({ atomicUpdate }) },
      TypeError,
      'store.capabilities.atomicUpdate must be true or false.',
    ],
  ),
  ...[undefined, true, 'yes', { staleFor: -1 }].map(
    (index): Case => [
      `a store whose index is ${JSON.stringify(index)}`,
      { store: declaring({ index }) },
      TypeError,
      "store.capabilities.index must be 'atomic', 'ordered', { staleFor: seconds } or false.",
    ],
  ),
  [
    'a store that declares an index and cannot list',
    { store: { ...store, list: undefined } },
    TypeError,
    'store declares an index, and has no list.',
  ],
  ['revocations as a factory', { revocations: memoryStore }, TypeError, 'revocations must be an object.'],
  [
    'revocations without update',
    { revocations: { ...store, update: undefined } },
    TypeError,
    'revocations must be a SessionStore: it has no update.',
  ],
  [
    'revocations that gives no bound',
    { revocations: declaring({ consistency: { staleFor: Number.POSITIVE_INFINITY } }) },
    RangeError,
    'revocations needs a store that says how stale it may be',
  ],
  [
    'store and revocations',
    { store, revocations: store },
    TypeError,
    'store and revocations exclude each other',
  ],
  ['revocationMaxAge alone', { revocationMaxAge: 60 }, TypeError, 'revocationMaxAge needs revocations.'],
  [
    'revocationMaxAge with a store',
    { store, revocationMaxAge: 60 },
    TypeError,
    'revocationMaxAge needs revocations.',
  ],
  ...[0, -1, 0.5, 86_401, Number.POSITIVE_INFINITY].map(
    (revocationMaxAge): Case => [
      `revocationMaxAge of ${revocationMaxAge}`,
      { revocations: store, revocationMaxAge },
      RangeError,
      'revocationMaxAge must be a whole number from 1 to 86400',
    ],
  ),
  [
    'revocationMaxAge as text',
    { revocations: store, revocationMaxAge: '60' },
    TypeError,
    'revocationMaxAge must be a number.',
  ],
  ...[0, -1, 61, Number.NaN, Number.POSITIVE_INFINITY].map(
    (storeTimeout): Case => [
      `storeTimeout of ${storeTimeout}`,
      { store, storeTimeout },
      RangeError,
      'storeTimeout must be above 0 and at most 60 seconds.',
    ],
  ),
  ['storeTimeout in milliseconds', { store, storeTimeout: 2000 }, RangeError, 'at most 60 seconds'],
  ['storeTimeout as text', { store, storeTimeout: '2s' }, TypeError, 'storeTimeout must be a number.'],
  [
    'onStoreError of ignore',
    { store, onStoreError: 'ignore' },
    TypeError,
    "onStoreError must be 'fail' or 'anonymous'.",
  ],
  ['onReuse of log', { store, onReuse: 'log' }, TypeError, "onReuse must be 'end' or 'report'."],
  ['renewalTimeout as text', { store, renewalTimeout: '15m' }, TypeError, 'renewalTimeout must be a number.'],
  [
    'renewalTimeout below 0',
    { store, renewalTimeout: -1 },
    RangeError,
    'renewalTimeout must be a whole number from 0',
  ],
  [
    'renewalTimeout of 1.5',
    { store, renewalTimeout: 1.5 },
    RangeError,
    'renewalTimeout must be a whole number from 0',
  ],
  [
    'renewalTimeout within the grace',
    { store, renewalTimeout: 120 },
    RangeError,
    'renewalTimeout must exceed twice renewalGrace (60)',
  ],
  [
    'renewalTimeout without a store',
    { renewalTimeout: 900 },
    TypeError,
    'renewalTimeout needs a store that is strong',
  ],
  [
    'renewalTimeout with revocations',
    { revocations: store, renewalTimeout: 900 },
    TypeError,
    'renewalTimeout needs a store that is strong',
  ],
  [
    'renewalTimeout on a weak store',
    { store: weak, renewalTimeout: 900 },
    TypeError,
    'renewalTimeout needs a store that is strong',
  ],
  [
    'renewalGrace of 0',
    { store, renewalGrace: 0 },
    RangeError,
    'renewalGrace must be a whole number from 1 to 86400',
  ],
  ['renewalGrace as text', { store, renewalGrace: '60' }, TypeError, 'renewalGrace must be a number.'],
  [
    'sessionsPerUser as a number',
    { store, sessionsPerUser: 3 },
    TypeError,
    'sessionsPerUser must be an object.',
  ],
  [
    'sessionsPerUser without max',
    { store, sessionsPerUser: { onExceed: 'evict' } },
    TypeError,
    'sessionsPerUser.max must be a number.',
  ],
  [
    'sessionsPerUser without onExceed',
    { store, sessionsPerUser: { max: 3 } },
    TypeError,
    "sessionsPerUser.onExceed must be 'reject' or 'evict'.",
  ],
  [
    'sessionsPerUser.onExceed of evict-oldest',
    { store, sessionsPerUser: { max: 3, onExceed: 'evict-oldest' } },
    TypeError,
    "sessionsPerUser.onExceed must be 'reject' or 'evict'.",
  ],
  [
    'sessionsPerUser with more',
    { store, sessionsPerUser: { max: 3, onExceed: 'evict', per: 'device' } },
    TypeError,
    'Unknown option sessionsPerUser.per. There are: max, onExceed.',
  ],
  ...[0, -1, 2.5, 10_001].map(
    (max): Case => [
      `sessionsPerUser.max of ${max}`,
      { store, sessionsPerUser: { max, onExceed: 'reject' } },
      RangeError,
      'sessionsPerUser.max must be a whole number from 1 to 10000',
    ],
  ),
  ...[{}, { revocations: store }, { store: noIndex }].map(
    (where): Case => [
      `sessionsPerUser with ${Object.keys(where)[0] ?? 'no'} store that lists nothing`,
      { ...where, sessionsPerUser: { max: 3, onExceed: 'reject' } },
      TypeError,
      'sessionsPerUser needs a store with an index',
    ],
  ),
  ['binding as text', { store, binding: 'userAgent' }, TypeError, 'binding must be an object.'],
  [
    'binding of true',
    { store, binding: { userAgent: true } },
    TypeError,
    "binding.userAgent must be 'report' or 'end'.",
  ],
  ['binding of something else', { store, binding: { ip: 'end' } }, TypeError, 'Unknown option binding.ip.'],
  [
    'binding.custom as a function',
    { store, binding: { custom: () => '' } },
    TypeError,
    'binding.custom must be an object.',
  ],
  [
    'binding.custom with another action',
    { store, binding: { custom: { value: () => '', action: 'log' } } },
    TypeError,
    "binding.custom.action must be 'report' or 'end'.",
  ],
]

describe('createSessionManager', () => {
  test.each(cases)('refuses %s', (_, options, error, sentence) => {
    const create = () => createSessionManager({ secret, ...options } as SessionManagerOptions)
    expect(create).toThrow(error)
    expect(create).toThrow(sentence)
  })

  test.each<[what: string, options: object]>([
    ['a store that promises little', { store: weak }],
    [
      'a store that gives no bound',
      { store: declaring({ consistency: { staleFor: Number.POSITIVE_INFINITY } }) },
    ],
    ['a store without an index', { store: noIndex }],
    ['a store without getMany', { store: { ...store, getMany: undefined } }],
    ['a store with its methods on a prototype', { store: Object.create(store) }],
    ['an index that follows', { store: declaring({ index: 'ordered' }) }],
    ['renewalTimeout of 0 on a weak store', { store: weak, renewalTimeout: 0 }],
    ['a long renewalGrace alone', { store, renewalGrace: 3600 }],
    [
      'sessionsPerUser on an index that lags',
      { store: weak, sessionsPerUser: { max: 1, onExceed: 'evict' } },
    ],
    ['storeTimeout in parts of a second', { store, storeTimeout: 0.25 }],
    [
      'what is there and undefined',
      { store: undefined, revocations: undefined, storeTimeout: undefined, onReuse: undefined },
    ],
  ])('takes %s', (_, options) => {
    expect(() => createSessionManager({ secret, ...options } as SessionManagerOptions)).not.toThrow()
  })

  test('asks no store anything', () => {
    const asked: string[] = []
    const methods = Object.fromEntries(
      ['get', 'getMany', 'create', 'update', 'delete', 'list'].map((name) => [name, () => asked.push(name)]),
    )
    createSessionManager({ secret, store: { ...store, ...methods } as never })
    createSessionManager({ secret, revocations: { ...store, ...methods } as never })
    expect(asked).toEqual([])
  })
})
