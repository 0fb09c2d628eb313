// After `npm install && npm run build`:
// UPSTASH_REDIS_REST_URL=… UPSTASH_REDIS_REST_TOKEN=… SESSION_SECRET=$(openssl rand -base64 32) npx node examples/upstash.ts
import { serve } from '@hono/node-server'
import { Redis } from '@upstash/redis'
import { Hono } from 'hono'
import { csrf } from 'hono/csrf'
import { html } from 'hono/html'
import { type SessionEnv, session } from 'wafer-session/hono'
import { upstashStore } from 'wafer-session/stores/upstash'

const signIn = html`<form method="post" action="/login"><input name="user" required><button>Sign in</button></form>`
const signOut = html`<form method="post" action="/logout"><button>Sign out</button></form>`

const app = new Hono<SessionEnv<{ visits?: number }>>()

app.use(csrf())
app.use(session({ store: upstashStore(Redis.fromEnv()) }))

app.get('/', (c) => {
  const { data, userId } = c.var.session
  data.visits = (data.visits ?? 0) + 1
  const form = userId === undefined ? signIn : signOut
  return c.html(html`<p>Hello ${userId ?? 'stranger'}, visit ${data.visits}.</p>${form}`)
})

app.post('/login', async (c) => {
  const { user } = await c.req.parseBody()
  if (typeof user !== 'string' || user === '') return c.text('Who are you?', 400)
  c.var.session.signIn(user, { keep: ['visits'] }) // Once the password is right: this is where to check it.
  return c.redirect('/', 303)
})

app.post('/logout', (c) => {
  c.var.session.signOut()
  return c.redirect('/', 303)
})

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`)
})
