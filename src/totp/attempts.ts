import { SessionError } from '../errors.ts'
import type { ServerState } from '../manager/server-state.ts'
import { wholeNumber } from '../manager/whole-number.ts'

/** How many guesses somebody has. */
export interface AttemptLimits {
  /** Failures in a row before there is a wait, 1 to 20. @default 5 */
  readonly freeAttempts?: number | undefined
  /** Seconds of the first wait; every further failure doubles it. @default 30 */
  readonly firstDelay?: number | undefined
  /** Seconds of the longest wait. @default 3600 */
  readonly maxDelay?: number | undefined
  /**
   * Failures in a row after which nothing but `reset` helps, 1 to 100, the limit of NIST SP 800-63B-4 section 3.2.2.
   *
   * @default 100
   */
  readonly maxFailures?: number | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

export const LIMITS: readonly string[] = ['freeAttempts', 'firstDelay', 'maxDelay', 'maxFailures', 'clock']

/** Too many attempts: this one was not looked at. */
export interface Locked {
  readonly ok: false
  readonly reason: 'locked'
  /** Seconds until the next attempt is looked at; `Infinity` when it takes a `reset`. */
  readonly retryAfter: number
}

/** What is kept under a name: the failures in a row, when the next attempt is looked at, and the feature's own. */
interface Tally<Kept> {
  readonly failures: number
  /** Milliseconds since the epoch. */
  readonly nextAt: number
  readonly kept: Kept
}

interface Held<Kept> {
  readonly tally: Tally<Kept>
  /** Undefined when nothing is there yet. */
  readonly version: string | undefined
}

/** An attempt that has been counted as a failure, until it is settled. */
export interface Attempt<Kept> extends Held<Kept> {
  readonly ok: true
  /** Seconds until the next one, when this one fails. */
  readonly retryAfter: number
}

/** Seconds: as good as forever, and within what every store can count to. */
export const YEARS: number = 10 * 365 * 86_400

/** Seconds: no wait is longer. */
const DAY = 86_400

interface AttemptsOptions<Kept> extends AttemptLimits {
  readonly state: ServerState
  readonly empty: Kept
  /** Seconds that a value is kept once no failure stands beside it; a failure is kept for ten years. */
  readonly lifetime: number
  /** There is nothing to be guessed: the name may be anybody's invention, and is kept for a day. */
  readonly isIdle?: ((kept: Kept) => boolean) | undefined
}

/** Counts attempts per name, beside a value that changes only by compare and set. */
export class Attempts<Kept> {
  readonly #state: ServerState
  readonly #empty: Kept
  readonly #lifetime: number
  readonly #isIdle: (kept: Kept) => boolean
  readonly #limits: Required<{ [Limit in keyof AttemptLimits]: NonNullable<AttemptLimits[Limit]> }>

  /** @throws {TypeError | RangeError} For wrong limits. */
  constructor(options: AttemptsOptions<Kept>) {
    const { state, empty, lifetime, clock = Date.now } = options
    if (typeof clock !== 'function') throw new TypeError('clock must be a function.')
    const maxDelay = wholeNumber('maxDelay', options.maxDelay ?? 3600, 86_400)
    this.#state = state
    this.#empty = empty
    this.#lifetime = lifetime
    this.#isIdle = options.isIdle ?? (() => false)
    this.#limits = {
      freeAttempts: wholeNumber('freeAttempts', options.freeAttempts ?? 5, 20),
      firstDelay: wholeNumber('firstDelay', options.firstDelay ?? Math.min(30, maxDelay), maxDelay),
      maxDelay,
      maxFailures: wholeNumber('maxFailures', options.maxFailures ?? 100, 100),
      clock,
    }
  }

