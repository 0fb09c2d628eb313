import { expect, test } from 'vitest'
import { postOf, relyingParty } from '../support/logout.ts'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }
const ADDRESS = 'https://shop.test/logout/backchannel'

test('backchannelLogout answers anything but POST with 405 and Allow', async () => {
  const { logout, signIn, whose, token } = await relyingParty('store')
  const cookie = await signIn()
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
    const response = await logout(new Request(`${ADDRESS}?logout_token=${await token()}`, { method }))
    expect([method, response.status]).toEqual([method, 405])
    expect(response.headers.get('Allow')).toBe('POST')
    expect(response.headers.get('Cache-Control')).toBe('no-store')
  }
  expect(await whose(cookie)).toBe('alice')
})

test('backchannelLogout refuses a body that is no form, or has no token', async () => {
  const { logout, signIn, whose, token } = await relyingParty('store')
  const cookie = await signIn()
  const good = await token()
  const multipart = new FormData()
  multipart.set('logout_token', good)
  const bodies: RequestInit[] = [
    { body: JSON.stringify({ logout_token: good }), headers: { 'Content-Type': 'application/json' } },
    { body: `logout_token=${good}`, headers: { 'Content-Type': 'text/plain' } },
    { body: good, headers: { 'Content-Type': 'application/logout+jwt' } },
    { body: new TextEncoder().encode(`logout_token=${good}`) },
    { body: multipart },
    { body: good, headers: FORM },
    { body: `logoutToken=${good}`, headers: FORM },
    { body: '', headers: FORM },
    { headers: FORM },
    { body: 'logout_token=', headers: FORM },
    { body: new Uint8Array([...new TextEncoder().encode('logout_token='), 0xff, 0xfe]), headers: FORM },
    { body: `%=%&logout_token=%zz`, headers: FORM },
  ]
  for (const init of bodies) {
    const response = await logout(new Request(ADDRESS, { method: 'POST', ...init }))
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
  }
  expect(await whose(cookie)).toBe('alice')
})

test('backchannelLogout reads no more than 64 KB of a body, however long it says it is', async () => {
  const { logout, token } = await relyingParty('store')
  const good = await token()
  const said = new Request(ADDRESS, { method: 'POST', headers: FORM, body: 'x'.repeat(1_048_576) })
  const response = await logout(said)
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ error: 'invalid_request' })

  const long = postOf(good, { 'Content-Length': '65537' })
  expect((await logout(long)).status).toBe(413)
  expect(long.bodyUsed).toBe(false)

  let sent = 0
  let isCancelled = false
  const endless = new ReadableStream<Uint8Array>({
    cancel() {
      isCancelled = true
    },
    pull(controller) {
      sent += 16_384
      controller.enqueue(
        new TextEncoder().encode(sent === 16_384 ? `logout_token=${good}&x=` : 'x'.repeat(16_384)),
      )
    },
  })
  const init = { method: 'POST', headers: FORM, body: endless, duplex: 'half' }
  expect((await logout(new Request(ADDRESS, init as RequestInit))).status).toBe(413)
  expect(sent).toBeLessThan(200_000)
  expect(isCancelled).toBe(true)
})

test('backchannelLogout takes what is just short enough', async () => {
  const { logout, token } = await relyingParty('store')
  const start = `logout_token=${await token()}&x=`
  const body = start + 'x'.repeat(65_536 - start.length)
  expect((await logout(new Request(ADDRESS, { method: 'POST', headers: FORM, body }))).status).toBe(200)
})

test('backchannelLogout answers 400 to a client that goes away in the middle', async () => {
  const { logout } = await relyingParty('store')
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('logout_token=x'))
    },
    pull(controller) {
      controller.error(new Error('gone'))
    },
  })
  const init = { method: 'POST', headers: FORM, body: broken, duplex: 'half' }
  expect((await logout(new Request(ADDRESS, init as RequestInit))).status).toBe(400)
})

test('backchannelLogout wants no cookie and no Origin, and minds none', async () => {
  const { logout, token, signIn, whose } = await relyingParty('store')
  const [own, other] = [await signIn(), await signIn({ iss: 'https://op.test', sub: 'bob' })]
  const request = postOf(await token(), { Cookie: other, Origin: 'https://evil.test' })
  const response = await logout(request)
  expect(response.status).toBe(200)
  expect(response.headers.getSetCookie()).toEqual([])
  expect(await whose(own)).toBeUndefined()
  expect(await whose(other)).toBe('bob')
})

test('backchannelLogout tells the application that something else has read the body', async () => {
  const { logout, token } = await relyingParty('store')
  const request = postOf(await token())
  await request.text()
  await expect(logout(request)).rejects.toThrow(/read before/)
})
