import { expect, test } from 'vitest'
import type { SessionStore } from 'wafer-session'
import { memoryStore } from 'wafer-session/stores/memory'
import { fakeClock } from 'wafer-session/testing'
import { everyOrder } from './support/every-order.ts'

/** One store call: what it saw. What a side does later may depend on what it saw before. */
type Deed = (store: SessionStore, value: string, seen: readonly unknown[]) => Promise<unknown>

const place = { expiresAt: Number.MAX_SAFE_INTEGER, tags: ['tag'] }
const create = (key: string): Deed => {
  return async (store, value) => (await store.create(key, value, place)) !== null
}
const read = (key: string): Deed => {
  return async (store) => (await store.get(key))?.value ?? null
}

const DEEDS: readonly Deed[] = [
  read('a'),
  read('b'),
  create('a'),
  create('b'),
  (store) => store.delete('a'),
  (store) => store.list?.('tag') as Promise<unknown>,
  async (store) => (await store.getMany?.(['a', 'b']))?.map((found) => found?.value),
  (store, value, seen) => (seen.at(-1) ? create('a') : read('a'))(store, value, seen),
]

async function act(store: SessionStore, side: string, deeds: readonly Deed[]): Promise<unknown[]> {
  const seen: unknown[] = []
  for (const [i, deed] of deeds.entries()) seen.push(await deed(store, `${side}${i}`, seen))
  return seen
}

/** What both sides see, and what is left, in the given order of their calls: `ABBA`. */
async function inOrder(order: string, a: readonly Deed[], b: readonly Deed[]): Promise<string> {
  const store = memoryStore({ clock: fakeClock() })
  const sides = { A: { deeds: a, seen: [] as unknown[] }, B: { deeds: b, seen: [] as unknown[] } }
  for (const name of order as Iterable<'A' | 'B'>) {
    const { deeds, seen } = sides[name]
    seen.push(await deeds[seen.length]?.(store, name + seen.length, seen))
  }
  return outcome(store, sides.A.seen, sides.B.seen)
}

async function outcome(store: SessionStore, ...seen: unknown[]): Promise<string> {
  return JSON.stringify(
    [seen, await store.list?.('tag'), await store.get('a'), await store.get('b')],
    (key, value) => (key === 'version' ? undefined : value),
  )
}

/** All ways to fall in of so many calls of A and so many of B. */
function orders(a: number, b: number): string[] {
  if (a === 0 || b === 0) return ['A'.repeat(a) + 'B'.repeat(b)]
  return [...orders(a - 1, b).map((rest) => `A${rest}`), ...orders(a, b - 1).map((rest) => `B${rest}`)]
}

/** Three deeds each: some of all the pairs there are, always the same. */
const PAIRS = Array.from({ length: 150 }, (_, i) => {
  const numbers = [1, 3, 7, 11, 13, 17].map((prime) => ((i + 1) * prime * 37) % 101)
  const deeds = numbers.map((number) => DEEDS[number % DEEDS.length] as Deed)
  return [deeds.slice(0, 3), deeds.slice(3)] as const
})

test('everyOrder leaves out only orders in which all is seen and left as in another', async () => {
  let played = 0
  for (const [a, b] of PAIRS) {
    const found = new Set<string>()
    played += await everyOrder(async ({ gates, run }) => {
      const store = memoryStore({ clock: fakeClock() })
      const [one, other] = gates(store)
      const seen = await run(
        () => act(one, 'A', a),
        () => act(other, 'B', b),
      )
      found.add(await outcome(store, ...seen.map((side) => side.status === 'fulfilled' && side.value)))
    })
    const all = await Promise.all(orders(3, 3).map((order) => inOrder(order, a, b)))
    expect([...found].sort()).toEqual([...new Set(all)].sort())
  }
  expect(played).toBeLessThan((PAIRS.length * orders(3, 3).length) / 2)
})

test('everyOrder tells two writes apart, and a read from a write of the same key', async () => {
  const count = (a: Deed, b: Deed) =>
    everyOrder(async ({ gates, run }) => {
      const [one, other] = gates(memoryStore({ clock: fakeClock() }))
      await run(
        () => act(one, 'A', [a]),
        () => act(other, 'B', [b]),
      )
    })
  expect(await count(read('a'), read('a'))).toBe(1)
  expect(await count(read('a'), create('b'))).toBe(1)
  expect(await count(read('a'), create('a'))).toBe(2)
  expect(await count(create('a'), read('a'))).toBe(2)
  expect(await count(create('a'), create('b'))).toBe(2)
})
