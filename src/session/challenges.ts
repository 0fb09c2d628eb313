import { toBase64Url } from '../encoding.ts'
import { randomBytes, toSeconds } from './lifecycle.ts'
import type { Challenge } from './record.ts'

/** A cookie has little room: of more than so many that nobody took, those that end first go, older ones before new ones. */
const MAX_PENDING = 8
/** Of a purpose and a value, in characters. */
const MAX_LENGTH = 1024

type Pending = Readonly<Record<string, Challenge>>

/** What this request did with a purpose. */
interface Change {
  /** The names of what it took, or put something else in the place of. */
  readonly gone: readonly string[]
  readonly put?: Challenge | undefined
}

/** Values that the session gave out and waits for: by purpose, each until its time is over. */
export class Challenges {
  #pending: Map<string, Challenge>
  readonly #changes = new Map<string, Change>()
  /** Of what other requests put meanwhile nothing counts either. */
  #forgets = false

  constructor(found: Pending | undefined) {
    this.#pending = new Map(Object.entries(found ?? {}))
  }

  /** @throws {TypeError} For a purpose or a value that cannot be one. */
  put(purpose: string, value: string | undefined, expiresAt: number): string {
    if (!isText(purpose) || purpose === '__proto__') throw notText('purpose')
    if (value !== undefined && !isText(value)) throw notText('value')
    const random = toBase64Url(randomBytes(value === undefined ? 32 : 12))
    const end = toSeconds(expiresAt)
    this.#change(purpose, value === undefined ? [random, end] : [value, end, random])
    return value ?? random
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
    this.#pending = new Map(this.#forgets ? [] : Object.entries(found ?? {}))
    for (const [purpose, { gone, put }] of this.#changes) {
      const theirs = this.#pending.get(purpose)
      if (put !== undefined) this.#pending.set(purpose, put)
      else if (theirs !== undefined && gone.includes(nameOf(theirs))) this.#pending.delete(purpose)
    }
  }

  /** Nothing is carried over a sign-in or a new authentication. */
  forget(): void {
    for (const purpose of [...this.#pending.keys()]) this.#change(purpose, undefined)
    this.#forgets = true
  }

  /** What the next request is to find. */
  outgoing(now: number): Pending | undefined {
    const isNew = (purpose: string) => (this.#changes.get(purpose)?.put === undefined ? 0 : 1)
    const latest = [...this.#pending]
      .filter(([, one]) => isPending(one, now))
      .reverse()
      .sort(([a, [, endOfA]], [b, [, endOfB]]) => isNew(b) - isNew(a) || endOfB - endOfA)
      .slice(0, MAX_PENDING)
    return latest.length === 0 ? undefined : Object.fromEntries(latest.reverse())
  }

  /** Something was put, or taken of what is kept. */
  differsFrom(kept: Pending | undefined, clock: () => number): boolean {
    return this.#changes.size > 0 && JSON.stringify(this.outgoing(clock())) !== JSON.stringify(kept)
  }

  /**
   * Takes note that this is kept now; what was put or taken meanwhile stays due.
   *
   * @param isLatest The session is kept as it now is: others found it without what was forgotten.
   */
  written(kept: Pending | undefined, isLatest: boolean): void {
    const values = new Map(Object.entries(kept ?? {}))
    for (const [purpose, { put }] of this.#changes) {
      if (values.get(purpose)?.toString() === put?.toString()) this.#changes.delete(purpose)
    }
    for (const purpose of [...this.#pending.keys()]) {
      if (!values.has(purpose) && !this.#changes.has(purpose)) this.#pending.delete(purpose) // It made room.
    }
    if (isLatest) this.#forgets = false
  }

  /** @param put Undefined when it was taken. */
  #change(purpose: string, put: Challenge | undefined): void {
    const found = this.#pending.get(purpose)
    const gone = [...(this.#changes.get(purpose)?.gone ?? []), ...(found ? [nameOf(found)] : [])]
    this.#changes.set(purpose, { gone, put })
    this.#pending.delete(purpose)
    if (put !== undefined) this.#pending.set(purpose, put)
  }
}

/** What no other challenge is called: a value may be put twice, and is taken twice then. */
export function nameOf([value, , name = value]: Challenge): string {
  return name
}

function isPending([, expiresAt]: Challenge, now: number): boolean {
  return now < expiresAt * 1000
}

function isText(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && text.length <= MAX_LENGTH
}

function notText(name: string): TypeError {
  return new TypeError(`The ${name} of a challenge must be a string of 1 to ${MAX_LENGTH} characters.`)
}
