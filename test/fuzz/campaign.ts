import { type Coverage, startCoverage } from './coverage.ts'
import { type FuzzRandom, fuzzRandom } from './fuzz-random.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { MAX_LENGTH } from './mutate.ts'
import { linesOf } from './quiet.ts'
import { allowed, type Pace, paceOf, slowness, workOf } from './slowness.ts'

export interface CampaignOptions {
  readonly inputs: number
  readonly seed: number
  /** What other campaigns have reached. */
  readonly corpus?: readonly string[] | undefined
  /** Looks at the coverage after each so many inputs. @default 16 to 128 */
  readonly batch?: number | undefined
}

export interface Found {
  readonly target: string
  readonly why: string
  readonly input: string
}

export interface CampaignResult {
  readonly target: string
  readonly inputs: number
  readonly found: readonly Found[]
  /** How often each. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Inputs that reached what no seed and no input before had. */
  readonly reached: readonly string[]
  readonly blocks: number
  /** Closer looks at a slow input that told nothing. */
  readonly undecided: number
  readonly milliseconds: number
}

const MAX_FOUND = 20
/** A queue of long inputs would make every later one long. */
const MAX_KEPT = 4096

/**
 * Reads so many inputs, most of them made of those that reached something new: by V8's own block coverage, looked at after
 * every batch. In a batch with something new the inputs are found that reach it.
 */
export async function campaign(target: FuzzTarget, options: CampaignOptions): Promise<CampaignResult> {
  const coverage = await startCoverage()
  const run = new Campaign(target, options, coverage)
  try {
    return await run.play()
  } finally {
    await coverage.stop()
  }
}

class Campaign {
  readonly #target: FuzzTarget
  readonly #options: CampaignOptions
  readonly #coverage: Coverage
  readonly #random: FuzzRandom
  readonly #queue: string[]
  readonly #seen = new Set<string>()
  readonly #found: Found[] = []
  readonly #reached: string[] = []
  readonly #outcomes: Record<string, number> = {}
  #inputs = 0
  #undecided = 0
  #isSlow = false
  #pace: Pace = { perCharacter: 0, usual: 0 }

  constructor(target: FuzzTarget, options: CampaignOptions, coverage: Coverage) {
    this.#target = target
    this.#options = options
    this.#coverage = coverage
    this.#random = fuzzRandom(options.seed)
    this.#queue = [...target.seeds, ...(options.corpus ?? [])]
  }

  async play(): Promise<CampaignResult> {
    const started = performance.now()
    const { inputs, batch = Math.min(128, Math.max(16, Math.ceil(inputs / 100))) } = this.#options
    const [usual = ''] = this.#target.seeds
    await linesOf(async () => {
      this.#pace = await paceOf(this.#target, usual)
    })
    for (const input of [...this.#queue, ...stretched(this.#target)]) await this.#read(input)
    for (const block of await this.#coverage.taken()) this.#seen.add(block)
    // Where one input is slow others are, and each takes its time.
    while (this.#inputs < inputs && this.#found.length < MAX_FOUND && !this.#isSlow) {
      await this.#playBatch(Math.min(batch, inputs - this.#inputs))
    }
    return {
      target: this.#target.name,
      inputs: this.#inputs,
      found: this.#found,
      outcomes: this.#outcomes,
      reached: this.#reached,
      blocks: this.#seen.size,
      undecided: this.#undecided,
      milliseconds: performance.now() - started,
    }
  }

  async #playBatch(size: number): Promise<void> {
    const inputs = Array.from({ length: size }, () => this.#next())
    for (const input of inputs) await this.#read(input)
    const fresh = new Set([...(await this.#coverage.taken())].filter((block) => !this.#seen.has(block)))
    if (fresh.size === 0) return
    for (const block of fresh) this.#seen.add(block)
    const short = inputs.filter((input) => input.length <= MAX_KEPT)
    await this.#keep(short, fresh)
  }

  /** Keeps those that run some of these blocks, which they take with them; looked for by halves. */
  async #keep(inputs: readonly string[], fresh: Set<string>): Promise<void> {
    if (inputs.length === 0 || fresh.size === 0) return
    for (const input of inputs) await linesOf(() => this.#target.read(input).catch(() => {}))
    const own = [...(await this.#coverage.taken())].filter((block) => fresh.has(block))
    if (own.length === 0) return
    if (inputs.length > 1) {
      const half = Math.ceil(inputs.length / 2)
      await this.#keep(inputs.slice(0, half), fresh)
      return this.#keep(inputs.slice(half), fresh)
    }
    for (const block of own) fresh.delete(block)
    this.#reached.push(...inputs)
    this.#queue.push(...inputs)
  }

  #next(): string {
    const { mutate, words, seeds } = this.#target
    const start = this.#random.oneIn(3) ? this.#random.pick(seeds) : this.#random.pick(this.#queue)
    return mutate(start, this.#random, words, this.#random.pick(this.#queue))
  }

  async #read(input: string): Promise<void> {
    if (this.#isSlow) return
    this.#inputs++
    let outcome = ''
    const lines = await linesOf(async () => {
      const taken = await workOf(async () => {
        try {
          outcome = await this.#target.read(input)
        } catch (error) {
          this.#find(String(error instanceof Error ? (error.stack ?? error) : error), input)
        }
      })
      if (taken > allowed(this.#pace, input)) await this.#lookCloser(input)
    })
    if (lines.length > 0) this.#find(`logged: ${lines[0]}`, input)
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1
  }

  async #lookCloser(input: string): Promise<void> {
    const verdict = await slowness(this.#target, input, this.#target.seeds[0] as string)
    if (verdict === 'undecided') this.#undecided++
    if (typeof verdict === 'string') return
    this.#isSlow = true
    this.#find(`slow: ${verdict.slow}`, input)
  }

  /** Of each kind once. */
  #find(why: string, input: string): void {
    const kind = kindOf(why)
    if (this.#found.some((one) => kindOf(one.why) === kind)) return
    this.#found.push({ target: this.#target.name, why, input })
  }
}

/** Each word of the format again and again, as often as there is room: what is linear stays so. */
export function stretched({ words }: FuzzTarget): string[] {
  return words.map((word) => word.repeat(Math.floor(MAX_LENGTH / word.length)))
}

/** The place where it was thrown; of what was not thrown by the library, its words. */
function kindOf(why: string): string {
  return /^ *at .*\/(?:src|dist)\/.*$/m.exec(why)?.[0] ?? why.replaceAll(/[\d.]+/g, 'N').slice(0, 60)
}
