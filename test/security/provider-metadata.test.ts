import { expect, test } from 'vitest'
import { CLIENT, network, relyingParty, signingKey, tokensOf } from '../support/logout.ts'

test('metadata of an https issuer names no address of this machine: no request is made to it', async () => {
  for (const host of ['127.0.0.1:6379', 'localhost', '[::1]:8080']) {
    const issuer = `https://op-${crypto.randomUUID()}.test`
    const metadata = `${issuer}/.well-known/openid-configuration`
    const key = await signingKey()
    const asked = network({
      [metadata]: () => ({ issuer, jwks_uri: `http://${host}/keys` }),
      [`http://${host}/keys`]: () => ({ keys: [key.jwk] }),
    })
    const rp = await relyingParty('store', { providers: [{ issuer, clientId: CLIENT }] })
    expect((await rp.post(tokensOf(key, rp.clock)({ claims: { iss: issuer } }))).status).toBe(503)
    expect(asked).toEqual([metadata])
  }
})

test('metadata of an issuer on this machine may: that is development', async () => {
  const issuer = 'http://localhost:4711'
  const metadata = `${issuer}/.well-known/openid-configuration`
  const key = await signingKey()
  const asked = network({
    [metadata]: () => ({ issuer, jwks_uri: `${issuer}/keys` }),
    [`${issuer}/keys`]: () => ({ keys: [key.jwk] }),
  })
  const rp = await relyingParty('store', { providers: [{ issuer, clientId: CLIENT }] })
  expect((await rp.post(tokensOf(key, rp.clock)({ claims: { iss: issuer } }))).status).toBe(200)
  expect(asked).toEqual([metadata, `${issuer}/keys`])
})
