import { csrf } from 'hono/csrf'
import { expect, test } from 'vitest'
import { honoSite } from '../support/hono-site.ts'
import { namesSet } from '../support/site.ts'

function shop(protect: boolean) {
  const site = honoSite()
  const { app } = site
  if (protect) app.use(csrf())
  app.post('/login', (c) => {
    c.var.session.signIn('u1')
    return c.text('ok')
  })
  app.post('/cart', (c) => {
    c.var.session.data.cart = ['planted']
    return c.text('ok')
  })
  app.get('/cart', (c) => c.json(c.var.session.data))
  return site
}

const form = (headers: Record<string, string>) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
})

test.each([
  ['a cross-site form', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://attacker.test' }],
  ['a form of a sibling host', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.example.test' }],
  ['an old browser with a foreign Origin', { Origin: 'https://attacker.test' }],
  ['an old browser with the Origin null', { Origin: 'null' }],
])('row 96: with csrf() %s is refused, and the session of a user stays as it was', async (_, headers) => {
  const { post, stored } = shop(true)
  await post('/login', form({ 'Sec-Fetch-Site': 'same-origin' }))
  const response = await post('/cart', form(headers))
  expect(response.status).toBe(403)
  expect(response.headers.getSetCookie()).toEqual([])
  expect(await stored()).toEqual({ userId: 'u1', data: {} })
})

test.each([
  ['our own form', { 'Sec-Fetch-Site': 'same-origin' }],
  ['an old browser with our Origin', { Origin: 'https://example.test' }],
])('row 96: with csrf() %s is served', async (_, headers) => {
  const { post, stored } = shop(true)
  await post('/login', form(headers))
  expect((await post('/cart', form(headers))).status).toBe(200)
  expect(await stored()).toEqual({ userId: 'u1', data: { cart: ['planted'] } })
})

test('row 96: csrf() outside of the session refuses before anything is opened', async () => {
  const { app, post, events } = honoSite()
  app.use(csrf())
  const response = await post('/', form({ 'Sec-Fetch-Site': 'cross-site' }))
  expect([response.status, response.headers.getSetCookie(), events]).toEqual([403, [], []])
})

test('row 96: without csrf() a cross-site form without our cookie gets none for data alone', async () => {
  const { post, get, events } = shop(false)
  const response = await post('/cart', form({ 'Sec-Fetch-Site': 'cross-site' }))
  expect([response.status, namesSet(response)]).toEqual([200, []])
  expect(events).toMatchObject([{ type: 'discard', reason: 'cross-site' }])
  expect(await (await get('/cart')).json()).toEqual({})
})

test('row 96: without csrf() a cross-site form without our cookie gets one for a sign-in', async () => {
  const { post, stored } = shop(false)
  const response = await post('/login', form({ 'Sec-Fetch-Site': 'cross-site' }))
  expect(namesSet(response)).toEqual(['__Host-session'])
  expect((await stored()).userId).toBe('u1')
})

test('row 96: a browser that withholds the cookie from a cross-site form keeps the one it has', async () => {
  const { app, post, jar, stored } = shop(false)
  await post('/login')
  const withheld = await app.request('/cart', form({ 'Sec-Fetch-Site': 'cross-site' }))
  jar.store(withheld)
  expect(await stored()).toEqual({ userId: 'u1', data: {} })
})
