import { expect, test } from 'vitest'
import { generateSecret } from 'wafer-session'
import { encode, recordBytes, sealValue } from '../support/format.ts'
import { type AnyData, site } from '../support/site.ts'
import { hex, openValue } from '../support/wafer1.ts'
import { decodeStored, userTag } from '../support/wafer1-store.ts'
import { storeSite } from '../support/watched-store.ts'

const cookieName = '__Host-session'

/** A visitor with a session in a store, and what the store has of it. */
async function kept(oidc?: { iss: string; sub: string; sid: string }) {
  const secret = generateSecret()
  const made = storeSite<AnyData>({ secret })
  const id = await made.visit((session) => {
    session.signIn('u1', { oidc })
    return session.id
  })
  const content = async () => {
    const value = (await made.store.dump()).get(id)?.value as string
    const { record } = await openValue(value, {
      secret: encode(secret),
      cookieName,
      purpose: 'record',
      storeKey: id,
    })
    return decodeStored(record)
  }
  return { ...made, secret, id, content }
}

test('a record at rest says since when its token is the one, what the next is made of, and where it is listed', async () => {
  const [one, other] = [await kept(), await kept()]
  const content = await one.content()
  expect(content).toMatchObject({
    kind: 'live',
    since: Math.floor(one.clock() / 1000),
    previous: null,
    tags: [hex(await userTag(encode(one.secret), 'u1'))],
  })
  const seeds = [content, await other.content()].map((stored) => 'seed' in stored && stored.seed)
  expect(new Set([...seeds, '00'.repeat(16)]).size).toBe(3)
})

test('a record at rest stays listed under each of its tags when it is written again', async () => {
  const { store, id, visit, content } = await kept({ iss: 'https://op.example', sub: 'sub', sid: 'sid' })
  const [tags, before] = [store.places.get(id)?.tags, await content()]
  expect(new Set(tags).size).toBeGreaterThan(2)
  await visit(({ data }) => Object.assign(data, { n: 1 }))
  await visit(({ data }) => Object.assign(data, { n: 2 }))
  expect(store.places.get(id)?.tags).toEqual(tags)
  expect(await content()).toMatchObject({ tags: 'tags' in before && before.tags })
})

test.each<[what: string, content: (at: number) => Uint8Array]>([
  ['neither kind, as long as a tombstone', () => Uint8Array.of(3, 0, 0, 0, 0)],
  ['nothing', () => new Uint8Array()],
  ['a head and no record', () => Uint8Array.from({ length: 66 }, (_, i) => (i === 0 ? 1 : 0))],
  [
    'a record that is taken for a head',
    (at) => recordBytes({ createdAt: at, authTime: at }, '\n{}', new Uint8Array(16).fill(1)),
  ],
])('what is sealed and no record at rest is refused and removed: %s', async (_, contentAt) => {
  const { secret, id, store, clock, events, visit } = await kept()
  const at = clock()
  const { version } = (await store.dump()).get(id) as { version: string }
  const value = await sealValue(contentAt(at), { secret, at, purpose: 'record', storeKey: id })
  expect(await store.update(id, value, { version, expiresAt: at + 1_000_000 })).not.toBeNull()
  events.length = 0
  expect(await visit(({ userId, isNew }) => [userId, isNew])).toEqual([undefined, true])
  expect(events).toMatchObject([{ type: 'reject', reason: 'undecodable', sessionId: id }])
  expect((await store.dump()).has(id)).toBe(false)
})

test.each([null, undefined, 7, 'session', true, {}, Object.create(null)])(
  'commit of %j, which is no session, is a TypeError',
  async (value) => {
    const { manager } = site()
    await expect(manager.commit(value as never)).rejects.toThrow(
      new TypeError('This is no session that this manager opened. Is an await missing before open()?'),
    )
  },
)
