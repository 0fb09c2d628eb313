// Sign-in by a self-issued ID token (SIOPv2). After `npm install && npm run build`:
// SESSION_SECRET=$(openssl rand -base64 32) npx node examples/did/server.ts
//
// It has no pages: examples/did/wallet.ts is the other side, to be started beside it.
import { serve } from '@hono/node-server'
import { createSessionManager } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { didApp } from './app.ts'

const { SESSION_SECRET = '', PORT = '3000' } = process.env

const sessions = createSessionManager({ secret: SESSION_SECRET, store: memoryStore() })
const origin = `http://127.0.0.1:${PORT}`
serve({ fetch: didApp({ origin, sessions }).fetch, hostname: '127.0.0.1', port: Number(PORT) }, () => {
  console.log(`${origin} waits for a wallet: npx node examples/did/wallet.ts ${origin}`)
})
