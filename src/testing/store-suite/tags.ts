import { check, same } from './check.ts'
import { listed } from './listed.ts'
import { written } from './records.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

async function updated(
  t: StoreTest,
  key: string,
  version: string,
  tags?: readonly string[],
): Promise<string> {
  const next = await t.store.update(key, 'updated', { expiresAt: t.in(LONG), version, tags })
  check(next !== null, 'update() of the version that is there is null')
  same(await t.store.get(key), { value: 'updated', version: next }, 'get()')
  return next
}

export const tags: readonly StoreCase[] = [
  ['list() of a tag that nothing has is empty', (t) => listed(t, t.unique('tag'), [], 'list() of a new tag')],
  [
    'list() shows a record under each of its tags, once, and under no other',
    async (t) => {
      const [one, two, other] = [t.unique('tag'), t.unique('tag'), t.unique('tag')]
      const key = t.unique()
      await written(t, key, 'value', [one, two, one])
      await listed(t, one, [key], 'list() of its first tag')
      await listed(t, two, [key], 'list() of its second tag')
      await listed(t, other, [], 'list() of another tag')
      same((await t.store.get(key))?.value, 'value', 'get()')
    },
  ],
  [
    'list() shows all the records of a tag',
    async (t) => {
      const tag = t.unique('tag')
      const keys = Array.from({ length: 40 }, () => t.unique())
      await Promise.all(keys.map((key) => written(t, key, 'value', [tag])))
      await listed(t, tag, keys, 'list() of 40 records')
    },
  ],
  [
    'create() of a taken key leaves the tags alone',
    async (t) => {
      const [tag, other, key] = [t.unique('tag'), t.unique('tag'), t.unique()]
      await written(t, key, 'value', [tag])
      same(await t.store.create(key, 'lost', { expiresAt: t.in(LONG), tags: [other] }), null, 'create()')
      await listed(t, tag, [key], 'list() of its tag')
      await listed(t, other, [], 'list() of the tag it was not created with')
    },
  ],
  [
    'update() without tags keeps them, however often',
    async (t) => {
      const [tag, key] = [t.unique('tag'), t.unique()]
      const version = await updated(t, key, await written(t, key, 'value', [tag]))
      await updated(t, key, version)
      await listed(t, tag, [key], 'list() after update()')
      await t.store.delete(key, { tags: [tag] })
      await listed(t, tag, [], 'list() after delete()')
    },
  ],
  [
    'update() with tags replaces them, and with none takes the record out of every list',
    async (t) => {
      const [old, kept, added] = [t.unique('old'), t.unique('kept'), t.unique('added')]
      const key = t.unique()
      const version = await updated(t, key, await written(t, key, 'value', [old, kept]), [kept, added])
      await listed(t, old, [], 'list() of the tag that was left out')
      await listed(t, kept, [key], 'list() of the tag that stayed')
      await listed(t, added, [key], 'list() of the tag that was added')
      await updated(t, key, version, [])
      for (const tag of [old, kept, added]) await listed(t, tag, [], 'list() after update() with no tags')
    },
  ],
  [
    'update() that loses leaves the tags alone',
    async (t) => {
      const [tag, other, key] = [t.unique('tag'), t.unique('tag'), t.unique()]
      const old = await written(t, key, 'value', [tag])
      await updated(t, key, old)
      for (const wrong of [[], [other]]) {
        const lost = await t.store.update(key, 'lost', { expiresAt: t.in(LONG), version: old, tags: wrong })
        same(lost, null, 'update() of an old version')
      }
      await listed(t, tag, [key], 'list() of its tag')
      await listed(t, other, [], 'list() of the tag that lost')
    },
  ],
  [
    'update() of a record that is gone puts nothing into a list',
    async (t) => {
      const [tag, key] = [t.unique('tag'), t.unique()]
      const version = await written(t, key)
      await t.store.delete(key)
      const update = await t.store.update(key, 'undead', { expiresAt: t.in(LONG), version, tags: [tag] })
      same(update, null, 'update() of a deleted record')
      await listed(t, tag, [], 'list() after delete()')
    },
  ],
  [
    'delete() takes a record out of its lists, and one that deletes nothing leaves it there',
    async (t) => {
      const [tag, key, other] = [t.unique('tag'), t.unique(), t.unique()]
      const old = await written(t, key, 'value', [tag])
      await written(t, other, 'value', [tag])
      await updated(t, key, old)
      await t.store.delete(key, { version: old, tags: [tag] })
      await listed(t, tag, [key, other], 'list() after delete() of an old version')
      await t.store.delete(key, { tags: [tag] })
      await listed(t, tag, [other], 'list() after delete()')
      same(await t.store.get(key), null, 'get()')
      await t.store.delete(other)
      await listed(t, tag, [], 'list() after delete() without tags')
    },
  ],
  [
    'create() after delete() is listed under its new tags only',
    async (t) => {
      const [old, tag, key] = [t.unique('old'), t.unique('tag'), t.unique()]
      await written(t, key, 'first', [old])
      await t.store.delete(key, { tags: [old] })
      await written(t, key, 'second', [tag])
      await listed(t, old, [], 'list() of the tag of the deleted record')
      await listed(t, tag, [key], 'list() of the tag it was created with')
    },
  ],
  [
    'create() and update() copy the tags that they are given',
    async (t) => {
      const [tag, other, key] = [t.unique('tag'), t.unique('other'), t.unique()]
      const given = [tag]
      const version = await written(t, key, 'value', given)
      given[0] = other
      await updated(t, key, version)
      await listed(t, tag, [key], 'list() after the array has changed')
      await listed(t, other, [], 'list() of what the array has now')
    },
  ],
]
