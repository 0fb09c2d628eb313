import { check, same } from './check.ts'
import { HOSTILE, SEPARATORS, VALUES } from './hostile-strings.ts'
import { listed } from './listed.ts'
import { readMany, written } from './records.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

/** Keys that are the same in every run may still be there from the last. */
async function afresh({ store }: StoreTest, keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.delete(key)
}

async function writeAll(t: StoreTest, keys: readonly string[], tags?: (key: string) => string[]) {
  for (const key of keys) await written(t, key, `value of ${key}`, tags?.(key))
}

async function sameValues(t: StoreTest, keys: readonly string[]): Promise<void> {
  const expected = keys.map((key) => `value of ${key}`)
  for (const [i, key] of keys.entries()) {
    same((await t.store.get(key))?.value ?? null, expected[i], `get(${JSON.stringify(key)})`)
  }
  same(
    (await readMany(t.store, keys)).map((record) => record?.value),
    expected,
    'getMany()',
  )
}

export const strings: readonly StoreCase[] = [
  [
    'a value comes back as it was, whatever it looks like',
    async (t) => {
      for (const value of VALUES) {
        const [key, other] = [t.unique(), t.unique()]
        const version = await written(t, key, value)
        same((await t.store.get(key))?.value, value, 'get() after create()')
        same((await readMany(t.store, [key]))[0]?.value, value, 'getMany() after create()')
        const first = await written(t, other, 'first')
        await t.store.update(other, value, { expiresAt: t.in(LONG), version: first })
        same((await t.store.get(other))?.value, value, 'get() after update()')
        check(
          (await t.store.update(key, 'next', { expiresAt: t.in(LONG), version })) !== null,
          'update() is null',
        )
      }
    },
  ],
  [
    'a value of 100 kB comes back whole',
    async (t) => {
      const key = t.unique()
      const value = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(10, '.')).join('')
      const version = await written(t, key, value)
      check((await t.store.get(key))?.value === value, 'get() after create() gives another value')
      await t.store.update(key, `${value}!`, { expiresAt: t.in(LONG), version })
      check((await t.store.get(key))?.value === `${value}!`, 'get() after update() gives another value')
    },
  ],
  [
    'a key may be any string, and is no other key',
    async (t) => {
      await afresh(t, HOSTILE)
      for (const key of HOSTILE)
        same(await t.store.get(key), null, `get(${JSON.stringify(key)}) before create()`)
      await writeAll(t, HOSTILE)
      await sameValues(t, HOSTILE)
      const [deleted, kept] = [HOSTILE.filter((_, i) => i % 2 === 0), HOSTILE.filter((_, i) => i % 2 === 1)]
      await afresh(t, deleted)
      for (const key of deleted)
        same(await t.store.get(key), null, `get(${JSON.stringify(key)}) after delete()`)
      await sameValues(t, kept)
      await afresh(t, kept)
    },
  ],
  [
    'a tag may be any string, and is no other tag',
    async (t) => {
      const keys = new Map(HOSTILE.map((tag) => [tag, t.unique()]))
      for (const [tag, key] of keys) await written(t, key, 'value', [tag])
      for (const [tag, key] of keys) {
        same((await t.store.get(key))?.value, 'value', 'get()')
        if (!t.store.list) continue
        const ours = (await t.store.list(tag)).filter((found) => [...keys.values()].includes(found))
        same(ours, [key], `list(${JSON.stringify(tag)})`)
      }
      for (const [tag, key] of keys) await t.store.delete(key, { tags: [tag] })
    },
  ],
  [
    'a hostile key is listed as it is',
    async (t) => {
      const tag = t.unique('tag')
      await afresh(t, HOSTILE)
      await writeAll(t, HOSTILE, () => [tag])
      await listed(t, tag, HOSTILE, 'list()')
      await sameValues(t, HOSTILE)
      for (const key of HOSTILE) await t.store.delete(key, { tags: [tag] })
      await listed(t, tag, [], 'list() after delete()')
    },
  ],
  [
    'a tag and a key that join to the same text are kept apart',
    async (t) => {
      for (const separator of SEPARATORS) {
        const [a, b, c] = [t.unique('a'), t.unique('b'), t.unique('c')]
        const [short, long] = [b + separator + c + separator, c + separator]
        const [tag, longTag] = [a, a + separator + b]
        const when = `with ${JSON.stringify(separator)} between`
        const version = await written(t, short)
        await written(t, long, 'value', [longTag])
        await listed(t, tag, [], `list() of the short tag ${when}`)
        await listed(t, longTag, [long], `list() of the long tag ${when}`)
        await t.store.update(short, 'value', { expiresAt: t.in(LONG), version, tags: [tag] })
        await t.store.delete(long, { tags: [longTag] })
        await listed(t, tag, [short], `list() of the short tag ${when} after delete() of the other`)
        await listed(t, longTag, [], `list() of the long tag ${when} after delete()`)
      }
    },
  ],
  [
    'a key that is also a tag, or looks like an entry of the index, is a key like any other',
    async (t) => {
      const [tag, key] = [t.unique('tag'), t.unique()]
      const kinds = ['t', 'tag', 'tags', 'i', 'index', 's', 'r']
      const entries = SEPARATORS.flatMap((separator) => [
        [tag, key].join(separator),
        ...kinds.flatMap((kind) => [[kind, tag].join(separator), [kind, tag, key].join(separator)]),
      ])
      const keys = [tag, key, ...entries]
      await writeAll(t, keys, (name) => (name === key ? [tag] : []))
      await sameValues(t, keys)
      await listed(t, tag, [key], 'list()')
      await afresh(
        t,
        keys.filter((name) => name !== key),
      )
      await listed(t, tag, [key], 'list() after delete() of the look-alikes')
      await sameValues(t, [key])
    },
  ],
  [
    'a key or tag of 500 characters is kept whole or refused, never cut',
    async (t) => {
      const long = t.unique().padEnd(499, '.')
      const [one, two] = [`${long}1`, `${long}2`]
      const expiresAt = t.in(LONG)
      for (const key of [one, two]) {
        const version = await t.store.create(key, key, { expiresAt }).catch(() => null)
        same((await t.store.get(key))?.value, version === null ? undefined : key, 'get() of a long key')
      }
      const [first, second] = [t.unique(), t.unique()]
      const tagged = await t.store.create(first, '1', { expiresAt, tags: [one] }).catch(() => null)
      await t.store.create(second, '2', { expiresAt, tags: [two] }).catch(() => null)
      await listed(t, one, tagged === null ? [] : [first], 'list() of a long tag')
    },
  ],
]
