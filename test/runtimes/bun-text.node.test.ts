import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../support/dist.ts'

const PROGRAM = `
  import { Hono } from 'hono'
  import { generateSecret } from './src/index.ts'
  import { session } from './src/hono.ts'
  const app = new Hono()
  app.use(session({ secret: generateSecret() }))
  app.get('/', (c) => {
    c.var.session.data.n = 1
    return c.text('hello')
  })
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: app.fetch })
  console.log(server.port)
`

test('on Bun a text that carries the cookie is still sent as text, not as a download', async () => {
  const bun = spawn(join(root, 'node_modules/.bin/bun'), ['-e', PROGRAM], { cwd: root })
  try {
    const [port] = await once(bun.stdout, 'data')
    const response = await fetch(`http://127.0.0.1:${String(port).trim()}/`)
    expect(response.headers.getSetCookie()).toHaveLength(1)
    expect(response.headers.get('Content-Type')).toMatch(/^text\/plain/)
    expect(await response.text()).toBe('hello')
  } finally {
    bun.kill()
  }
})
