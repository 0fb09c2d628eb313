import type { SessionStore, StoredValue } from '../../store.ts'
import { check, same } from './check.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

/** Written and acknowledged. @returns Its version. */
export async function written(
  { store, in: from }: StoreTest,
  key: string,
  value = 'value',
  tags?: readonly string[],
): Promise<string> {
  const version = await store.create(key, value, { expiresAt: from(LONG), tags })
  const given = typeof version === 'string' && version !== ''
  check(given, `create() of the absent key ${JSON.stringify(key)} gives no version`)
  return version
}

/** By `getMany` where the store has it. */
export function readMany(store: SessionStore, keys: readonly string[]): Promise<(StoredValue | null)[]> {
  return store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key)))
}

/** Nobody's version, and some that a careless protocol would choke on. */
const STRANGE_VERSIONS = ['', '0', '-1', 'nonsense', 'a b\r\n', '99999999999999999999']

export const records: readonly StoreCase[] = [
  [
    'get() of what was never written is null',
    async (t) => same(await t.store.get(t.unique()), null, 'get()'),
  ],
  [
    'create() gives the version that get() gives, beside the value',
    async (t) => {
      const key = t.unique()
      const version = await written(t, key, 'first')
      same(await t.store.get(key), { value: 'first', version }, 'get()')
    },
  ],
  [
    'create() of a taken key is null, and leaves the record alone',
    async (t) => {
      const key = t.unique()
      const version = await written(t, key, 'first')
      same(await t.store.create(key, 'second', { expiresAt: t.in(LONG) }), null, 'create() of a taken key')
      same(await t.store.get(key), { value: 'first', version }, 'get()')
    },
  ],
  [
    'create() of a deleted key inserts again',
    async (t) => {
      const key = t.unique()
      await written(t, key, 'first')
      await t.store.delete(key)
      const version = await written(t, key, 'second')
      same(await t.store.get(key), { value: 'second', version }, 'get()')
    },
  ],
  [
    'update() of the version that is there replaces the value, and gives another version',
    async (t) => {
      const key = t.unique()
      const first = await written(t, key, 'first')
      const second = await t.store.update(key, 'second', { expiresAt: t.in(LONG), version: first })
      check(second !== null, 'update() of the version that is there is null')
      check(second !== first, 'update() gives the version that it replaced')
      same(await t.store.get(key), { value: 'second', version: second }, 'get()')
    },
  ],
  [
    'update() of any other version is null, and leaves the record alone',
    async (t) => {
      const key = t.unique()
      const old = await written(t, key, 'first')
      const version = await t.store.update(key, 'second', { expiresAt: t.in(LONG), version: old })
      const another = await written(t, t.unique(), 'first')
      for (const wrong of [old, another, `${version}0`, ...STRANGE_VERSIONS]) {
        if (wrong === version) continue // Of a store that numbers each key's versions by itself.
        const result = await t.store.update(key, 'lost', { expiresAt: t.in(LONG), version: wrong })
        same(result, null, `update() of version ${JSON.stringify(wrong)}`)
      }
      same(await t.store.get(key), { value: 'second', version }, 'get()')
    },
  ],
  [
    'update() never resurrects: null for a deleted record and for one that never was',
    async (t) => {
      const [deleted, never] = [t.unique(), t.unique()]
      const version = await written(t, deleted)
      await t.store.delete(deleted)
      for (const key of [deleted, never]) {
        same(await t.store.update(key, 'undead', { expiresAt: t.in(LONG), version }), null, 'update()')
        same(await t.store.get(key), null, 'get()')
      }
    },
  ],
  [
    'delete() is idempotent, also of what never was',
    async (t) => {
      const key = t.unique()
      await t.store.delete(key)
      await written(t, key)
      for (const _ of [1, 2]) {
        await t.store.delete(key)
        same(await t.store.get(key), null, 'get()')
      }
    },
  ],
  [
    'delete() with a version deletes that one, and no other',
    async (t) => {
      const key = t.unique()
      const old = await written(t, key, 'first')
      const version = await t.store.update(key, 'second', { expiresAt: t.in(LONG), version: old })
      check(version !== null, 'update() of the version that is there is null')
      for (const wrong of [old, `${version}0`, ...STRANGE_VERSIONS]) {
        if (wrong !== version) await t.store.delete(key, { version: wrong })
      }
      same(await t.store.get(key), { value: 'second', version }, 'get() after delete() of other versions')
      await t.store.delete(key, { version })
      same(await t.store.get(key), null, 'get() after delete() of this version')
      await t.store.delete(key, { version })
    },
  ],
  [
    'a version is never given twice to a key, not even after delete() and create()',
    async (t) => {
      const key = t.unique()
      const seen: string[] = []
      for (const _ of [1, 2, 3]) {
        const version = await written(t, key, 'same')
        const next = await t.store.update(key, 'same', { expiresAt: t.in(LONG), version })
        seen.push(version, String(next))
        await t.store.delete(key)
      }
      same(new Set(seen).size, seen.length, `versions ${seen.join(', ')}: how many differ`)
    },
  ],
  [
    'update() and delete() of a version from before delete() and create() do nothing',
    async (t) => {
      const key = t.unique()
      const old = await written(t, key, 'same')
      await t.store.delete(key)
      const version = await written(t, key, 'same')
      same(await t.store.update(key, 'lost', { expiresAt: t.in(LONG), version: old }), null, 'update()')
      await t.store.delete(key, { version: old })
      same(await t.store.get(key), { value: 'same', version }, 'get()')
    },
  ],
  [
    'getMany() gives what get() gives, in order, doubles and missing ones too',
    async (t) => {
      const [one, two, none] = [t.unique(), t.unique(), t.unique()]
      const first = { value: '1', version: await written(t, one, '1') }
      const second = { value: '2', version: await written(t, two, '2') }
      const read = await readMany(t.store, [two, none, one, two, none])
      same(read, [second, null, first, second, null], 'getMany()')
      same(await readMany(t.store, []), [], 'getMany() of no keys')
    },
  ],
]
