import type { SessionStore } from 'wafer-session'

/** One of two that race: its store waits for its turn at every call. */
interface Racer {
  readonly store: SessionStore
  readonly waiting: { readonly method: string; go(): void }[]
  /** Rings when a call waits, or the work is done. */
  bell: () => void
  done: boolean
}

/** A race in one order of the store calls of both sides. */
export interface Race {
  /** Two ways to one store, for a manager each; what they are asked before the race goes through at once. */
  gates(store: SessionStore): [SessionStore, SessionStore]
  /** Runs both to their ends. */
  run<A, B>(
    a: () => Promise<A>,
    b: () => Promise<B>,
  ): Promise<[PromiseSettledResult<A>, PromiseSettledResult<B>]>
}

const METHODS = ['get', 'getMany', 'create', 'update', 'delete', 'list'] as const

/**
 * Plays a scenario once for every order in which the store calls of two sides can fall, each time from its beginning.
 *
 * @returns How many orders there are.
 */
export async function everyOrder(scenario: (race: Race) => Promise<void>): Promise<number> {
  let plan: readonly number[] | null = []
  let count = 0
  for (; plan !== null; count++) plan = await play(scenario, plan)
  return count
}

/** @returns The plan that follows, in which the last choice that could have been another one is. */
async function play(
  scenario: (race: Race) => Promise<void>,
  plan: readonly number[],
): Promise<readonly number[] | null> {
  const taken: { side: number; free: boolean }[] = []
  const trace: string[] = []
  let racers: Racer[] = []
  let racing = false
  let planEnd = Number.POSITIVE_INFINITY

  async function choose(): Promise<boolean> {
    await Promise.all(racers.map(idle))
    const able = racers.flatMap(({ waiting }, side) => (waiting.length > 0 ? [side] : []))
    if (able[0] === undefined) return false
    const planned = plan[taken.length] ?? able[0]
    // Calls that one side makes at the same time may come in another order than the last time: what was planned after
    // them means nothing now, and is left out.
    if (!able.includes(planned)) planEnd = Math.min(planEnd, taken.length)
    const side = able.includes(planned) ? planned : able[0]
    const call = racers[side]?.waiting.shift()
    taken.push({ side, free: able.length > 1 && side === able[0] })
    trace.push(`${'AB'[side]} ${call?.method}`)
    call?.go()
    return true
  }

  try {
    await scenario({
      gates(store) {
        racers = [racer(store, () => racing), racer(store, () => racing)]
        return racers.map((one) => one.store) as [SessionStore, SessionStore]
      },
      async run(a, b) {
        racing = true
        const work = Promise.allSettled([finished(racers[0], a), finished(racers[1], b)])
        while (await choose());
        racing = false
        return work as never
      },
    })
  } catch (error) {
    if (error instanceof Error) error.message = `In the order ${trace.join(', ')}: ${error.message}`
    throw error
  }
  const last = taken.slice(0, planEnd).findLastIndex(({ free }) => free)
  return last === -1 ? null : [...taken.slice(0, last).map(({ side }) => side), 1]
}

function racer(store: SessionStore, isRacing: () => boolean): Racer {
  const waiting: Racer['waiting'] = []
  const one: Racer = { store: { ...store }, waiting, bell: () => {}, done: true }
  for (const method of METHODS) {
    const call = store[method] as undefined | ((...given: unknown[]) => Promise<unknown>)
    if (call === undefined) continue
    const gated = async (...given: unknown[]) => {
      if (isRacing()) {
        await new Promise<void>((go) => {
          waiting.push({ method, go })
          one.bell()
        })
      }
      return call.apply(store, given)
    }
    Object.assign(one.store, { [method]: gated })
  }
  return one
}

/** Until it waits for its turn, or has nothing left to do. */
async function idle(one: Racer): Promise<void> {
  while (one.waiting.length === 0 && !one.done) {
    await new Promise<void>((ring) => {
      one.bell = ring
    })
  }
}

async function finished<T>(one: Racer | undefined, work: () => Promise<T>): Promise<T> {
  if (one === undefined) throw new Error('gates() comes before run().')
  one.done = false
  try {
    return await work()
  } finally {
    one.done = true
    one.bell()
  }
}
