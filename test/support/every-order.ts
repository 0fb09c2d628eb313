import type { SessionStore } from 'wafer-session'

/** A store call that waits for its turn. */
interface Call {
  readonly method: string
  /** What it touches; a list touches all. */
  readonly keys: readonly string[] | 'all'
  go(): void
}

/** One of two that race: its store waits for its turn at every call. */
interface Racer {
  readonly store: SessionStore
  readonly waiting: Call[]
  /** Rings when a call waits, or the work is done. */
  bell: () => void
  done: boolean
}

/** Whose turn it was. The first side goes first wherever both could; a later run puts the second before it. */
interface Turn {
  readonly side: number
  /** The second side went before the first, which had its turn here in an earlier run. */
  readonly swapped: boolean
  /** Both could go, the first side did, and the second made a call later that does not commute with this one. */
  open: boolean
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

interface Taken {
  readonly turn: Turn
  readonly call: Call
  /** Both could go, and the first side did. */
  readonly free: boolean
}

const METHODS = ['get', 'getMany', 'create', 'update', 'delete', 'list'] as const
const READS = ['get', 'getMany', 'list']

/**
 * Plays a scenario, each time from its beginning, once for every order in which the store calls of two sides can fall, but
 * for orders that differ in nothing: two neighbouring calls, one of each side, that are both reads, or a read of one key
 * and a write of another, find and leave the same whichever comes first. (Dynamic partial-order reduction with sleep sets,
 * Flanagan and Godefroid 2005.) It rests on this: all that the two sides share is the store.
 *
 * @returns How many orders there are.
 */
export async function everyOrder(scenario: (race: Race) => Promise<void>): Promise<number> {
  let plan: readonly Turn[] | null = []
  let count = 0
  for (; plan !== null; count++) plan = await play(scenario, plan)
  return count
}

/** @returns The plan that follows, in which the last turn that is open is the other side's. */
async function play(
  scenario: (race: Race) => Promise<void>,
  plan: readonly Turn[],
): Promise<readonly Turn[] | null> {
  const taken: Taken[] = []
  let racers: Racer[] = []
  let racing = false
  let planEnd = Number.POSITIVE_INFINITY
  // What the first side waits for was tried before all that the second does now, until that touches the same.
  let asleep = false

  function nextTurn(able: readonly number[]): Turn {
    const planned = plan[taken.length]
    if (planned !== undefined && able.includes(planned.side)) return planned
    // Calls that one side makes at the same time may come in another order than the last time: what was planned after
    // them means nothing now, and is left out.
    if (planned !== undefined) planEnd = Math.min(planEnd, taken.length)
    return { side: asleep && able.length > 1 ? 1 : (able[0] as number), swapped: false, open: false }
  }

  function note(turn: Turn, call: Call, free: boolean): void {
    taken.push({ turn, call, free })
    if (turn.side === 0) return
    for (const before of taken) if (before.free && !commute(before.call, call)) before.turn.open = true
    const wakes = racers[0]?.waiting.some((other) => !commute(other, call))
    asleep = (asleep || turn.swapped) && !wakes
  }

  async function choose(): Promise<boolean> {
    await Promise.all(racers.map(idle))
    const able = racers.flatMap(({ waiting }, side) => (waiting.length > 0 ? [side] : []))
    if (able.length === 0) return false
    const turn = nextTurn(able)
    const call = racers[turn.side]?.waiting.shift() as Call
    note(turn, call, turn.side === 0 && able.length > 1)
    call.go()
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
    const trace = taken.map(({ turn, call }) => `${'AB'[turn.side]} ${call.method}`)
    if (error instanceof Error) error.message = `In the order ${trace.join(', ')}: ${error.message}`
    throw error
  }
  const turns = taken.map(({ turn }) => turn)
  const last = turns.slice(0, planEnd).findLastIndex(({ open }) => open)
  return last === -1 ? null : [...turns.slice(0, last), { side: 1, swapped: true, open: false }]
}

/** Whether it is the same which of them comes first. Of two writes it may not be: a store may list in the order of writes. */
function commute(one: Call, other: Call): boolean {
  const reads = [one, other].filter(({ method }) => READS.includes(method)).length
  return reads === 2 || (reads === 1 && areApart(one.keys, other.keys))
}

function areApart(some: Call['keys'], others: Call['keys']): boolean {
  return some !== 'all' && others !== 'all' && !some.some((key) => others.includes(key))
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
          waiting.push({ method, keys: keysOf(method, given[0]), go })
          one.bell()
        })
      }
      return call.apply(store, given)
    }
    Object.assign(one.store, { [method]: gated })
  }
  return one
}

function keysOf(method: string, given: unknown): Call['keys'] {
  return method === 'list' ? 'all' : [given].flat().map(String)
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
