import { describe, expect, test } from 'vitest'
import type { SessionEvent } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { setBy, tokenOf } from './support/bearer.ts'
import { storeManagerOf, storeWith } from './support/store-vector-setting.ts'
import { idVectors, type RecordVector, recordVectors } from './support/store-vectors.ts'
import { bytesOf } from './support/vector-setting.ts'
import { requestWith } from './support/visitor.ts'
import {
  base64url,
  decodeFields,
  encodeFields,
  fromBase64url,
  fromHex,
  hex,
  kidOf,
  openValue,
  sealBytes,
} from './support/wafer1.ts'
import { decodeStored, encodeStored, nextToken, partsOf, signId, userTag } from './support/wafer1-store.ts'
import { watchedStore } from './support/watched-store.ts'

/** What a request with this cookie is told of, and answered with. */
async function present(
  vector: Parameters<typeof storeManagerOf>[0],
  now: number,
  store: Parameters<typeof storeManagerOf>[2],
  cookie: string,
) {
  const events: SessionEvent[] = []
  const onEvent = (event: SessionEvent) => events.push(event)
  const manager = storeManagerOf(vector, now, store, { onEvent })
  const session = await manager.open(requestWith(`${vector.cookieName}=${cookie}`))
  return { manager, session, events }
}

describe.each(idVectors.open)('row 81: the id cookie, version 2, $name', (vector) => {
  const { secrets, taggedUnder, cookieName, handle, token } = vector
  const owner = { secret: bytesOf(secrets[taggedUnder]), cookieName }

  test('is authentic: the store is asked for its handle', async () => {
    const store = watchedStore(memoryStore())
    const { session, events } = await present({ ...vector, options: {} }, Date.now(), store, vector.value)

    expect(session.isNew).toBe(true)
    expect(store.calls()).toEqual(['get'])
    expect(events).toMatchObject([
      { type: 'reject', reason: 'unknown-session', sessionId: base64url(fromHex(handle)) },
    ])
  })

  test('is what a second implementation signs, byte by byte', async () => {
    const { value, key, message, digest, tag, hash } = vector
    expect(await signId(owner, fromHex(handle), fromHex(token))).toEqual({
      value,
      key,
      message,
      digest,
      tag,
      hash,
    })
    expect(hex(await kidOf(owner.secret))).toBe(vector.kid)
    expect(partsOf(fromBase64url(value))).toEqual({ version: 2, kid: vector.kid, handle, token, tag })
    expect(digest).toBe(tag + hash)
    expect(value).toHaveLength(92)
  })

  test('is followed by the token that a second implementation derives', async () => {
    const next = await nextToken(owner, fromHex(handle), fromHex(vector.hash), fromHex(vector.seed))
    expect(hex(next)).toBe(vector.next)
  })
})

test.each(idVectors.refuse)('the id cookie, refused as $reason: $name; no store call', async (vector) => {
  const store = watchedStore(memoryStore())
  const { session, events } = await present({ ...vector, options: {} }, Date.now(), store, vector.value)

  expect(events).toMatchObject([{ type: 'reject', reason: vector.reason }])
  expect(store.calls()).toEqual([])
  expect([session.isNew, session.userId, session.data]).toEqual([true, undefined, {}])
})

/** What the second implementation needs to know of a vector. */
function placeOf({ secrets, sealedUnder, cookieName, storeKey, hour }: RecordVector) {
  return { secret: bytesOf(secrets[sealedUnder]), cookieName, purpose: 'record', storeKey, hour }
}

