import { upgradeWebSocket } from 'hono/cloudflare-workers'
import { describe, expect, test } from 'vitest'
import { requireUser } from 'wafer-session/hono'
import { honoSite } from '../support/hono-site.ts'
import { namesSet, site } from '../support/site.ts'

/** What workerd adds to the Web's own types. */
interface Socket extends EventTarget {
  accept(): void
  send(message: string): void
}
type Upgraded = Response & { readonly webSocket: Socket | null }
declare const WebSocketPair: new () => { readonly 0: Socket; readonly 1: Socket }

function upgraded(): Response {
  const { 0: client, 1: server } = new WebSocketPair()
  server.accept()
  server.addEventListener('message', (event) => server.send(`echo ${(event as MessageEvent).data}`))
  return new Response(null, { status: 101, webSocket: client } as ResponseInit)
}

/** The answer to one message: proof that the socket still works. */
async function echo(response: Response): Promise<string> {
  const { webSocket } = response as Upgraded
  if (webSocket === null) throw new Error('The response has no socket.')
  webSocket.accept()
  const answer = new Promise<string>((resolve) => {
    webSocket.addEventListener('message', (event) => resolve((event as MessageEvent).data))
  })
  webSocket.send('hello')
  return answer
}

const headers = { Upgrade: 'websocket' }

function chat() {
  const made = honoSite()
  const { app } = made
  app.post('/login', (c) => {
    c.var.session.signIn('u1')
    return c.text('ok')
  })
  app.get('/read', requireUser(), () => upgraded())
  app.get('/write', (c) => {
    c.var.session.data.joined = true
    return upgraded()
  })
  app.get('/leave', (c) => {
    c.var.session.signOut()
    return upgraded()
  })
  app.get(
    '/helper',
    upgradeWebSocket((c) => ({
      onMessage: (event, socket) => socket.send(`echo ${event.data} of ${c.get('session').userId}`),
    })),
  )
  return made
}

describe('a WebSocket upgrade', () => {
  test('of a visitor without a session is passed on', async () => {
    const { app } = honoSite()
    app.get('/', () => upgraded())
    const response = await app.request('/', { headers })
    expect([response.status, [...response.headers]]).toEqual([101, []])
    expect(await echo(response)).toBe('echo hello')
  })

  test('that only reads a live session is passed on as it is', async () => {
    const { get, post } = chat()
    await post('/login')
    const response = await get('/read', { headers })
    expect([response.status, [...response.headers]]).toEqual([101, []])
    expect(await echo(response)).toBe('echo hello')
  })

  test('is never broken by activity that is due to be recorded', async () => {
    const { get, post, clock, stored } = chat()
    await post('/login')
    clock.advance(1700)
    const response = await get('/read', { headers })
    expect([response.status, response.headers.getSetCookie()]).toEqual([101, []])
    expect(await echo(response)).toBe('echo hello')
    clock.advance(100)
    expect((await stored()).userId).toBeUndefined()
  })

  test('carries the cookie of a change', async () => {
    const { get, stored } = chat()
    const response = await get('/write', { headers })
    expect([response.status, namesSet(response)]).toEqual([101, ['__Host-session']])
    expect(await echo(response)).toBe('echo hello')
    expect((await stored()).data).toEqual({ joined: true })
  })

  test('carries the clearing of a sign-out', async () => {
    const { get, post, jar } = chat()
    await post('/login')
    const response = await get('/leave', { headers })
    expect(await echo(response)).toBe('echo hello')
    expect(jar.header()).toBe('')
  })

  test('by the helper of Hono reads the session in its events', async () => {
    const { get, post, clock } = chat()
    await post('/login')
    clock.advance(600)
    const response = await get('/helper', { headers })
    expect(response.status).toBe(101)
    expect(await echo(response)).toBe('echo hello of u1')
  })

  test('through a manager without Hono', async () => {
    const { visit, respond, clock } = site()
    await visit((session) => session.signIn('u1'))
    clock.advance(600)
    expect(await echo(await respond(() => upgraded()))).toBe('echo hello')
    const changed = await respond((session) => {
      session.data.n = 1
      return upgraded()
    })
    expect(namesSet(changed)).toEqual(['__Host-session'])
    expect(await echo(changed)).toBe('echo hello')
  })
})
