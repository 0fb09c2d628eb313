import { brief, isMass } from './tally.ts'

/** As JSON. */
export interface HoursJson {
  readonly counts: readonly number[]
  readonly at: number
}

/** What a visit adds to its hour and to those up to three hours before and after: 0.3 + 2 × 0.35 = 1. */
const KERNEL = [0.3, 0.2, 0.1, 0.05]

/** Visits' worth of what all users do, in the mind of someone who knows none of this one's. */
const PRIOR = 4

/** When in the day, in UTC: 24 counts on a circle, smoothed, fading. The shares of the hours add up to one. */
export class Hours {
  readonly #halfLife: number
  readonly #counts: number[] = Array.from({ length: 24 }, () => 0)
  #sum = 0
  #at = 0

  /** @param halfLife Milliseconds. */
  constructor(halfLife: number) {
    this.#halfLife = halfLife
  }

  total(at: number): number {
    return this.#sum * this.#fading(at)
  }

  share(hour: number, at: number, base: number): number {
    const fading = this.#fading(at)
    return ((this.#counts[hour] ?? 0) * fading + PRIOR * base) / (this.#sum * fading + PRIOR)
  }

  add(hour: number, at: number, weight = 1): void {
    const fading = this.#fading(at)
    for (let i = 0; i < 24; i++) this.#counts[i] = (this.#counts[i] ?? 0) * fading
    for (let away = -3; away <= 3; away++) {
      const near = (hour + away + 24) % 24
      this.#counts[near] = (this.#counts[near] ?? 0) + weight * (KERNEL[Math.abs(away)] ?? 0)
    }
    this.#sum = this.#sum * fading + weight
    this.#at = Math.max(at, this.#at)
  }

  toJSON(): HoursJson {
    return { counts: this.#counts.map(brief), at: this.#at }
  }

  /** What `toJSON` gave; of anything else as much as makes sense. */
  restore(json: Partial<HoursJson> | undefined): this {
    const counts: readonly unknown[] = Array.isArray(json?.counts) ? json.counts : []
    for (let i = 0; i < 24; i++) {
      const count = counts[i]
      this.#counts[i] = isMass(count) ? count : 0
    }
    this.#sum = this.#counts.reduce((sum, count) => sum + count, 0)
    if (isMass(json?.at)) this.#at = json.at
    return this
  }

  #fading(at: number): number {
    return at > this.#at ? 2 ** ((this.#at - at) / this.#halfLife) : 1
  }
}
