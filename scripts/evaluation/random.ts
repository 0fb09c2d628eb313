/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** 0 to 1, 1 excluded. */
  (): number
  /** True so often. */
  chance(probability: number): boolean
  between(low: number, high: number): number
  /** A whole number below. */
  below(limit: number): number
  pick<Item>(items: readonly Item[]): Item
  /** By their weights. */
  weighted<Item>(items: readonly (readonly [item: Item, weight: number])[]): Item
  /** With this mean. */
  exponential(mean: number): number
  /** With mean 0 and deviation 1. */
  normal(): number
}

/** mulberry32, seeded with a hash of the words. */
export function random(...seed: readonly (string | number)[]): Random {
  let state = 0x811c9dc5
  for (const char of seed.join('/')) state = Math.imul(state ^ char.charCodeAt(0), 0x01000193)

  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  function pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(next() * items.length)] as Item
  }

  function weighted<Item>(items: readonly (readonly [Item, number])[]): Item {
    let left = next() * items.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [item, weight] of items) {
      left -= weight
      if (left < 0) return item
    }
    return (items.at(-1) as readonly [Item, number])[0]
  }

  return Object.assign(next, {
    pick,
    weighted,
    chance: (probability: number) => next() < probability,
    between: (low: number, high: number) => low + next() * (high - low),
    below: (limit: number) => Math.floor(next() * limit),
    exponential: (mean: number) => -Math.log(1 - next()) * mean,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  })
}
