import { toBase64Url } from '../encoding.ts'
import { randomBytes, toSeconds } from './lifecycle.ts'
import type { Challenge } from './record.ts'

/** A cookie has little room: of more than so many that nobody took, the one that ends first makes room. */
const MAX_PENDING = 8
/** Of a purpose and a value, in characters. */
const MAX_LENGTH = 1024

type Pending = Readonly<Record<string, Challenge>>

/** Values that the session gave out and waits for: by purpose, each until its time is over. */
export class Challenges {
  #pending: Map<string, Challenge>
  /** What this request put, and what it took; undefined stands for whatever was there. */
  readonly #changes = new Map<string, { readonly from: Challenge | undefined; readonly to?: Challenge }>()

  constructor(found: Pending | undefined) {
    this.#pending = new Map(Object.entries(found ?? {}))
  }

  /** @throws {TypeError} For a purpose or a value that cannot be one. */
  put(purpose: string, value: string | undefined, expiresAt: number): string {
    checkText('purpose', purpose)
    if (value !== undefined) checkText('value', value)
    const text = value ?? toBase64Url(randomBytes(32))
    this.#change(purpose, [text, toSeconds(expiresAt)])
    return text
  }

  /** Takes it out. @returns Undefined when there is none, or its time is over. */
  take(purpose: string, now: number): Challenge | undefined {
    const found = this.#pending.get(purpose)
    if (found === undefined) return undefined
    this.#change(purpose, undefined)
    return isPending(found, now) ? found : undefined
  }

  /** What another request wrote meanwhile is there too, but for what this one took or put anew. */
  rebase(found: Pending | undefined): void {
    this.#pending = new Map(Object.entries(found ?? {}))
    for (const [purpose, { from, to }] of this.#changes) {
      if (to !== undefined) this.#pending.set(purpose, to)
      else if (this.#pending.get(purpose)?.[0] === from?.[0]) this.#pending.delete(purpose)
    }
  }

  /** Nothing is carried over a sign-in or a new authentication. */
  forget(): void {
    for (const purpose of [...this.#pending.keys()]) this.#change(purpose, undefined)
  }

  /** What the next request is to find. */
  outgoing(now: number): Pending | undefined {
    const entries = [...this.#pending].filter(([, one]) => isPending(one, now))
    const latest = entries.sort(([, a], [, b]) => b[1] - a[1]).slice(0, MAX_PENDING)
    return latest.length === 0 ? undefined : Object.fromEntries(latest)
  }

  get isChanged(): boolean {
    return this.#changes.size > 0
  }

  /** Takes note that this is kept now; what was put or taken meanwhile stays due. */
  written(kept: Pending | undefined): void {
    const values = new Map(Object.entries(kept ?? {}))
    for (const [purpose, { to }] of this.#changes) {
      if (values.get(purpose)?.[0] === to?.[0]) this.#changes.delete(purpose)
    }
  }

  #change(purpose: string, to: Challenge | undefined): void {
    this.#changes.set(purpose, { from: this.#pending.get(purpose), ...(to && { to }) })
    if (to === undefined) this.#pending.delete(purpose)
    else this.#pending.set(purpose, to)
  }
}

function isPending([, expiresAt]: Challenge, now: number): boolean {
  return now < expiresAt * 1000
}

function checkText(name: string, text: unknown): void {
  const fits = typeof text === 'string' && text !== '' && text.length <= MAX_LENGTH && text !== '__proto__'
  if (!fits)
    throw new TypeError(`The ${name} of a challenge must be a string of 1 to ${MAX_LENGTH} characters.`)
}
