import { isMass } from './tally.ts'

/** How often something happens: in the last minutes, and usually in as many. */
export interface Rate {
  readonly recent: number
  readonly usual: number
}

/** As JSON. */
export type BurstsJson = readonly (readonly [
  key: string,
  count: { readonly at: number; readonly recent: number; readonly usual: number },
])[]

/** Milliseconds in which a count falls to its 2.7th part: what "recent" and "usual" mean. */
const RECENT = 600_000
const USUAL = 86_400_000

interface Count {
  at: number
  recent: number
  usual: number
}

/** Counters under names, fading fast and slowly; a flood of names forgets the one that rested longest. */
export class Bursts {
  readonly #maxKeys: number
  readonly #counts = new Map<string, Count>()

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys
  }

  get size(): number {
    return this.#counts.size
  }

  add(key: string, at: number): Rate {
    const count = this.#counts.get(key) ?? { at, recent: 0, usual: 0 }
    const faded = fade(count, at)
    this.#counts.delete(key)
    this.#counts.set(key, { at: Math.max(at, count.at), recent: faded.recent + 1, usual: faded.usual + 1 })
    if (this.#counts.size > this.#maxKeys) this.#forgetOldest()
    return this.rate(key, at)
  }

  rate(key: string, at: number): Rate {
    const { recent, usual } = fade(this.#counts.get(key) ?? { at, recent: 0, usual: 0 }, at)
    return { recent, usual: Math.max(0, usual - recent) * (RECENT / USUAL) }
  }

  toJSON(): BurstsJson {
    return [...this.#counts]
  }

  /** What `toJSON` gave; of anything else as much as makes sense. */
  restore(json: unknown): this {
    const entries: readonly unknown[] = Array.isArray(json) ? json : []
    for (const entry of entries.slice(-this.#maxKeys)) {
      const [key, count] = Array.isArray(entry) ? entry : []
      const isCount = isMass(count?.at) && isMass(count.recent) && isMass(count.usual)
      if (typeof key === 'string' && isCount) this.#counts.set(key, count)
    }
    return this
  }

  #forgetOldest(): void {
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest)
      return
    }
  }
}

function fade({ at: since, recent, usual }: Count, at: number): Omit<Count, 'at'> {
  const passed = Math.max(0, at - since)
  return { recent: recent * Math.exp(-passed / RECENT), usual: usual * Math.exp(-passed / USUAL) }
}

/** True when there are at least so many, and several times what is usual. */
export function isBurst({ recent, usual }: Rate, least: number): boolean {
  return recent >= least && recent >= 6 * usual
}
