import { afterAll, beforeAll, describe, type TestContext, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { type RedisServer, redisServer } from '../support/redis-server.ts'
import { tcpProxy } from '../support/tcp-proxy.ts'
import { startInstance } from './instances.ts'
import type { Wish } from './site.ts'
import { Visitor } from './visitor.ts'

let server: RedisServer

beforeAll(async () => {
  server = await redisServer()
})

afterAll(() => server?.stop())

/**
 * Two processes of one application. What the slow one writes stays on the way, for longer than its `storeTimeout`, and
 * lands when it is let go.
 *
 * @param passing How many of its writes get through before.
 */
async function slowAndQuick({ expect, onTestFinished }: TestContext, passing = 0) {
  const line = await tcpProxy(server.port)
  const options = { secret: generateSecret() }
  const quick = await startInstance('ioredis', server.port, options)
  const slow = await startInstance('ioredis', line.port, {
    ...options,
    storeTimeout: 2,
    beforeAnswer: () => line.holdRequests(passing),
  })
  onTestFinished(async () => {
    line.stop()
    await Promise.all([quick.close(), slow.close()])
  })
  const user = crypto.randomUUID()
  const visitor = new Visitor(quick.send)
  const late = new Visitor(slow.send)
  return {
    user,
    visitor,
    /** The sessions that the user is shown. */
    listed: async () => (await quick.manager.users.list(user)).length,
    endAll: () => quick.manager.users.revokeAll(user),
    /** What the visitor asks of the slow process, with the cookie of the other one: the status. */
    async askSlowly(wish: Wish): Promise<number> {
      late.jar.set('__Host-session', visitor.jar.get('__Host-session') ?? '')
      const { status, headers } = await late.ask(wish)
      expect(headers.getSetCookie()).toEqual([])
      return status
    },
    /** Ends when everything that was held has been carried out: the next question of that connection comes after it. */
    async land(): Promise<void> {
      line.letGo()
      await slow.manager.users.list(user)
    },
  }
}

describe.concurrent('rows 86 and 87: a write that lands after its timeout, and was answered by a 503', () => {
  test('is there, whole, when nothing came between', async (context) => {
    const { expect } = context
    const { user, visitor, askSlowly, land } = await slowAndQuick(context)
    await visitor.ask({ action: 'sign-in', user, n: 1 })
    expect(await askSlowly({ action: 'write', n: 2 })).toBe(503)
    expect(await visitor.surely({ action: 'read' })).toEqual({ user, n: 1 })
    await land()
    expect(await visitor.surely({ action: 'read' })).toEqual({ user, n: 2 })
    await visitor.surely({ action: 'write', n: 3 })
    expect(await visitor.surely({ action: 'read' })).toEqual({ user, n: 3 })
  })

  test('overwrites nothing that was written meanwhile', async (context) => {
    const { expect } = context
    const { user, visitor, askSlowly, land } = await slowAndQuick(context)
    await visitor.ask({ action: 'sign-in', user, n: 1 })
    expect(await askSlowly({ action: 'write', n: 2 })).toBe(503)
    await visitor.surely({ action: 'write', n: 3 })
    await land()
    expect(await visitor.surely({ action: 'read' })).toEqual({ user, n: 3 })
  })

  test('brings back no session that was ended meanwhile', async (context) => {
    const { expect } = context
    const { user, visitor, askSlowly, land, listed } = await slowAndQuick(context)
    await visitor.ask({ action: 'sign-in', user, n: 1 })
    const header = visitor.jar.get('__Host-session') ?? ''
    expect(await askSlowly({ action: 'write', n: 2 })).toBe(503)
    await visitor.surely({ action: 'sign-out' })
    await land()
    visitor.jar.set('__Host-session', header)
    expect(await visitor.surely({ action: 'read' })).toEqual({ user: null, n: 0 })
    expect(await listed()).toBe(0)
  })

  test('a sign-in: nobody has its cookie, the user sees it in the list, and users.revokeAll ends it', async (context) => {
    const { expect } = context
    const { user, visitor, askSlowly, land, listed, endAll } = await slowAndQuick(context)
    expect(await askSlowly({ action: 'sign-in', user, n: 1 })).toBe(503)
    expect(await listed()).toBe(0)
    await land()
    expect(visitor.jar.header()).toBe('')
    expect([await listed(), await endAll(), await listed()]).toEqual([1, 1, 0])
  })

  test('a sign-out: the session goes on until it lands, and is over then', async (context) => {
    const { expect } = context
    const { user, visitor, askSlowly, land, listed } = await slowAndQuick(context)
    await visitor.ask({ action: 'sign-in', user, n: 1 })
    expect(await askSlowly({ action: 'sign-out' })).toBe(503)
    expect(await visitor.surely({ action: 'read' })).toEqual({ user, n: 1 })
    await land()
    expect(await visitor.surely({ action: 'read' })).toEqual({ user: null, n: 0 })
    expect(await listed()).toBe(0)
  })

  test('a new id of which only the record is late: the old one goes on', async (context) => {
    const { expect } = context
    const { user, visitor, askSlowly, land, endAll, listed } = await slowAndQuick(context)
    await visitor.ask({ action: 'sign-in', user, n: 1 })
    expect(await askSlowly({ action: 'regenerate' })).toBe(503)
    await land()
    expect(await visitor.surely({ action: 'read' })).toEqual({ user, n: 1 })
    expect(await listed()).toBe(2) // One of them is nobody's, until its idle time is over.
    expect([await endAll(), await listed()]).toEqual([2, 0])
  })

  test('a new id of which the end of the old one is late: the session is over, rather than open twice', async (context) => {
    const { expect } = context
    const { user, visitor, askSlowly, land, listed } = await slowAndQuick(context, 1)
    await visitor.ask({ action: 'sign-in', user, n: 1 })
    expect(await askSlowly({ action: 'regenerate' })).toBe(503)
    expect(await visitor.surely({ action: 'read' })).toEqual({ user, n: 1 })
    await land()
    expect(await visitor.surely({ action: 'read' })).toEqual({ user: null, n: 0 })
    expect(await listed()).toBe(0)
  })
})
