import { check, sameMembers } from './check.ts'
import { readMany, written } from './records.ts'
import { LONG, type StoreCase, type StoreTest } from './store-test.ts'

const LANES = 12

async function update(t: StoreTest, key: string, version: string, tags: readonly string[]): Promise<string> {
  const next = await t.store.update(key, 'updated', { expiresAt: t.in(LONG), version, tags })
  check(next !== null, 'update() of a record that nobody else writes is null')
  return next
}

/** Under the tag all its life, while the other tags come and go. */
async function life(t: StoreTest, key: string, tag: string, other: string): Promise<void> {
  const version = await written(t, key, 'value', [tag])
  const second = await update(t, key, version, [other, tag])
  const third = await update(t, key, second, [tag])
  await t.store.delete(key, { version: third, tags: [tag] })
}

/** Keys never come back, so what is there before and after the list was there all the time. */
async function missed({ peer }: StoreTest, keys: readonly string[], tag: string): Promise<string[]> {
  const before = await readMany(peer, keys)
  const listed = new Set(await peer.list?.(tag))
  const after = await readMany(peer, keys)
  return keys.filter((key, i) => before[i] && after[i] && !listed.has(key))
}

export const indexRaces: readonly StoreCase[] = [
  [
    'list() while others write misses no record that is there, where index is atomic or ordered',
    async (t) => {
      const [tag, other, lasting] = [t.unique('tag'), t.unique('other'), t.unique('lasting')]
      await written(t, lasting, 'value', [tag])
      const keys = Array.from({ length: LANES }, () => t.unique())
      const { index, consistency } = t.store.capabilities
      const proven = consistency === 'strong' && (index === 'atomic' || index === 'ordered')
      let running = true
      const lives = Promise.all(keys.map((key) => life(t, key, tag, other))).finally(() => {
        running = false
      })
      lives.catch(() => {}) // It is awaited below, perhaps after another failure.
      const misses: string[] = []
      while (running) misses.push(...(await missed(t, [...keys, lasting], tag)))
      await lives
      check(!proven || misses.length === 0, `list() missed ${misses.length} records that were there`)
      if (proven) sameMembers((await t.peer.list?.(tag)) ?? [], [lasting], 'list() in the end')
    },
  ],
]
