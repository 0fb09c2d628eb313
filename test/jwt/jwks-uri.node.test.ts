import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createTokenIssuer, generateSigningKey } from 'wafer-session/jwt'
import { freePort } from '../support/free-port.ts'
import { expectInvalid, ISSUER, tokens } from '../support/tokens.ts'

const servers: Server[] = []

/** A server of keys on this machine: where its keys are. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
}

function send(response: Response): RequestListener {
  return async (_, out) => {
    out.writeHead(response.status, Object.fromEntries(response.headers))
    out.end(await response.clone().text())
  }
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
})

test('verifyAccessToken reads the keys over HTTP, and the next ones once they sign', async () => {
  const { issuer, token, verify, clock, key, forge } = await tokens()
  let answer = send(issuer.jwks())
  let requests = 0
  const jwksUri = await serve((request, out) => {
    requests += 1
    expect(request.headers.accept).toContain('application/jwk-set+json')
    answer(request, out)
  })
  const issued = await token()
  expect(await verify(issued, { jwksUri })).toMatchObject({ sub: 'u1' })
  expect(await verify(issued, { jwksUri })).toMatchObject({ sub: 'u1' })
  expect(requests).toBe(1)

  const next = await generateSigningKey()
  const signed = await forge({ header: { kid: next.kid }, key: next })
  answer = send(createTokenIssuer({ issuer: ISSUER, keys: [next, key], clock }).jwks())
  expect(await verify(signed, { jwksUri })).toMatchObject({ sub: 'u1' })
  const unknown = await generateSigningKey()
  await expectInvalid(verify(await forge({ header: { kid: unknown.kid }, key: unknown }), { jwksUri }))
  expect(requests).toBe(2)
})

test('verifyAccessToken asks once for many who wait for the same keys', async () => {
  const { issuer, token, verify } = await tokens()
  let requests = 0
  const jwksUri = await serve((request, out) => {
    requests += 1
    setTimeout(() => send(issuer.jwks())(request, out), 50)
  })
  const issued = await token()
  const all = await Promise.all(Array.from({ length: 50 }, () => verify(issued, { jwksUri })))
  expect(all.map(({ sub }) => sub)).toEqual(Array(50).fill('u1'))
  expect(requests).toBe(1)
})

test('verifyAccessToken follows no redirect, though the keys behind it are right', async () => {
  const { issuer, token, verify } = await tokens()
  const target = await serve(send(issuer.jwks()))
  const jwksUri = await serve((_, out) => out.writeHead(302, { Location: target }).end())
  const issued = await token()
  await expect(verify(issued, { jwksUri })).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS', status: 503 })
  expect(await verify(issued, { jwksUri: target })).toMatchObject({ sub: 'u1' })
})

test('verifyAccessToken says 503 when nobody listens', async () => {
  const { token, verify } = await tokens()
  const jwksUri = `http://127.0.0.1:${await freePort()}/jwks`
  await expect(verify(await token(), { jwksUri })).rejects.toMatchObject({
    code: 'ERR_TOKEN_KEYS',
    status: 503,
  })
})

test.each([
  ['never answers', () => {}],
  ['stops in the middle', (_, out) => out.writeHead(200).write('{"keys":[')],
] as [string, RequestListener][])(
  'verifyAccessToken gives up on an endpoint that %s',
  async (_, listener) => {
    const { token, verify } = await tokens()
    const jwksUri = await serve(listener)
    const started = performance.now()
    const refused = verify(await token(), { jwksUri, timeout: 1 })
    await expect(refused).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS', status: 503 })
    expect(performance.now() - started).toBeLessThan(4000)
  },
)

test('verifyAccessToken stops reading an endless answer', async () => {
  const { token, verify } = await tokens()
  let sent = 0
  const jwksUri = await serve((_, out) => {
    const more = () => {
      while (!out.destroyed && out.write('x'.repeat(65_536))) sent += 65_536
    }
    out.on('drain', more)
    out.writeHead(200)
    more()
  })
  await expect(verify(await token(), { jwksUri })).rejects.toMatchObject({ code: 'ERR_TOKEN_KEYS' })
  expect(sent).toBeLessThan(20_000_000)
})
