import { createServer } from 'node:http'
import { proxy } from 'hono/proxy'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { honoSite } from '../support/hono-site.ts'
import { namesSet } from '../support/site.ts'

const upstream = createServer((request, response) => {
  response.setHeader('Set-Cookie', ['up=1; Path=/', 'stream=2'])
  response.setHeader('Cache-Control', 'public, max-age=3600')
  response.setHeader('Vary', 'Accept')
  response.setHeader('X-Cookie-Seen', request.headers.cookie ?? 'none')
  response.statusCode = request.url === '/down' ? 502 : 203
  response.end('from upstream')
})
let origin = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const address = upstream.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  origin = `http://127.0.0.1:${address.port}`
})

afterAll(async () => {
  upstream.closeAllConnections()
  await new Promise((resolve) => upstream.close(resolve))
})

function gateway() {
  const made = honoSite()
  const { app } = made
  app.get('/plain', () => fetch(origin))
  app.get('/helper', () => proxy(origin))
  app.get('/write', (c) => {
    c.var.session.data.n = 1
    return fetch(origin)
  })
  app.get('/down', (c) => {
    c.var.session.data.n = 2
    return fetch(`${origin}/down`)
  })
  app.post('/login', (c) => {
    c.var.session.signIn('u1')
    return fetch(origin)
  })
  app.post('/logout', (c) => {
    c.var.session.signOut()
    return fetch(`${origin}/down`)
  })
  return made
}

test('headers of a real fetch cannot be changed: what these tests are about', async () => {
  const response = await fetch(origin)
  expect(() => response.headers.set('a', 'b')).toThrow(TypeError)
  await response.text()
})

test('a proxied response gets the cookie and keeps status, body and its own cookies', async () => {
  const { get, stored } = gateway()
  const response = await get('/write')
  expect([response.status, await response.text()]).toEqual([203, 'from upstream'])
  expect(namesSet(response)).toEqual(['up', 'stream', '__Host-session'])
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  expect(response.headers.get('Vary')).toBe('Accept, Cookie')
  expect((await stored()).data).toEqual({ n: 1 })
})

test.each(['/plain', '/helper'])(
  'a proxied response of a live session keeps its Cache-Control: %s',
  async (path) => {
    const { get, post } = gateway()
    await post('/login')
    const response = await get(path)
    expect(namesSet(response)).toEqual(['up', 'stream'])
    expect(response.headers.get('Cache-Control')).toBe('public, max-age=3600')
    expect(response.headers.get('Vary')).toBe('Accept, Cookie')
    expect(await response.text()).toBe('from upstream')
  },
)

test('a proxied response of a visitor without a session is not touched', async () => {
  const { get } = gateway()
  const response = await get('/plain')
  expect(response.headers.get('Vary')).toBe('Accept')
  expect(() => response.headers.set('a', 'b')).toThrow(TypeError)
  await response.text()
})

test('row 89: a proxied 502 keeps no changes, and a sign-out all the same', async () => {
  const { get, post, stored, jar } = gateway()
  await post('/login')
  const response = await get('/down')
  expect([response.status, namesSet(response)]).toEqual([502, ['up', 'stream']])
  expect(await stored()).toEqual({ userId: 'u1', data: {} })
  await post('/logout')
  expect(jar.get('__Host-session')).toBeUndefined()
  expect(jar.get('up')).toBe('1')
})
