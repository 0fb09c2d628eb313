import { stream, streamSSE, streamText } from 'hono/streaming'
import { describe, expect, test, vi } from 'vitest'
import { honoSite } from '../support/hono-site.ts'
import { type AnyData, namesSet } from '../support/site.ts'

/** A promise to hold a stream back with. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe.each([
  ['stream', stream as unknown as typeof streamText],
  ['streamText', streamText],
  ['streamSSE', streamSSE as unknown as typeof streamText],
])('%s of Hono', (_, send) => {
  test('row 93: what was changed before the first byte is kept', async () => {
    const { app, get, stored } = honoSite()
    app.get('/', (c) => {
      c.var.session.signIn('u1')
      return send(c, async (out) => {
        await out.write(`hello ${c.var.session.userId}`)
      })
    })
    const response = await get('/')
    expect(namesSet(response)).toEqual(['__Host-session'])
    expect(await response.text()).toBe('hello u1')
    expect((await stored()).userId).toBe('u1')
  })

  test('row 93: a change after the response left throws, and never vanishes', async () => {
    const { app, get, stored } = honoSite()
    const { opened, open } = gate()
    const errors: unknown[] = []
    const attempt = (change: () => unknown) => {
      try {
        change()
        errors.push('vanished')
      } catch (error) {
        errors.push((error as { code?: string }).code ?? (error as Error).name)
      }
    }
    app.get('/', (c) => {
      const { session } = c.var
      session.data.cart = { lines: ['a'] }
      const kept: AnyData = session.data
      return send(c, async (out) => {
        await opened
        attempt(() => {
          session.data.late = 1
        })
        attempt(() => session.data.cart.lines.push('b'))
        attempt(() => {
          kept.late = 1
        })
        attempt(() => kept.cart.lines.push('b'))
        attempt(() => session.signIn('u1'))
        attempt(() => session.signOut())
        attempt(() => session.flash('a', 'b'))
        attempt(() => session.update(() => {}))
        await out.write(JSON.stringify(session.data))
      })
    })
    const response = await get('/')
    open()
    expect(await response.text()).toBe('{"cart":{"lines":["a"]}}')
    expect(errors).toEqual([
      'ERR_SESSION_COMMITTED',
      'ERR_SESSION_COMMITTED',
      'TypeError',
      'TypeError',
      'ERR_SESSION_COMMITTED',
      'ERR_SESSION_COMMITTED',
      'ERR_SESSION_COMMITTED',
      'ERR_SESSION_COMMITTED',
    ])
    expect((await stored()).data).toEqual({ cart: { lines: ['a'] } })
  })

  test('row 93: commit() before the first byte writes once, whatever the stream does later', async () => {
    const { app, get, events, stored } = honoSite()
    app.get('/', async (c) => {
      c.var.session.data.n = 1
      await c.var.session.commit()
      return send(c, async (out) => {
        await out.write('hello')
      })
    })
    const response = await get('/')
    expect(namesSet(response)).toEqual(['__Host-session'])
    expect(await response.text()).toBe('hello')
    expect(events.map(({ type }) => type)).toEqual(['create'])
    expect((await stored()).data).toEqual({ n: 1 })
  })

  test('an error in the stream takes nothing back', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { app, get, stored } = honoSite()
    const { opened, open } = gate()
    app.get('/', (c) => {
      c.var.session.data.n = 1
      return send(c, async () => {
        await opened
        throw new Error('the upstream went away')
      })
    })
    const response = await get('/')
    open()
    await response.text()
    expect((await stored()).data).toEqual({ n: 1 })
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })
})

test('row 93: a change that a promise makes after the response left throws in that promise', async () => {
  const { app, get, stored } = honoSite()
  const { opened, open } = gate()
  let late: Promise<void> = Promise.resolve()
  app.get('/', (c) => {
    late = opened.then(() => {
      c.var.session.data.late = 1
    })
    return c.text('ok')
  })
  await get('/')
  open()
  await expect(late).rejects.toMatchObject({ code: 'ERR_SESSION_COMMITTED' })
  expect((await stored()).data).toEqual({})
})
