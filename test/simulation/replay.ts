import { type Thread, withThreads } from './thread.ts'
import type { Failure } from './worker.ts'
import type { Setting } from './world/setting.ts'

/** A seed, and what of it is changed. */
export interface Recipe {
  readonly seed: number
  readonly without?: string | undefined
  readonly change?: Partial<Setting> | undefined
}

export interface Replayed extends Recipe {
  readonly violations: Failure['violations']
  readonly trace: readonly string[]
}

/** Plays one seed with its trace. */
export function replay(recipe: Recipe): Promise<Replayed> {
  return withThreads({ count: 1, without: recipe.without }, ([thread]) => traced(thread as Thread, recipe))
}

/** From the least upwards. */
const SMALLER: readonly Partial<Setting>[] = [4, 6, 8, 12, 16].flatMap((requests) => [
  { requests, faults: 0, skew: 0, lostResponses: 0, thieves: 0, isolates: 1, rotates: false },
  { requests, faults: 0, skew: 0, lostResponses: 0, isolates: 1, rotates: false },
  { requests, faults: 0, rotates: false },
  { requests },
])

/** How many seeds of each smaller size are tried. */
const TRIES = 150

/**
 * The shortest run to be found that breaks the same invariant in the same mode, with less trouble around it: the seed
 * itself with fewer requests is another run, so its neighbours do as well.
 */
export function shrink(recipe: Recipe): Promise<Replayed> {
  return withThreads({ count: 1, without: recipe.without }, async ([thread]) => {
    const whole = await traced(thread as Thread, recipe)
    const invariant = whole.violations[0]?.invariant
    if (invariant === undefined) return whole
    for (const smaller of SMALLER) {
      const change = { ...recipe.change, ...smaller, mode: whole.mode }
      const seed = await find(thread as Thread, recipe.seed, change, invariant)
      if (seed !== undefined) return traced(thread as Thread, { ...recipe, seed, change })
    }
    return whole
  })
}

/** How to see it again. */
export function commandOf({ seed, without, change }: Recipe): string {
  const options = [
    `--seed ${seed}`,
    without && `--without ${without}`,
    change && Object.keys(change).length > 0 && `--change '${JSON.stringify(change)}'`,
  ]
  return `npm run simulate -- ${options.filter(Boolean).join(' ')}`
}

async function traced(thread: Thread, recipe: Recipe): Promise<Replayed & Pick<Setting, 'mode'>> {
  const { seed, change } = recipe
  const { failed, trace, mode } = await thread.ask({ first: seed, end: seed + 1, change, isTraced: true })
  return { ...recipe, violations: failed?.violations ?? [], trace, mode }
}

async function find(
  thread: Thread,
  first: number,
  change: Partial<Setting>,
  invariant: string,
): Promise<number | undefined> {
  const end = first + TRIES
  for (let next = first; next < end; ) {
    const { failed } = await thread.ask({ first: next, end, change })
    if (failed === undefined) return undefined
    if (failed.violations[0]?.invariant === invariant) return failed.seed
    next = failed.seed + 1
  }
  return undefined
}
