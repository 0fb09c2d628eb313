// A wallet with three names. Beside examples/did/server.ts:
// npx node examples/did/wallet.ts http://127.0.0.1:3000
import { cookieJar } from 'wafer-session/testing'
import { createIdentity, type Kind } from './identity.ts'

const origin = process.argv[2] ?? 'http://127.0.0.1:3000'
const site = { fetch: (request: Request) => fetch(request) }

for (const kind of ['did:key', 'did:jwk', 'jwk-thumbprint'] satisfies Kind[]) {
  const identity = await createIdentity(kind)
  // A browser of its own for each. In life the wallet sends the token to the page that asked, and the page sends it on.
  const browser = cookieJar({ origin })
  const asked = await browser.request(site, '/request', { method: 'POST' })
  const id_token = await identity.sign(await asked.json())
  await browser.request(site, '/response', { method: 'POST', body: new URLSearchParams({ id_token }) })
  const me = await browser.request(site, '/me')
  console.log(me.status, await me.text())
}
