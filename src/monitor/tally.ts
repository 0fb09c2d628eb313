/** As JSON. */
export interface TallyJson {
  /** From the heaviest on. */
  readonly counts: readonly (readonly [key: string, count: number])[]
  readonly other: number
  readonly at: number
}

/** Of things never seen by anyone there is one, before anything was counted. */
const PRIOR = 1

/** How many values, and milliseconds until a count weighs half. */
export interface TallyLimits {
  readonly maxKeys: number
  readonly halfLife: number
}

/**
 * How often each value was seen, fading. What is left for other values is as much as was new so far (Witten and Bell's
 * method): who often brings something new surprises less by it. The shares of all values, the one for "any other"
 * among them, add up to one.
 */
export class Tally {
  readonly #limits: TallyLimits
  readonly #counts = new Map<string, number>()
  /** The mass of values that are not here: new ones so far, and those that were dropped. */
  #other = 0
  #sum = 0
  #at = 0

  constructor(limits: TallyLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#counts.size
  }

  has(key: string): boolean {
    return this.#counts.has(key)
  }

  /** How many visits there are in all, faded. */
  total(at: number): number {
    return this.#sum * this.#fading(at)
  }

  count(key: string, at: number): number {
    return (this.#counts.get(key) ?? 0) * this.#fading(at)
  }

  /**
   * The probability of this value, backing off to what it is elsewhere.
   *
   * @param base The probability of the value, or of "any other", to whoever knows nothing of this tally.
   */
  share(key: string, at: number, base = 0): number {
    const fading = this.#fading(at)
    const other = this.#other * fading + PRIOR
    return ((this.#counts.get(key) ?? 0) * fading + other * base) / (this.#sum * fading + other)
  }

  /** The probability of any value that is not here. */
  rest(at: number): number {
    const fading = this.#fading(at)
    const other = this.#other * fading + PRIOR
    return other / (this.#sum * fading + other)
  }

  /** A value that is new is also to be told by `addOther`, when it first comes. */
  add(key: string, at: number, weight = 1): void {
    this.#fade(at)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + weight)
    this.#sum += weight
    if (this.#counts.size > this.#limits.maxKeys) this.#dropLightest()
  }

  /** Something new came that does not count yet: so much more is left for what is new. */
  addOther(at: number, weight: number): void {
    this.#fade(at)
    this.#other += weight
  }

  toJSON(): TallyJson {
    const counts = [...this.#counts].toSorted(([, a], [, b]) => b - a)
    return {
      counts: counts.map(([key, count]) => [key, brief(count)]),
      other: brief(this.#other),
      at: this.#at,
    }
  }

  /** What `toJSON` gave; of anything else as much as makes sense. */
  restore(json: Partial<TallyJson> | undefined): this {
    const counts: readonly unknown[] = Array.isArray(json?.counts) ? json.counts : []
    for (const entry of counts.slice(0, this.#limits.maxKeys)) {
      const [key, count] = Array.isArray(entry) ? entry : []
      if (typeof key === 'string' && key.length <= 128 && isMass(count) && !this.#counts.has(key)) {
        this.#counts.set(key, count)
        this.#sum += count
      }
    }
    if (isMass(json?.other)) this.#other = json.other
    if (isMass(json?.at)) this.#at = json.at
    return this
  }

  /** A clock that was set back fades nothing. */
  #fading(at: number): number {
    return at > this.#at ? 2 ** ((this.#at - at) / this.#limits.halfLife) : 1
  }

  /** Not every time: a large tally would be walked through for each visit. */
  #fade(at: number): void {
    if (this.#sum + this.#other > 0 && at - this.#at < this.#limits.halfLife / 64) return
    const fading = this.#fading(at)
    for (const [key, count] of this.#counts) this.#counts.set(key, count * fading)
    this.#sum *= fading
    this.#other *= fading
    this.#at = Math.max(at, this.#at)
  }

  /** An eighth at once, so that a flood of values does not cost a search each; their mass stays, as that of others. */
  #dropLightest(): void {
    const lightest = [...this.#counts].toSorted(([, a], [, b]) => a - b)
    for (const [key, count] of lightest.slice(0, Math.ceil(this.#limits.maxKeys / 8))) {
      this.#counts.delete(key)
      this.#sum -= count
      this.#other += count
    }
  }
}

export function isMass(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < 1e16
}

/** Six digits: no thousandth of a visit matters, and JSON is shorter by it. */
export function brief(count: number): number {
  return Number(count.toPrecision(6))
}
