import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { type SessionEnv, session } from 'wafer-session/hono'
import { namesSet, site } from '../support/site.ts'

test('manager.handle: a response that a handler gives to everyone keeps the cookie of nobody', async () => {
  const { manager } = site()
  const done = new Response(null, { status: 204 })
  const url = 'https://example.test/'
  const signedIn = await manager.handle(new Request(url), (session) => {
    session.signIn('alice')
    return done
  })
  expect(namesSet(signedIn)).toEqual(['__Host-session'])

  const stranger = await manager.handle(new Request(url), () => done)
  expect(stranger.status).toBe(204)
  expect([...stranger.headers]).toEqual([])
})

test('session(): a response that a handler gives to everyone keeps the cookie of nobody', async () => {
  const app = new Hono<SessionEnv>()
  const done = new Response(null, { status: 204, headers: { 'Cache-Control': 'public' } })
  app.use(session({ secret: generateSecret() }))
  app.post('/login', (c) => {
    c.var.session.signIn('alice')
    return done
  })
  app.post('/logout', (c) => {
    c.var.session.signOut({ clearSiteData: true })
    return done
  })
  app.get('/ping', () => done)
  expect(namesSet(await app.request('/login', { method: 'POST' }))).toEqual(['__Host-session'])
  expect((await app.request('/logout', { method: 'POST' })).headers.has('Clear-Site-Data')).toBe(true)
  expect([...(await app.request('/ping')).headers]).toEqual([['cache-control', 'public']])
})

test.each([204, 205, 304])('respond: a %i keeps its status, and takes the cookie', async (status) => {
  const { respond } = site()
  const response = await respond((session) => {
    session.data.n = 1
    return new Response(null, { status })
  })
  expect(response.status).toBe(status)
  expect(namesSet(response)).toEqual(['__Host-session'])
})

test('respond: what is known of a text body stays known', async () => {
  const { respond } = site()
  const response = await respond((session) => {
    session.data.n = 1
    return new Response('hello')
  })
  expect(await response.text()).toBe('hello')
  // Bun tells the type of a text only on the wire: test/examples.node.test.ts asks there.
  if (!('Bun' in globalThis)) expect(response.headers.get('Content-Type')).toMatch(/^text\/plain/)
})
