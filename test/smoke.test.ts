import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { requireUser, type SessionEnv, session } from 'wafer-session/hono'
import { cookieJar, fakeClock } from 'wafer-session/testing'

test('smoke', async () => {
  const clock = fakeClock()
  const events: unknown[] = []
  const app = new Hono<SessionEnv<{ n?: number }>>()
  app.use(session({ secret: generateSecret(), clock, onEvent: (e) => events.push(e) }))
  app.get('/', (c) => {
    const d = c.var.session.data
    d.n = (d.n ?? 0) + 1
    return c.text(String(d.n))
  })
  app.get('/read', (c) => c.text(String(c.var.session.userId) + JSON.stringify(c.var.session.data)))
  app.post('/login', (c) => {
    c.var.session.signIn('u1', { keep: ['n'] })
    return c.text('ok')
  })
  app.post('/logout', (c) => {
    c.var.session.signOut()
    return c.text('ok')
  })
  app.get('/account', requireUser(), (c) => c.text(c.var.session.userId))
  const jar = cookieJar({ clock })
  const first = await jar.request(app, '/')
  console.log([...first.headers])
  expect(await (await jar.request(app, '/')).text()).toBe('2')
  expect((await jar.request(app, '/account')).status).toBe(401)
  await jar.request(app, '/login', { method: 'POST' })
  expect(await (await jar.request(app, '/account')).text()).toBe('u1')
  const read = await jar.request(app, '/read')
  console.log([...read.headers], await read.text())
  const out = await jar.request(app, '/logout', { method: 'POST' })
  console.log([...out.headers])
  expect((await jar.request(app, '/account')).status).toBe(401)
  console.log(events)
})
