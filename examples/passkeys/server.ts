// Passkeys by @simplewebauthn/server. After `npm install && npm run build`:
// SESSION_SECRET=$(openssl rand -base64 32) npx node examples/passkeys/server.ts
import { serve } from '@hono/node-server'
import { createSessionManager } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { type Data, passkeyApp } from './app.ts'

const { SESSION_SECRET = '', PORT = '3000', SESSIONS = 'store' } = process.env

// In memory like the passkeys; see README.md for stores that stay. SESSIONS=sealed keeps sessions in the cookie, and here
// only which challenges were taken and which sessions have ended.
const kept = SESSIONS === 'sealed' ? { revocations: memoryStore() } : { store: memoryStore() }
const sessions = createSessionManager<Data>({ secret: SESSION_SECRET, ...kept })

// A host name, as passkeys are bound to one: 127.0.0.1 would not do.
const origin = `http://localhost:${PORT}`
serve({ fetch: passkeyApp({ origin, sessions }).fetch, hostname: '127.0.0.1', port: Number(PORT) }, () => {
  console.log(origin)
})
