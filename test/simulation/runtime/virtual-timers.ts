export interface Timer {
  /** Milliseconds. */
  readonly due: number
  /** Whose code set it. */
  readonly owner: unknown
  readonly call: () => void
}

interface Surroundings {
  readonly now: number
  readonly current: unknown
}

/** `setTimeout` and `clearTimeout` of a time that passes only when told to. */
export class VirtualTimers {
  readonly #timers = new Map<number, Timer>()
  readonly #world: Surroundings
  #count = 0

  constructor(world: Surroundings) {
    this.#world = world
  }

  set(call: () => void, milliseconds: number): number {
    const id = ++this.#count
    this.#timers.set(id, { due: this.#world.now + milliseconds, owner: this.#world.current, call })
    return id
  }

  clear(id: number): void {
    this.#timers.delete(id)
  }

  /** When the next one is due; undefined when there is none. */
  get next(): number | undefined {
    return this.#first()?.[1].due
  }

  /** Takes out the first that is due. */
  take(): Timer | undefined {
    const [id, timer] = this.#first() ?? []
    if (id === undefined || timer === undefined || timer.due > this.#world.now) return undefined
    this.#timers.delete(id)
    return timer
  }

  #first(): [number, Timer] | undefined {
    let first: [number, Timer] | undefined
    for (const entry of this.#timers) if (first === undefined || entry[1].due < first[1].due) first = entry
    return first
  }
}
