import { isPending } from '../is-pending.ts'
import type { LogEntry } from './log-entry.ts'
import type { Redact } from './privacy.ts'
import type { Sink } from './sink.ts'

export interface DispatchOptions {
  /** Keeps the process at work until a promise settles: on Workers `waitUntil` of `cloudflare:workers`. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
  /** Writes that a sink may have going on at a time; what comes beyond is dropped, and counted. @default 1000 */
  readonly maxPending?: number | undefined
}

/** What became of entries. */
export interface DispatchFigures {
  readonly written: number
  /** A sink had too many to write. */
  readonly dropped: number
  /** A sink threw, or its promise was rejected. */
  readonly failed: number
  /** Going on now. */
  readonly pending: number
}

/** A sink that does not settle must not take all places for ever, in milliseconds. */
const GIVE_UP = 30_000

/** Hands entries to sinks, whatever they do with them. */
export class Dispatcher {
  readonly #sinks: readonly Sink[]
  readonly #redact: Redact
  readonly #waitUntil: DispatchOptions['waitUntil']
  readonly #maxPending: number
  readonly #pending = new Map<Sink, number>()
  readonly #work = new Set<Promise<void>>()
  readonly #counts = { written: 0, dropped: 0, failed: 0 }

  constructor(sinks: readonly Sink[], redact: Redact, { waitUntil, maxPending = 1000 }: DispatchOptions) {
    this.#sinks = sinks
    this.#redact = redact
    this.#waitUntil = waitUntil
    this.#maxPending = maxPending
  }

  get figures(): DispatchFigures {
    return { ...this.#counts, pending: this.#work.size }
  }

  /** Never throws, and nothing waits for it. */
  send(entry: LogEntry): void {
    for (const sink of this.#sinks) this.#sendTo(sink, entry)
  }

  /** Settles when everything that was sent so far is written, or given up. */
  async flush(): Promise<void> {
    await Promise.all(this.#work)
  }

  /** After what is being written now, lest it come back. */
  async forgetUser(userId: string): Promise<void> {
    await this.flush()
    await Promise.all(this.#sinks.map((sink) => sink.forgetUser?.(userId)))
  }

  #sendTo(sink: Sink, entry: LogEntry): void {
    const pending = this.#pending.get(sink) ?? 0
    if (pending >= this.#maxPending) {
      this.#counts.dropped++
      return
    }
    try {
      const redacted = sink.isSealed ? entry : this.#redact(entry)
      const written = isPending(redacted) ? redacted.then((one) => sink.write(one)) : sink.write(redacted)
      if (isPending(written)) this.#follow(sink, written)
      else this.#counts.written++
    } catch {
      this.#counts.failed++
    }
  }

  #follow(sink: Sink, written: Promise<unknown>): void {
    this.#pending.set(sink, (this.#pending.get(sink) ?? 0) + 1)
    const work = settled(written).then((outcome) => {
      this.#counts[outcome]++
      this.#pending.set(sink, (this.#pending.get(sink) ?? 1) - 1)
      this.#work.delete(work)
    })
    this.#work.add(work)
    try {
      this.#waitUntil?.(work)
    } catch {} // Outside of a request there is nothing to keep alive.
  }
}

async function settled(written: Promise<unknown>): Promise<'written' | 'failed'> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'failed'>((resolve) => {
    timer = setTimeout(resolve, GIVE_UP, 'failed')
  })
  try {
    return await Promise.race([written.then(() => 'written' as const), late])
  } catch {
    return 'failed'
  } finally {
    clearTimeout(timer)
  }
}
