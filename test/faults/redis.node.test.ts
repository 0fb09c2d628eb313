import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { CLIENT_NAMES, type ClientName, type Instance, startInstance } from './instances.ts'
import { type During, type RedisPlace, redisPlace } from './redis-place.ts'
import type { Finding, Wish } from './site.ts'
import { Visitor } from './visitor.ts'

/** What a fault does to one process of the application and its users. */
interface Story {
  readonly during: Record<'read' | 'write' | 'signIn' | 'signOut' | 'anonymous', Answer>
  /** The operations of `store-error` events. */
  readonly told: readonly string[]
  /** When it is over: what the user finds, and after writing once more. */
  readonly after: readonly (Finding | undefined)[]
  /** What became of a sign-out that was asked for again. */
  readonly signedOut: Answer
  /** Whether somebody can sign in. */
  readonly newcomer: Finding | undefined
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly setsCookie: boolean
}

type Fault = (place: RedisPlace, during: During) => Promise<void>

const refused: Answer = { status: 503, retryAfter: '5', setsCookie: false }
const nobody: Answer = { status: 401, retryAfter: null, setsCookie: false }
const served: Answer = { status: 200, retryAfter: null, setsCookie: false }
/** Seconds. What does not hang may take its time on a slow machine. */
const [BRIEF, LONG] = [1, 10]
/** Nothing can be read or written. */
const away = { read: refused, write: refused, signIn: refused, signOut: refused, anonymous: nobody }

describe.each<[what: string, fault: Fault, during: Story['during'], storeTimeout: number]>([
  ['stopped, and started again', (place, during) => place.restart(during), away, BRIEF],
  ['paused (SIGSTOP)', (place, during) => place.pause(during), away, BRIEF],
  [
    'out of memory',
    (place, during) => place.fillMemory(during),
    { ...away, read: served, write: served, signOut: { ...served, setsCookie: true } },
    LONG,
  ],
  ['failing over to its replica', (place, during) => place.failover(during), away, BRIEF],
  [
    'demoted to a replica that is still asked',
    (place, during) => place.demote(during),
    { ...away, read: served },
    LONG,
  ],
])('rows 84, 86, 87: Redis %s', (_, fault, during, storeTimeout) => {
  const stories = new Map<ClientName, Story>()

  beforeAll(async () => {
    for (const [name, story] of await storiesOf(fault, storeTimeout)) stories.set(name, story)
  }, 60_000)

  test.each(CLIENT_NAMES)('%s: what cannot be done is a 503 that touches no cookie', (name) => {
    expect(stories.get(name)?.during).toEqual(during)
  })

  test.each(CLIENT_NAMES)('%s: the events tell the operator', (name) => {
    const { told = [] } = stories.get(name) ?? {}
    const operations = new Set(told)
    expect(operations).toContain('create')
    expect(operations.has('get')).toBe(during.read.status === 503)
  })

  test.each(CLIENT_NAMES)('%s: nobody is signed out by it, and the same process goes on', (name) => {
    const { after: [found, next] = [], newcomer } = stories.get(name) ?? {}
    // The write that was answered by a 503 may have landed.
    expect([1, 2]).toContain(found?.n)
    if (during.write.status === 200) expect(found?.n).toBe(2)
    expect(found?.user).toBe('ada')
    expect(next).toEqual({ user: 'ada', n: 3 })
    expect(newcomer).toEqual({ user: 'eve', n: 1 })
  })

  test.each(CLIENT_NAMES)('%s: a sign-out holds, if need be when it is asked for again', (name) => {
    expect(stories.get(name)?.signedOut).toMatchObject({ status: 401 })
  })
})

test('Redis restarted empty: everyone is signed out, no cookie is touched, and signing in works again at once', async () => {
  const place = await redisPlace()
  onTestFinished(() => place.stop())
  const secret = generateSecret()
  for (const name of CLIENT_NAMES) {
    const instance = await startInstance(name, place.port, { secret })
    onTestFinished(() => instance.close())
    const user = new Visitor(instance.send)
    await user.surely({ action: 'sign-in', user: 'ada', n: 1 })
    const cookie = user.jar.header()
    await place.restartEmpty(async () => {})
    expect(await user.surely({ action: 'read' })).toEqual({ user: null, n: 0 })
    expect(user.jar.header()).toBe(cookie)
    expect(instance.events.at(-1)).toMatchObject({ type: 'reject', reason: 'unknown-session' })
    await user.surely({ action: 'sign-in', user: 'ada', n: 2 })
    expect(await user.surely({ action: 'read' })).toEqual({ user: 'ada', n: 2 })
  }
})

