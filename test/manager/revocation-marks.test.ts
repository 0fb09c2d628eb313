import { describe, expect, test } from 'vitest'
import {
  createSessionManager,
  generateSecret,
  type SessionManager,
  type SessionManagerOptions,
  type SessionStore,
} from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { base64url, encode } from '../support/format.ts'
import { requestWith, visitWith, whoseIs } from '../support/visitor.ts'
import { tagOf } from '../support/wafer1-store.ts'
import { watchedStore } from '../support/watched-store.ts'

/** The default of revocationMaxAge, in seconds. */
const BOUND = 60
const OP = 'https://op.test'
const secret = generateSecret()

/** Sealed cookies with marks in a store of which some methods are replaced. */
function place(
  change: (store: SessionStore) => Partial<SessionStore> = () => ({}),
  options: Partial<SessionManagerOptions> = {},
) {
  const clock = fakeClock()
  const memory = memoryStore({ clock })
  const marks = watchedStore({ ...memory, ...change(memory) })
  const manager = createSessionManager({ secret, clock, ...options, revocations: marks })
  return { manager, marks, clock }
}

const unable = ({ capabilities }: SessionStore) => ({
  capabilities: { ...capabilities, atomicUpdate: false, index: false } as const,
})
const signIn = (manager: SessionManager) => visitWith(manager, '', (session) => session.signIn('u1'))

test('revocations: an anonymous session is never checked, and gets no cookie for it', async () => {
  const { manager, marks, clock } = place()
  const cookie = await visitWith(manager, '', (session) => Object.assign(session.data, { a: 1 }))
  clock.advance(BOUND)
  const session = await manager.open(requestWith(cookie))
  expect(session.data).toEqual({ a: 1 })
  expect(await manager.commit(session)).toEqual([])
  expect(marks.calls()).toEqual([])
})

test('users.revokeFederated: whoever signs in within its millisecond does so after it', async () => {
  const { manager, clock } = place()
  const oidc = { iss: OP, sub: 's1' }
  const enter = () => visitWith(manager, '', (session) => session.signIn('u1', { oidc }))
  const before = await enter()
  await manager.users.revokeFederated(oidc)
  const after = await enter()
  clock.advance(BOUND)
  expect([await whoseIs(manager, before), await whoseIs(manager, after)]).toEqual([undefined, 'u1'])
})

test.each([
  ['without a monitor', {}, 2],
  ['with one, which may ask for a new authentication', { monitor: { assess: () => undefined } as never }, 3],
])('revocations: %s a check reads no other mark than may be there', async (_, options, count) => {
  let read: readonly string[] = []
  const { manager, clock } = place(
    (store) => ({
      getMany: async (keys) => {
        read = keys
        return Promise.all(keys.map((key) => store.get(key)))
      },
    }),
    options,
  )
  const cookie = await signIn(manager)
  clock.advance(BOUND)
  expect(await whoseIs(manager, cookie)).toBe('u1')
  expect(new Set(read).size).toBe(count)
})

describe('revocations where nothing can be compared', () => {
  test('the mark of a re-authentication does not take the place of a later one of a sign-out', async () => {
    const { manager, marks, clock } = place(unable)
    const before = await signIn(manager)
    clock.advance(1)
    const after = await visitWith(manager, before, (session) => session.reauthenticate())
    const [first] = marks.places.keys()
    await visitWith(manager, after, (session) => session.signOut())
    const [, second, ...others] = marks.places.keys()
    expect([first === second, second === undefined, others]).toEqual([false, false, []])
    clock.advance(BOUND)
    expect([await whoseIs(manager, before), await whoseIs(manager, after)]).toEqual([undefined, undefined])
  })

  test.each([
    [0, true],
    [999, true],
    [1000, true],
    [1001, false],
    [5000, false],
  ])('what ends all before %i ms ago is the latest: %s', async (age, isLatest) => {
    const { manager, marks, clock } = place(unable)
    const session = await manager.open(requestWith(await signIn(manager)))
    clock.advance(age / 1000)
    await manager.users.revokeAll('u1', { except: session })
    const name = ['user', '__Host-session', 'u1', ...(isLatest ? [] : ['earlier'])]
    expect([...marks.places.keys()]).toEqual([base64url(await tagOf(encode(secret), ...name))])
    await manager.users.revokeAll('u1')
    expect(marks.places.size).toBe(isLatest ? 1 : 2)
  })
})

test('users.revokeFederated marks the latest time also where nothing can be compared', async () => {
  const { manager, marks } = place(unable)
  await manager.users.revokeFederated({ iss: OP, sub: 's1' })
  const tag = await tagOf(encode(secret), 'oidc-sub', '__Host-session', OP, 's1')
  expect([...marks.places.keys()]).toEqual([base64url(tag)])
})

describe('revocations: what fails', () => {
  test('to be written three times is said', async () => {
    let creates = 0
    const { manager } = place(() => ({
      async create() {
        creates++
        return null
      },
    }))
    await expect(manager.users.revokeAll('u1')).rejects.toThrow(
      expect.objectContaining({
        name: 'SessionError',
        code: 'ERR_SESSION_CONFLICT',
        message: 'The revocation mark is being written by others. Try again.',
      }),
    )
    expect(creates).toBe(3)
  })

  test('to be read as a number is said', async () => {
    const { manager } = place(() => ({ get: async () => ({ value: 'soon', version: '1' }) }))
    await expect(manager.users.revokeAll('u1')).rejects.toThrow(
      expect.objectContaining({
        name: 'SessionError',
        code: 'ERR_SESSION_STORE',
        message: 'The store gave a mark that is no number.',
      }),
    )
  })

  test.each<[what: string, answer: unknown]>([
    ['no mark', []],
    ['one too few', [null]],
    ['no list', { length: 2 }],
  ])('to give every mark is said: %s', async (_, answer) => {
    const { manager, clock } = place(() => ({ getMany: async () => answer as never }))
    const cookie = await signIn(manager)
    clock.advance(BOUND)
    await expect(manager.open(requestWith(cookie))).rejects.toThrow(
      expect.objectContaining({
        name: 'SessionError',
        code: 'ERR_SESSION_STORE',
        message: 'The store gave fewer marks than it was asked for.',
      }),
    )
  })
})

test.each(['list', 'isLive'] as const)(
  'users.%s says that with revocations nothing knows them',
  async (call) => {
    const { manager } = place()
    const asked = manager.users[call]('A'.repeat(22), 'u1')
    await expect(asked).rejects.toThrow(
      new TypeError(`users.${call}() needs sessions in a store: with revocations nothing knows them.`),
    )
  },
)

test.each(['u1', 'A'.repeat(22), ''])(
  'users.revokeAll with revocations takes no id to spare: %j',
  async (except) => {
    const { manager } = place()
    await expect(manager.users.revokeAll('u1', { except })).rejects.toThrow(/wants a session of this user/)
  },
)

test.each<[what: string, subject: object]>([
  ['no provider', { sub: 's1' }],
  ['nobody', { iss: OP }],
  ['an empty sid', { iss: OP, sid: '' }],
  ['a sub that is no text', { iss: OP, sid: 's', sub: 1 }],
])('users.revokeFederated refuses %s by a sentence', async (_, subject) => {
  const { manager } = place()
  await expect(manager.users.revokeFederated(subject as never)).rejects.toThrow(
    new TypeError('revokeFederated() wants the iss, and the sid or the sub, as non-empty strings.'),
  )
})
