import type { KVBinding, KVPage } from 'wafer-session/stores/cloudflare-kv'
import type { Random } from '../runtime/random.ts'
import type { Gate } from './gate.ts'

interface Entry {
  readonly value: string
  /** Milliseconds. */
  readonly expiresAt: number
}

/** What a KV namespace has, wherever it is asked from. */
export class KVCentre {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  get(name: string): string | null {
    const entry = this.#entries.get(name)
    return entry !== undefined && entry.expiresAt > this.#now() ? entry.value : null
  }

  put(name: string, value: string, seconds: number): void {
    this.#entries.set(name, { value, expiresAt: this.#now() + seconds * 1000 })
  }

  delete(name: string): void {
    this.#entries.delete(name)
  }

  names(prefix: string): string[] {
    return [...this.#entries.keys()]
      .filter((name) => name.startsWith(prefix) && this.get(name) !== null)
      .sort()
  }
}

/** Milliseconds for which a place may show what it has once read, also that nothing was there. */
const STALE = [0, 5000, 30_000, 60_000]

/**
 * A KV namespace as one place sees it: what it has read, also that nothing was there and also a list, it may show again for
 * as long as KV says. A write is seen at the place where it was made, mostly.
 */
export function fakeKV(centre: KVCentre, gate: Gate, random: Random, now: () => number): KVBinding {
  const seen = new Map<string, { readonly answer: unknown; readonly until: number }>()
  const garbage = (answer: unknown) => (typeof answer === 'string' ? answer.slice(0, -3) : answer)
  const read = { isWrite: false, garbage }
  const write = { isWrite: true, garbage }

  function show<Answer>(name: string, ask: () => Answer): Answer {
    const known = seen.get(name)
    if (known !== undefined && now() < known.until) return known.answer as Answer
    const answer = ask()
    seen.set(name, { answer, until: now() + random.pick(STALE) })
    return answer
  }

  function forget(name: string): void {
    if (random.chance(100)) return
    seen.delete(name)
    for (const key of [...seen.keys()]) if (key.startsWith('list ')) seen.delete(key)
  }

  const one = (name: string) => show(name, () => centre.get(name))

  return {
    get(asked: string | string[]): Promise<never> {
      const names = [asked].flat()
      const run = async () =>
        Array.isArray(asked) ? new Map(names.map((name) => [name, one(name)])) : one(asked)
      return gate.pass({ method: 'get', key: names.join(), ...read }, run) as Promise<never>
    },
    put: (name, value, { expirationTtl }) =>
      gate.pass({ method: 'put', key: name, ...write }, async () => {
        centre.put(name, value, expirationTtl)
        forget(name)
      }),
    delete: (name) =>
      gate.pass({ method: 'delete', key: name, ...write }, async () => {
        centre.delete(name)
        forget(name)
      }),
    list: ({ prefix }) =>
      gate.pass({ method: 'list', key: prefix, ...read }, async (): Promise<KVPage> => {
        const keys = show(`list ${prefix}`, () => centre.names(prefix)).map((name) => ({ name }))
        return { keys, list_complete: true }
      }),
  }
}