test("onStoreError: 'anonymous', Redis stopped: reads are those of an anonymous visitor, changes are a 503", async () => {
  const place = await redisPlace()
  const instance = await startInstance('ioredis without a queue', place.port, {
    secret: generateSecret(),
    onStoreError: 'anonymous',
  })
  onTestFinished(async () => {
    await instance.close()
    await place.stop()
  })
  const user = new Visitor(instance.send)
  await user.surely({ action: 'sign-in', user: 'ada', n: 1 })
  const header = user.jar.header()
  await place.restart(async () => {
    expect(await answerTo(user, { action: 'read' })).toEqual(nobody)
    expect(await answerTo(user, { action: 'sign-in', user: 'eve', n: 1 })).toEqual(refused)
  })
  expect(user.jar.header()).toBe(header)
  await user.until({ action: 'read' }, ({ user }) => user === 'ada')
})

/** One server and a process of the application for each client, all of which go through the fault together. */
async function storiesOf(fault: Fault, storeTimeout: number): Promise<[ClientName, Story][]> {
  const place = await redisPlace()
  const secret = generateSecret()
  const told = await Promise.all(
    CLIENT_NAMES.map(async (name) => {
      const instance = await startInstance(name, place.port, { secret, storeTimeout })
      return { name, instance, ...(await beginStory(instance)) }
    }),
  )
  const outcomes: Story['during'][] = []
  await fault(
    place,
    async () => void outcomes.push(...(await Promise.all(told.map(({ during }) => during())))),
  )
  const stories = await Promise.all(
    told.map(async ({ name, after }, i): Promise<[ClientName, Story]> => {
      return [name, { during: outcomes[i] as Story['during'], ...(await after()) }]
    }),
  )
  await Promise.all(told.map(({ instance }) => instance.close()))
  await place.stop()
  return stories
}

/** Two users who are signed in, one who is about to, and one who never is. */
async function beginStory({ send, events }: Instance) {
  const [ada, grace, eve, stranger] = [1, 2, 3, 4].map(() => new Visitor(send)) as [
    Visitor,
    Visitor,
    Visitor,
    Visitor,
  ]
  // The server may still be busy with the start of the others.
  await ada.surely({ action: 'sign-in', user: 'ada', n: 1 })
  await grace.surely({ action: 'sign-in', user: 'grace', n: 1 })
  events.length = 0
  return {
    async during(): Promise<Story['during']> {
      const [read, write, signIn, signOut, anonymous] = await Promise.all([
        answerTo(ada, { action: 'read' }),
        answerTo(ada, { action: 'write', n: 2 }),
        answerTo(eve, { action: 'sign-in', user: 'eve', n: 1 }),
        answerTo(grace, { action: 'sign-out' }),
        answerTo(stranger, { action: 'read' }),
      ])
      return { read, write, signIn, signOut, anonymous }
    },
    async after(): Promise<Omit<Story, 'during'>> {
      const told = events.flatMap((event) => (event.type === 'store-error' ? [event.operation] : []))
      const found = await ada.surely({ action: 'read' })
      await ada.surely({ action: 'write', n: 3 })
      const next = await ada.surely({ action: 'read' })
      await grace.surely({ action: 'sign-out' })
      const signedOut = await answerTo(grace, { action: 'read' })
      await eve.surely({ action: 'sign-in', user: 'eve', n: 1 })
      return { told, after: [found, next], signedOut, newcomer: await eve.surely({ action: 'read' }) }
    },
  }
}

async function answerTo(visitor: Visitor, wish: Wish): Promise<Answer> {
  const { status, headers } = await visitor.ask(wish)
  return { status, retryAfter: headers.get('retry-after'), setsCookie: headers.has('set-cookie') }
}
