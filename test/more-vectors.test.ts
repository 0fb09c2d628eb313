import { describe, expect, test } from 'vitest'
import { createSessionManager, type SessionManagerOptions, type SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { type MoreVector, moreVectors, type StateVector, type TagVector } from './support/more-vectors.ts'
import { bytesOf, managerOf } from './support/vector-setting.ts'
import type { VectorSecret } from './support/vectors.ts'
import { cookieValue, requestWith, visitWith } from './support/visitor.ts'
import {
  decodeFields,
  base64url as encoded,
  encodeFields,
  fromHex,
  hex,
  openValue,
  recordBytes,
  sealBytes,
} from './support/wafer1.ts'
import { decodeState, decodeStored, encodeState, tagOf } from './support/wafer1-store.ts'
import { watchedStore } from './support/watched-store.ts'

const OIDC = { iss: 'https://op.example', sub: 'j\u00fcrgen', sid: 'f81d4fae-7dec' }

function secretsOf(secrets: readonly VectorSecret[]) {
  return secrets.map((secret) => ('utf8' in secret ? secret.utf8 : bytesOf(secret)))
}

function sealOf({ secrets, cookieName, hour }: MoreVector) {
  return { secret: bytesOf(secrets[0]), cookieName, hour }
}

describe.each(moreVectors.open)('row 81: position 5 of meta, $name', (vector) => {
  test('opens, and gives what it holds', async () => {
    const { userId, pending, oidc, challenges } = vector.shown
    const session = await managerOf(vector).open(requestWith(vector.cookie))

    expect([session.userId ?? null, session.pending ?? null]).toMatchObject([userId, pending])
    expect(session.oidc ?? null).toEqual(oidc)
    for (const [purpose, value] of Object.entries(challenges)) {
      expect(await session.challenge.take(purpose)).toEqual({ value, singleUse: false })
    }
  })

  test('is what a second implementation opens and seals, byte by byte', async () => {
    const opened = await openValue(vector.value, sealOf(vector))
    const { kid, hour, iv, key, aad, record, fields } = vector

    expect(opened).toMatchObject({ version: 1, kid, hour, iv, key, aad })
    expect(hex(opened.record)).toBe(record)
    expect(decodeFields(opened.record)).toEqual(fields)
    expect(hex(encodeFields(fields))).toBe(record)
    expect(await sealBytes(encodeFields(fields), { ...sealOf(vector), iv: fromHex(iv) })).toBe(vector.value)
  })

  test('is written again as it was', async () => {
    const cookie = await visitWith(managerOf(vector), vector.cookie, (session) => session.regenerate())
    const { record } = await openValue(cookieValue(cookie), sealOf(vector))
    expect(decodeFields(record).meta).toEqual(vector.fields.meta)
  })
})

test.each(moreVectors.refuse)('position 5 of meta, refused as $reason: $name', async (vector) => {
  const events: unknown[] = []
  const manager = managerOf(vector, { onEvent: (event) => events.push(event) })
  const session = await manager.open(requestWith(vector.cookie))

  expect(events).toMatchObject([{ type: 'reject', reason: vector.reason }])
  expect([session.isNew, session.userId, session.pending]).toEqual([true, undefined, undefined])
})

test('what is refused differs from what opens by its position 5 alone', async () => {
  const [vector] = moreVectors.open
  const { cookieName, secrets } = moreVectors.refuse[0] as (typeof moreVectors.refuse)[0]
  const fields = vector?.fields as MoreVector['fields']
  const seal = { secret: bytesOf(secrets[0]), cookieName, hour: vector?.hour ?? 0 }
  const value = await sealBytes(
    recordBytes(fields, '["u1",null,null,null,null,{"zz":[1],"o":["a","b"]}]\n{}'),
    seal,
  )
  const session = await managerOf(vector as MoreVector).open(requestWith(`${cookieName}=${value}`))
  expect([session.userId, session.oidc]).toEqual(['u1', { iss: 'a', sub: 'b' }])
})

describe.each(moreVectors.state)('row 81: what is kept on the server, $name', (vector) => {
  const { purpose, names, storeKey, state, now, cookieName, secrets } = vector
  const owner = bytesOf(secrets[vector.sealedUnder])

  async function opened(given?: SessionStore) {
    const kept = watchedStore(given ?? (await storeFor(vector)))
    const [clock, secret] = [fakeClock(now), secretsOf(secrets)]
    const manager = createSessionManager({ secret, cookie: { name: cookieName }, store: kept, clock })
    return { kept, state: manager.serverState(purpose) }
  }

  test('is read, but where it has gone', async () => {
    const found = await (await opened()).state.get(names)
    if (state.hasMoved) expect(found).toBeNull()
    else expect(found).toMatchObject({ value: state.value, expiresAt: state.expiresAt })
  })

  test('is what a second implementation reads and writes, byte by byte', async () => {
    const { hour, iv, content, value } = vector
    const place = { secret: owner, cookieName, purpose: 'record', storeKey, hour }
    const { record } = await openValue(value, place)

    expect(encoded(await tagOf(owner, 'state', cookieName, purpose, ...names))).toBe(storeKey)
    expect(hex(record)).toBe(content)
    expect(decodeState(record)).toEqual(state)
    expect(hex(encodeState(state))).toBe(content)
    expect(await sealBytes(encodeState(state), { ...place, iv: fromHex(iv) })).toBe(value)
  })

  test('is written so by the library, where the first secret names it', async () => {
    const store = memoryStore({ clock: fakeClock(now) })
    const { kept, state: written } = await opened(store)
    await written.create(names, state.value, { expiresAt: state.expiresAt })
    const key = encoded(await tagOf(bytesOf(secrets[0]), 'state', cookieName, purpose, ...names))
    expect(state.movedTo ?? storeKey).toBe(key)
    const place = { secret: bytesOf(secrets[0]), cookieName, purpose: 'record', storeKey: key }
    const { record } = await openValue((await kept.dump()).get(key)?.value as string, place)
    expect(decodeState(record)).toEqual({ expiresAt: state.expiresAt, value: state.value })
  })

  test('goes on under the first secret alone: the old key is closed', async () => {
    const { kept, state: read } = await opened()
    await read.get(names)
    // What is written anew is sealed under the first secret, whatever secret its key is of.
    const secret = state.hasMoved === false ? bytesOf(secrets[0]) : owner
    const place = { secret, cookieName, purpose: 'record', storeKey }
    const left = decodeState((await openValue((await kept.get(storeKey))?.value as string, place)).record)
    const { expiresAt, movedTo } = state
    expect(left).toEqual(movedTo === undefined ? state : { expiresAt, value: null, movedTo, hasMoved: true })
    if (movedTo !== undefined) expect((await kept.get(movedTo)) === null).toBe(state.hasMoved)
  })
})

async function storeFor({ storeKey, value, now }: StateVector) {
  const store = memoryStore({ clock: fakeClock(now) })
  await store.create(storeKey, value, { expiresAt: now + 60_000 })
  return store
}

describe('row 81: tags', () => {
  const { now, secrets, cookieName } = moreVectors.listed[0] as TagVector

  /** What a store has after this. */
  async function stored(act: 'signs in' | 'signs in by half'): Promise<string[]> {
    const store = watchedStore(memoryStore({ clock: fakeClock(now) }))
    const clock = fakeClock(now)
    const manager = createSessionManager({
      secret: secretsOf(secrets),
      cookie: { name: cookieName },
      store,
      clock,
    })
    await visitWith(manager, '', (session) => {
      session.signIn('u1', { oidc: OIDC, pending: act === 'signs in by half' })
    })
    const [[storeKey, { value }] = ['', { value: '' }]] = [...(await store.dump())]
    const place = { secret: bytesOf(secrets[0]), cookieName, purpose: 'record', storeKey }
    const content = decodeStored((await openValue(value, place)).record)
    const tags = content.kind === 'live' ? content.tags.map((tag) => encoded(fromHex(tag))) : []
    expect(store.places.get(storeKey)?.tags).toEqual(tags)
    return tags
  }

  test.each(['signs in', 'signs in by half'] as const)('whoever %s is listed under these', async (act) => {
    expect(await stored(act)).toEqual(moreVectors.listed.map(({ tag }) => tag))
  })

  test.each([...moreVectors.listed, ...moreVectors.marks])(
    'a second implementation makes the tag of $name: $names',
    async ({ names, tag }) => {
      expect(encoded(await tagOf(bytesOf(secrets[0]), ...names))).toBe(tag)
    },
  )
})

describe('row 81: marks', () => {
  const { now, secrets, cookieName } = moreVectors.marks[0] as TagVector
  const HANDLE = 'AAECAwQFBgcICQoLDA0ODw'
  const seconds = Math.floor(now / 1000)

  function manager(store: SessionManagerOptions['store'], options: Partial<SessionManagerOptions> = {}) {
    return createSessionManager({
      secret: secretsOf(secrets),
      cookie: { name: cookieName },
      revocations: store,
      clock: fakeClock(now),
      ...options,
    })
  }

  /** The cookie of `u1`, who came from the provider, with the handle of the vectors. */
  async function cookie(): Promise<string> {
    const times = { createdAt: seconds, lastSeenAt: seconds, authTime: now }
    const ends = { idleExpiresAt: seconds + 1800, absoluteExpiresAt: seconds + 86_400 }
    const { iss, sub, sid } = OIDC
    const meta = ['u1', null, null, null, null, { o: [iss, sub, sid] }]
    const record = encodeFields({
      handle: '000102030405060708090a0b0c0d0e0f',
      ...times,
      ...ends,
      meta,
      data: {},
    })
    const hour = Math.floor(now / 3_600_000)
    return `${cookieName}=${await sealBytes(record, { secret: bytesOf(secrets[0]), cookieName, hour })}`
  }

  test.each(moreVectors.marks)('$name: written so by the library', async ({ names, tag, mark }) => {
    const store = watchedStore(memoryStore({ clock: fakeClock(now) }))
    const [kind, , first = '', second = '', asked] = names
    const { users } = manager(store)
    if (kind === 'user') await users.revokeAll(first)
    else if (kind === 'oidc-sid') await users.revokeFederated({ iss: first, sid: second })
    else if (kind === 'oidc-sub') await users.revokeFederated({ iss: first, sub: second })
    else if (asked === undefined) await users.revoke(HANDLE, first)
    else {
      const monitor = { assess: () => ({ risk: 1, action: 'stepUp' as const }) }
      await manager(store, { monitor }).open(requestWith(await cookie()))
    }
    const dump = [...(await store.dump())].map(([key, { value }]) => [key, value])
    expect(dump).toEqual([[tag, mark]])
  })

  test.each(moreVectors.marks)('$name: obeyed by the library', async ({ names, tag, mark }) => {
    const store = memoryStore({ clock: fakeClock(now) })
    const monitor = { assess: () => ({ risk: 0, action: 'allow' as const }) }
    expect((await manager(store, { monitor }).open(requestWith(await cookie()))).userId).toBe('u1')
    await store.create(tag, mark as string, { expiresAt: now + 60_000 })
    const session = await manager(store, { monitor }).open(requestWith(await cookie()))
    expect(session.userId).toBeUndefined()
    expect(session.pending?.userId).toBe(names.at(-1) === 'step-up' ? 'u1' : undefined)
  })
})
