import { Hono } from 'hono'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createSessionManager, type SessionManager } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'
import { fakeClock } from 'wafer-session/testing'
import { type RefuseVector, vectors } from '../support/vectors.ts'
import { requestWith } from '../support/visitor.ts'
import { fromHex } from '../support/wafer1.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

/** All that a client sees of a response. */
async function seen(response: Response): Promise<string> {
  const { status, statusText } = response
  return JSON.stringify([status, statusText, [...response.headers].sort(), await response.text()])
}

function managerOf({ secrets, cookieName, timeouts, maxChunks, now }: RefuseVector): SessionManager {
  return createSessionManager({
    secret: secrets.map((secret) => ('utf8' in secret ? secret.utf8 : fromHex(secret.hex))),
    cookie: { name: cookieName },
    ...timeouts,
    maxChunks,
    clock: fakeClock(now),
  })
}

function appOf(vector: RefuseVector) {
  const app = new Hono<SessionEnv>()
  app.use(session(managerOf(vector)))
  app.get('/', (c) => {
    const { data, userId, isNew, amr } = c.var.session
    return c.json({ data, userId, isNew, amr, flash: c.var.session.flash('notice') })
  })
  return app
}

describe.each(vectors.refuse)('row 71: $reason, $name', (vector) => {
  test('is answered byte for byte like no cookie, and nothing is logged', async () => {
    const logs = (['log', 'info', 'warn', 'error', 'debug'] as const).map((level) => vi.spyOn(console, level))
    const app = appOf(vector)

    const refused = await seen(await app.request(requestWith(vector.cookie)))
    const without = await seen(await app.request(requestWith('')))

    expect(refused).toBe(without)
    expect(refused).not.toContain('set-cookie')
    for (const log of logs) expect(log).not.toHaveBeenCalled()
  })

  test('is so by manager.handle too', async () => {
    const manager = managerOf(vector)
    const answer = async (cookie: string) =>
      seen(
        await manager.handle(
          requestWith(cookie),
          ({ data, userId, isNew }) => new Response(JSON.stringify({ data, userId, isNew })),
        ),
      )

    expect(await answer(vector.cookie)).toBe(await answer(''))
  })
})