  /** Counts an attempt before anybody looks at it, so that guesses sent at the same time are counted one by one. */
  async begin(name: readonly string[]): Promise<Attempt<Kept> | Locked> {
    return this.#untilWritten(async () => {
      const { tally, version } = await this.#read(name)
      const now = this.#limits.clock()
      const wait = tally.failures >= this.#limits.maxFailures ? Number.POSITIVE_INFINITY : tally.nextAt - now
      if (wait > 0) return { ok: false, reason: 'locked', retryAfter: Math.ceil(wait / 1000) }
      const failures = tally.failures + 1
      const retryAfter = this.#delay(failures)
      const counted = { ...tally, failures, nextAt: now + retryAfter * 1000 }
      const next = await this.#write(name, counted, version)
      return next === null ? null : { ok: true, tally: counted, version: next, retryAfter }
    })
  }

  /**
   * Ends an attempt that was right: its change is made and the failures are forgotten.
   *
   * @param change Gives the new value, or null when the attempt is not right after all; may run again on a fresh value.
   * @returns The new value; null when there was no change, and the attempt stays a failure.
   */
  async settle(
    name: readonly string[],
    attempt: Attempt<Kept>,
    change: (kept: Kept) => Kept | null,
  ): Promise<Kept | null> {
    let held: Held<Kept> = attempt
    const { kept } = await this.#untilWritten(async () => {
      const kept = change(held.tally.kept)
      if (kept === null) return { kept }
      const next = await this.#write(name, { failures: 0, nextAt: 0, kept }, held.version)
      if (next !== null) return { kept }
      held = await this.#read(name)
      // The attempt was counted a moment ago: a store that no longer knows it does not know what was used either.
      if (held.version === undefined) throw conflict()
      return null
    })
    return kept
  }

  /** Replaces the value; failures stay. */
  async replace(name: readonly string[], kept: Kept): Promise<void> {
    await this.#untilWritten(async () => {
      const { tally, version } = await this.#read(name)
      return this.#write(name, { ...tally, kept }, version)
    })
  }

  /** Forgets the failures; the value stays. */
  async reset(name: readonly string[]): Promise<void> {
    await this.#untilWritten(async () => {
      const { tally, version } = await this.#read(name)
      if (version === undefined || tally.failures === 0) return 'nothing to do'
      return this.#write(name, { failures: 0, nextAt: 0, kept: tally.kept }, version)
    })
  }

  async kept(name: readonly string[]): Promise<Kept> {
    return (await this.#read(name)).tally.kept
  }

  async #read(name: readonly string[]): Promise<Held<Kept>> {
    const entry = await this.#state.get(name)
    if (entry === null) return { tally: { failures: 0, nextAt: 0, kept: this.#empty }, version: undefined }
    return { tally: entry.value as Tally<Kept>, version: entry.version }
  }

  #write(name: readonly string[], tally: Tally<Kept>, version: string | undefined): Promise<string | null> {
    const lifetime = this.#isIdle(tally.kept) ? DAY : tally.failures > 0 ? YEARS : this.#lifetime
    const expiresAt = this.#limits.clock() + lifetime * 1000
    if (version === undefined) return this.#state.create(name, tally, { expiresAt })
    return this.#state.update(name, tally, { expiresAt, version })
  }

  /** Seconds to wait after so many failures. */
  #delay(failures: number): number {
    const { freeAttempts, firstDelay, maxDelay } = this.#limits
    return failures < freeAttempts ? 0 : Math.min(maxDelay, firstDelay * 2 ** (failures - freeAttempts))
  }

  /** Again while others write first: each of those was an attempt, so that soon there is a wait for all. */
  async #untilWritten<T>(write: () => Promise<T | null>): Promise<T> {
    for (let tries = 0; tries < 2 * this.#limits.freeAttempts + 5; tries++) {
      const written = await write()
      if (written !== null) return written
    }
    throw conflict()
  }
}

function conflict(): SessionError {
  return new SessionError(
    'ERR_SESSION_CONFLICT',
    'Too many attempts at the same time. Try the request again.',
  )
}
