import { describe, expect, test } from 'vitest'
import { createSessionManager, generateSecret } from 'wafer-session'
import { type FrontchannelLogoutOptions, frontchannelLogout } from 'wafer-session/oidc'
import { ALICE, halfSignedIn, ISSUER, MODES, type Mode, relyingParty } from '../support/logout.ts'

const ADDRESS = 'https://shop.test/logout/frontchannel'
const OTHER = 'https://other.test'
const BOB = { iss: ISSUER, sub: 'bob', sid: 's-bob' }

async function framed(mode: Mode, change: Parameters<typeof relyingParty>[1] = {}) {
  const rp = await relyingParty(mode, change)
  const logout = frontchannelLogout({ issuer: [`${ISSUER}`, `${OTHER}/realm`], sessions: rp.manager })
  return {
    ...rp,
    /** As a frame loads it. */
    frame: (query: Record<string, string> | string = {}, cookie = '') =>
      logout(
        new Request(`${ADDRESS}?${new URLSearchParams(query)}`, {
          headers: { 'Sec-Fetch-Site': 'cross-site', ...(cookie !== '' && { Cookie: cookie }) },
        }),
      ),
    logout,
  }
}

const asked = { iss: ALICE.iss, sid: ALICE.sid as string }

describe.each(MODES)('row F2: frontchannelLogout with %s', (mode: Mode) => {
  test('ends the session with the iss and sid, without any cookie, and no other', async () => {
    const { frame, signIn, whose } = await framed(mode)
    const [one, bob, elsewhere] = [await signIn(), await signIn(BOB), await signIn({ ...ALICE, iss: OTHER })]
    const response = await frame(asked)
    expect(response.status).toBe(200)
    expect(response.headers.getSetCookie()).toEqual([])
    expect(await response.text()).toBe('')
    expect(await whose(one)).toBeUndefined()
    expect(await whose(bob)).toBe('bob')
    expect(await whose(elsewhere)).toBe('alice')
  })

  test('clears the cookie too, where one comes that is meant', async () => {
    const { frame, signIn, whose } = await framed(mode)
    const [one, bob] = [await signIn(), await signIn(BOB)]
    expect((await frame(asked, bob)).headers.getSetCookie()).toEqual([])
    expect(await whose(bob)).toBe('bob')

    const two = await signIn()
    expect((await frame(asked, two)).headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')])
    expect(await whose(one)).toBeUndefined()
    expect(await whose(two)).toBeUndefined()
  })

  test('without iss and sid ends what the cookie opens, half a sign-in too, and else nothing', async () => {
    const { frame, signIn, whose, manager } = await framed(mode)
    const [one, bob, half] = [await signIn(), await signIn(BOB), await signIn(BOB, { pending: true })]
    expect((await frame()).status).toBe(200)
    for (const cookie of [one, half]) {
      const response = await frame({}, cookie)
      expect(response.headers.getSetCookie()).toEqual([expect.stringContaining('Max-Age=0')])
    }
    expect(await whose(one)).toBeUndefined()
    expect(await whose(bob)).toBe('bob')
    if (mode === 'store') expect(await halfSignedIn(manager, half)).toBeUndefined()
  })

  test('without iss and sid ends nothing for a link, with which a Lax cookie comes along', async () => {
    const { logout, signIn, whose } = await framed(mode)
    const cookie = await signIn()
    const ask = (dest: string) =>
      logout(new Request(ADDRESS, { headers: { Cookie: cookie, 'Sec-Fetch-Dest': dest } }))
    for (const dest of ['document', 'empty', 'image']) {
      const response = await ask(dest)
      expect([response.status, response.headers.getSetCookie()]).toEqual([400, []])
    }
    expect(await whose(cookie)).toBe('alice')
    expect((await ask('iframe')).status).toBe(200)
    expect(await whose(cookie)).toBeUndefined()
  })

  test('without iss and sid leaves sessions that came from elsewhere', async () => {
    const { frame, signIn, whose } = await framed(mode)
    const cookie = await signIn({ ...ALICE, iss: OTHER })
    expect((await frame({}, cookie)).headers.getSetCookie()).toEqual([])
    expect(await whose(cookie)).toBe('alice')
  })

  test('refuses iss without sid, sid without iss, several, empty ones and other issuers, and ends nothing', async () => {
    const { frame, signIn, whose } = await framed(mode)
    const cookie = await signIn()
    const { iss, sid } = asked
    for (const query of [
      { iss },
      { sid },
      { iss: OTHER, sid },
      { iss: '', sid },
      { iss, sid: '' },
      { iss, sid: 'x'.repeat(1025) },
      `iss=${iss}&sid=${sid}&sid=${sid}`,
      `iss=${iss}&iss=${iss}&sid=${sid}`,
    ]) {
      const response = await frame(query, cookie)
      expect(response.status).toBe(400)
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect(await whose(cookie)).toBe('alice')
  })
})

describe('row F2: frontchannelLogout', () => {
  test('may be framed by its issuers only, runs nothing, and is kept by nobody', async () => {
    const { frame, signIn } = await framed('store')
    for (const response of [await frame(asked), await frame({}, await signIn()), await frame({ sid: 'x' })]) {
      expect(response.headers.get('Content-Security-Policy')).toBe(
        `default-src 'none'; frame-ancestors ${ISSUER} ${OTHER}`,
      )
      expect(response.headers.get('Cache-Control')).toBe('no-store')
    }
  })

  test('answers anything but GET with 405', async () => {
    const { logout, signIn, whose } = await framed('store')
    const cookie = await signIn()
    for (const method of ['POST', 'HEAD', 'DELETE']) {
      const response = await logout(new Request(`${ADDRESS}?${new URLSearchParams(asked)}`, { method }))
      expect(response.status).toBe(405)
      expect(response.headers.get('Allow')).toBe('GET')
    }
    expect(await whose(cookie)).toBe('alice')
  })

  test('answers 503 when the store is down, and ends the session later', async () => {
    let isDown = false
    const { frame, signIn, whose } = await framed('store', {
      change: (store) => ({
        list: async (tag) => {
          if (isDown) throw new Error('down')
          return (await store.list?.(tag)) ?? []
        },
      }),
    })
    const cookie = await signIn()
    isDown = true
    const response = await frame(asked, cookie)
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('5')
    isDown = false
    expect((await frame(asked)).status).toBe(200)
    expect(await whose(cookie)).toBeUndefined()
  })

  test('refuses a manager with sealed cookies alone, and wrong options', async () => {
    const sessions = createSessionManager({ secret: generateSecret() })
    expect(() => frontchannelLogout({ issuer: ISSUER, sessions })).toThrow(/sealed cookies alone/)
    const { manager } = await relyingParty('store')
    for (const options of [
      { issuer: '' },
      { issuer: [] },
      { issuer: 'http://op.test' },
      { issuer: 'op.test' },
      { issuer: ISSUER, sid: 'x' },
      { issuer: ISSUER, sessions: undefined },
    ]) {
      const wrong = { sessions: manager, ...options } as unknown as FrontchannelLogoutOptions
      expect(() => frontchannelLogout(wrong)).toThrow(TypeError)
    }
  })
})
