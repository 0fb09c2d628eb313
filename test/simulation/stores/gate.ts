import type { Exchange } from '../world/exchange.ts'

/** What becomes of a store call. `lost` ones never answer, before what they asked was done or after it. */
export type Outcome = 'ok' | 'fails-before' | 'fails-after' | 'lost-before' | 'lost-after' | 'garbage'

/** A store call that waits for its turn. */
export interface Call {
  readonly exchange: Exchange | undefined
  readonly method: string
  readonly key: string
  /** Milliseconds, by the true time. */
  readonly since: number
  readonly isWrite: boolean
  go(outcome: Outcome): void
}

/** Its request has an answer already. */
export function isOrphan({ exchange }: Call): boolean {
  return exchange?.settled !== undefined
}

interface Surroundings {
  readonly now: number
  readonly current: Exchange | undefined
  readonly isTraced: boolean
  note(what: string, exchange: Exchange | undefined): void
}

/** What a call is, for whoever lets it through. */
interface Asked<Answer> {
  readonly method: string
  readonly key: string
  readonly isWrite: boolean
  /** What a store that is out of its mind answers. */
  readonly garbage: (answer: Answer) => unknown
}

/** Where every store call of every isolate waits until it is let through, one at a time. */
export class Gate {
  readonly waiting: Call[] = []
  readonly #world: Surroundings
  /** How many calls there were. */
  count = 0

  constructor(world: Surroundings) {
    this.#world = world
  }

  pass<Answer>(asked: Asked<Answer>, run: () => Promise<Answer>): Promise<Answer> {
    const { method, key, isWrite } = asked
    const { now: since, current: exchange } = this.#world
    this.count++
    if (exchange !== undefined) {
      exchange.calls++
      if (isWrite) exchange.writeCalls++
    }
    return new Promise((resolve, reject) => {
      const go = async (outcome: Outcome) => {
        this.waiting.splice(this.waiting.indexOf(call), 1)
        if (outcome !== 'ok' && exchange !== undefined) exchange.faults.push(outcome)
        const isDone = !outcome.endsWith('-before')
        const answer = isDone ? await run() : undefined
        if (this.#world.isTraced)
          this.#world.note(`${method} ${shortOf(key)}: ${isDone ? brief(answer) : ''} ${outcome}`, exchange)
        if (outcome === 'ok') resolve(answer as Answer)
        else if (outcome === 'garbage') resolve(asked.garbage(answer as Answer) as Answer)
        else if (outcome.startsWith('fails')) reject(new Error('the store is out of reach'))
      }
      const call: Call = { exchange, method, key, since, isWrite, go }
      this.waiting.push(call)
    })
  }
}

/** Enough of a key to follow it; KV's names say what they are for first. */
function shortOf(key: string): string {
  const [kind, name = ''] = key.split('"')
  return name === '' ? key.slice(0, 8) : `${kind?.slice('session:'.length)}${name.slice(0, 8)}`
}

function brief(answer: unknown): string {
  if (answer === null || answer === undefined) return 'nothing'
  if (Array.isArray(answer)) return `${answer.filter((one) => one !== null).length} of ${answer.length}`
  if (typeof answer === 'string') return answer.startsWith('{') ? 'found' : `version ${answer}`
  const { version } = answer as { version?: unknown }
  return typeof version === 'string' ? `found ${version.slice(0, 8)}` : 'found'
}