describe.each(recordVectors.open)('row 81: a record at rest, version 1, $name', (vector) => {
  test('opens, or is refused for its reason', async () => {
    const store = await storeWith(vector.storeKey, vector.value, vector.now)
    const { session, events } = await present(vector, vector.now, store, vector.cookie)
    const shown = vector.reason === null ? vector.session : null
    const refused = [{ type: 'reject', reason: vector.reason, sessionId: vector.storeKey }]

    if (vector.reason !== null) expect(events.slice(0, 1)).toMatchObject(refused)
    else expect(events.filter(({ type }) => type !== 'renew')).toEqual([])
    expect(session.isNew).toBe(shown === null)
    expect([session.userId ?? null, session.data]).toEqual([shown?.userId ?? null, shown?.data ?? {}])
    if (shown === null) return
    expect(session.id).toBe(shown.id)
    expect([session.createdAt, session.authTime ?? null]).toEqual([shown.createdAt, shown.authTime])
    expect([session.amr, session.acr ?? null]).toEqual([shown.amr, shown.acr])
    for (const [key, value] of Object.entries(shown.flash)) expect(session.flash(key)).toEqual(value)
  })

  test('is answered with the token that it says', async () => {
    const store = await storeWith(vector.storeKey, vector.value, vector.now)
    const { manager, session } = await present(vector, vector.now, store, vector.cookie)
    const lines = await manager.commit(session)
    const headers = lines.map((line): [string, string] => ['Set-Cookie', line])
    const value = setBy(new Response('', { headers }), vector.cookieName)

    expect(value && tokenOf(value)).toBe(vector.sent)
    if (value === null) return
    expect(lines[0]?.includes('; Max-Age=')).toBe(vector.session?.remember)
    // Whatever secret the token is of, its tag is the first one's.
    const { handle, token } = partsOf(fromBase64url(value))
    const first = { secret: bytesOf(vector.secrets[0]), cookieName: vector.cookieName }
    expect(value).toBe((await signId(first, fromHex(handle), fromHex(token))).value)
  })

  test('is what a second implementation opens and seals, byte by byte', async () => {
    const place = placeOf(vector)
    const opened = await openValue(vector.value, place)
    const { kid, hour, iv, key, aad, stored, fields } = vector

    expect(opened).toMatchObject({ version: 1, kid, hour, iv, key, aad })
    expect(hex(opened.record)).toBe(vector.content)
    expect(decodeStored(opened.record)).toEqual(stored)
    if (stored.kind === 'live') {
      expect(decodeFields(fromHex(stored.record))).toEqual(fields)
      expect(hex(encodeFields(fields as NonNullable<typeof fields>))).toBe(stored.record)
    }
    expect(hex(encodeStored(stored))).toBe(vector.content)
    expect(await sealBytes(encodeStored(stored), { ...place, iv: fromHex(iv) })).toBe(vector.value)
  })

  test('is known by the hash of its cookie’s token, or by one before or after it', async () => {
    const { secrets, cookieName, stored, cookie, reason, fields } = vector
    if (stored.kind === 'tombstone') {
      expect(reason).not.toBeNull()
      return
    }
    const { handle, token } = partsOf(fromBase64url(cookie))
    const known = new Map<string, string>()
    for (const secret of secrets.map(bytesOf)) {
      const owner = { secret, cookieName }
      const kid = hex(await kidOf(secret))
      known.set(`${kid} ${(await signId(owner, fromHex(handle), fromHex(token))).hash}`, 'hash')
      const next = await nextToken(owner, fromHex(handle), fromHex(stored.hash), fromHex(stored.seed))
      if (hex(next) === token) known.set(`${stored.kid} ${stored.hash}`, 'next')
    }
    const kept = [stored, stored.previous].map((one) => one && known.get(`${one.kid} ${one.hash}`))
    expect(kept.filter(Boolean)).toHaveLength(1)
    expect(fields?.handle).toBe(handle)
  })

  test('a live one of a user is listed under the tag of the first secret at its sign-in', async () => {
    const { secrets, stored, session } = vector
    const tags = await Promise.all(
      secrets.map(async (secret) => hex(await userTag(bytesOf(secret), session?.userId ?? ''))),
    )
    const listed = stored.kind === 'live' ? stored.tags : []
    expect(listed).toHaveLength(session?.userId == null ? 0 : 1)
    expect(tags).toEqual(expect.arrayContaining([...listed]))
  })
})

test.each(recordVectors.refuse)('row 88: a record at rest, $event: $name', async (vector) => {
  const store = await storeWith(vector.storeKey, vector.value, vector.now)
  const opening = present(vector, vector.now, store, vector.cookie)

  if (vector.event === 'store-error') {
    await expect(opening).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', status: 503 })
    expect((await store.get(vector.storeKey))?.value).toBe(vector.value)
    return
  }
  const { manager, session, events } = await opening
  expect(events).toMatchObject([{ type: 'reject', reason: vector.event, sessionId: vector.storeKey }])
  expect([session.isNew, session.userId, session.data]).toEqual([true, undefined, {}])
  expect(await store.get(vector.storeKey)).toBeNull()
  expect(await manager.commit(session)).toEqual([])
})

test('what the library keeps today opens in the second implementation', async () => {
  for (const vector of recordVectors.open.filter(({ session, reason }) => session && reason === null)) {
    const clock = fakeClock(vector.now)
    const store = watchedStore(await storeWith(vector.storeKey, vector.value, vector.now))
    const { manager, session } = await present(vector, clock(), store, vector.cookie)
    session.regenerate()
    await manager.commit(session)
    const value = (await store.dump()).get(session.id)?.value as string
    const { secret } = placeOf({ ...vector, sealedUnder: 0 })
    const { record } = await openValue(value, {
      secret,
      cookieName: vector.cookieName,
      purpose: 'record',
      storeKey: session.id,
    })
    const stored = decodeStored(record)
    const fields = stored.kind === 'live' ? decodeFields(fromHex(stored.record)) : null

    expect(fields?.meta).toEqual(vector.fields?.meta)
    expect(fields?.data).toEqual(vector.fields?.data)
    expect(base64url(fromHex(fields?.handle ?? ''))).toBe(session.id)
  }
})
