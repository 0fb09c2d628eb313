import { check, same } from './check.ts'
import { listed } from './listed.ts'
import { readMany, written } from './records.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

/** Seconds. As short as can be where it has to be waited for. */
const lifetime = ({ exact }: StoreTest) => (exact ? 60 : 0.5)

async function shortLived(t: StoreTest, key: string, tags?: readonly string[]) {
  const expiresAt = t.in(lifetime(t))
  const version = await t.store.create(key, 'brief', { expiresAt, tags })
  check(version !== null, 'create() of an absent key is null')
  return { expiresAt, version }
}

export const expiry: readonly StoreCase[] = [
  [
    'get() and getMany() give a record until its expiresAt, and null from then on',
    async (t) => {
      const [key, lasting] = [t.unique(), t.unique()]
      await written(t, lasting, 'lasting')
      const { expiresAt, version } = await shortLived(t, key)
      if (t.exact) await t.until(expiresAt - 500)
      const early = await t.store.get(key)
      // A slow machine may have reached the end by now.
      if (t.now() < expiresAt) same(early, { value: 'brief', version }, 'get() before expiresAt')
      await t.until(expiresAt)
      same(await t.store.get(key), null, 'get() at expiresAt')
      const values = (await readMany(t.store, [key, lasting])).map((record) => record?.value ?? null)
      same(values, [null, 'lasting'], 'getMany() at expiresAt')
    },
  ],
  [
    'update() of an expired record is null, and does not resurrect it',
    async (t) => {
      const key = t.unique()
      const { expiresAt, version } = await shortLived(t, key)
      await t.until(expiresAt)
      same(await t.store.update(key, 'undead', { expiresAt: t.in(LONG), version }), null, 'update()')
      same(await t.store.get(key), null, 'get()')
      await t.store.delete(key, { version })
    },
  ],
  [
    'create() of an expired key inserts again, and nothing of the old record counts',
    async (t) => {
      const [key, old, tag] = [t.unique(), t.unique('old'), t.unique('tag')]
      const { expiresAt, version } = await shortLived(t, key, [old])
      await t.until(expiresAt)
      const next = await written(t, key, 'again', [tag])
      same(await t.store.update(key, 'lost', { expiresAt: t.in(LONG), version }), null, 'update()')
      await t.store.delete(key, { version })
      same(await t.store.get(key), { value: 'again', version: next }, 'get()')
      await listed(t, old, [], 'list() of the tag of the expired record')
      await listed(t, tag, [key], 'list() of the new tag')
    },
  ],
  [
    'update() moves expiresAt, later and earlier, also in list()',
    async (t) => {
      const [later, earlier, tag] = [t.unique(), t.unique(), t.unique('tag')]
      const { expiresAt, version } = await shortLived(t, later, [tag])
      const other = await written(t, earlier, 'long', [tag])
      check(
        (await t.store.update(later, 'long', { expiresAt: t.in(LONG), version })) !== null,
        'update() is null',
      )
      check(
        (await t.store.update(earlier, 'brief', { expiresAt, version: other })) !== null,
        'update() is null',
      )
      await t.until(expiresAt)
      same((await t.store.get(later))?.value, 'long', 'get() of what was prolonged')
      same(await t.store.get(earlier), null, 'get() of what was shortened')
      await listed(t, tag, [later], 'list()')
    },
  ],
  [
    'list() does not show a record from its expiresAt on',
    async (t) => {
      const [key, lasting, tag] = [t.unique(), t.unique(), t.unique('tag')]
      await written(t, lasting, 'lasting', [tag])
      const { expiresAt } = await shortLived(t, key, [tag])
      await t.until(expiresAt)
      same(await t.store.get(key), null, 'get() at expiresAt')
      await listed(t, tag, [lasting], 'list() at expiresAt')
    },
  ],
  [
    'a record that is born expired is not there',
    async (t) => {
      const [key, tag] = [t.unique(), t.unique('tag')]
      await t.store.create(key, 'late', { expiresAt: t.in(-1), tags: [tag] })
      same(await t.store.get(key), null, 'get()')
      await listed(t, tag, [], 'list()')
    },
  ],
]
