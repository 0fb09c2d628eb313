import { check, same, sameMembers } from './check.ts'
import { written } from './records.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

/** Where there is no index, the tests still show that tags do no harm. */
async function listed(t: StoreTest, tag: string, expected: readonly string[], when: string): Promise<void> {
  const { index } = t.store.capabilities
  if (typeof index === 'object' && t.exact && index.staleFor < LONG / 10) {
    await t.until(t.in(index.staleFor)) // From then on a list is no longer old.
  }
  if (t.store.list) sameMembers(await t.store.list(tag), expected, `list() ${when}`)
}

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
  ['list() of a tag that nothing has is empty', (t) => listed(t, t.unique('tag'), [], 'of a new tag')],
  [
    'list() shows a record under each of its tags, once, and under no other',
    async (t) => {
      const [one, two, other] = [t.unique('tag'), t.unique('tag'), t.unique('tag')]
      const key = t.unique()
      await written(t, key, 'value', [one, two, one])
      await listed(t, one, [key], 'of its first tag')
      await listed(t, two, [key], 'of its second tag')
      await listed(t, other, [], 'of another tag')
      same((await t.store.get(key))?.value, 'value', 'get()')
    },
  ],
  [
    'list() shows all the records of a tag',
    async (t) => {
      const tag = t.unique('tag')
      const keys = Array.from({ length: 40 }, () => t.unique())
      await Promise.all(keys.map((key) => written(t, key, 'value', [tag])))
      await listed(t, tag, keys, 'of 40 records')
    },
  ],
  [
    'create() of a taken key leaves the tags alone',
    async (t) => {
      const [tag, other, key] = [t.unique('tag'), t.unique('tag'), t.unique()]
      await written(t, key, 'value', [tag])
      same(await t.store.create(key, 'lost', { expiresAt: t.in(LONG), tags: [other] }), null, 'create()')
      await listed(t, tag, [key], 'of its tag')
      await listed(t, other, [], 'of the tag it was not created with')
    },
  ],
  [
    'update() without tags keeps them, however often',
    async (t) => {
      const [tag, key] = [t.unique('tag'), t.unique()]
      const version = await updated(t, key, await written(t, key, 'value', [tag]))
      await updated(t, key, version)
      await listed(t, tag, [key], 'after update()')
      await t.store.delete(key, { tags: [tag] })
      await listed(t, tag, [], 'after delete()')
    },
  ],
  [
    'update() with tags replaces them, and with none takes the record out of every list',
    async (t) => {
      const [old, kept, added] = [t.unique('old'), t.unique('kept'), t.unique('added')]
      const key = t.unique()
      const version = await updated(t, key, await written(t, key, 'value', [old, kept]), [kept, added])
      await listed(t, old, [], 'of the tag that was left out')
      await listed(t, kept, [key], 'of the tag that stayed')
      await listed(t, added, [key], 'of the tag that was added')
      await updated(t, key, version, [])
      for (const tag of [old, kept, added]) await listed(t, tag, [], 'after update() with no tags')
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
      await listed(t, tag, [key], 'of its tag')
      await listed(t, other, [], 'of the tag that lost')
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
      await listed(t, tag, [], 'after delete()')
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
      await listed(t, tag, [key, other], 'after delete() of an old version')
      await t.store.delete(key, { tags: [tag] })
      await listed(t, tag, [other], 'after delete()')
      same(await t.store.get(key), null, 'get()')
      await t.store.delete(other)
      await listed(t, tag, [], 'after delete() without tags')
    },
  ],
  [
    'create() after delete() is listed under its new tags only',
    async (t) => {
      const [old, tag, key] = [t.unique('old'), t.unique('tag'), t.unique()]
      await written(t, key, 'first', [old])
      await t.store.delete(key, { tags: [old] })
      await written(t, key, 'second', [tag])
      await listed(t, old, [], 'of the tag of the deleted record')
      await listed(t, tag, [key], 'of the tag it was created with')
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
      await listed(t, tag, [key], 'after the array has changed')
      await listed(t, other, [], 'of what the array has now')
    },
  ],
]
