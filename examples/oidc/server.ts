// Sign-in and single sign-out at an OpenID provider. After `npm install && npm run build`:
// SESSION_SECRET=$(openssl rand -base64 32) npx node examples/oidc/server.ts
//
// Without OIDC_ISSUER it starts a provider of its own, one port further: sign in there with any name, then sign out at
// http://localhost:3001/session/end, and come back to the application. With OIDC_ISSUER, register the application there:
// http://localhost:3000/callback, /signed-out and /logout/backchannel, and give OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.
import { serve } from '@hono/node-server'
import { createSessionManager, generateSecret } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { relyingParty } from './app.ts'

const { SESSION_SECRET = '', PORT = '3000', SESSIONS = 'store', OIDC_ISSUER } = process.env
const { OIDC_CLIENT_ID: clientId = 'shop', OIDC_CLIENT_SECRET: clientSecret = generateSecret() } = process.env
const { PROVIDER_PORT = String(Number(PORT) + 1) } = process.env

// In memory, for trying out; see README.md for stores that stay. SESSIONS=sealed keeps sessions in the cookie, and here
// only which of them have ended: within a minute that holds everywhere.
const kept = SESSIONS === 'sealed' ? { revocations: memoryStore() } : { store: memoryStore() }
const sessions = createSessionManager({ secret: SESSION_SECRET, ...kept })

const origin = `http://localhost:${PORT}`
const issuer = OIDC_ISSUER ?? (await ownProvider())
const app = await relyingParty({ origin, issuer, clientId, clientSecret, sessions })

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(PORT) }, () => {
  console.log(`${origin} with the provider ${issuer}`)
})

async function ownProvider(): Promise<string> {
  const { startProvider } = await import('./provider.ts')
  const clients = [{ id: clientId, secret: clientSecret, origin }]
  const provider = await startProvider({ port: Number(PROVIDER_PORT), clients, onError: console.error })
  return provider.issuer
}
