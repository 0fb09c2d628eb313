import { toJsonText } from './json.ts'

/** Values that live until the next request that reads them. */
export class Flash {
  /** What this request found: readable, and kept for the next unless consumed. */
  #incoming: Readonly<Record<string, unknown>>
  /** What this request set: readable from the next on. */
  #added: Record<string, unknown> = {}
  /** The same, once it is kept: another request may have consumed it since. */
  #kept: Record<string, unknown> = {}
  readonly #consumed: Record<string, unknown> = {}
  #used = false

  constructor(found: Readonly<Record<string, unknown>>) {
    this.#incoming = found
  }

  /** @throws {TypeError | SessionError} For a key or a value that cannot be kept. */
  add(key: string, value: unknown): void {
    if (typeof key !== 'string' || key === '' || key === '__proto__') {
      throw new TypeError('flash(key, value) wants a non-empty string as its key, and not __proto__.')
    }
    this.#used = true
    this.#added[key] = JSON.parse(toJsonText(value, `flash ${JSON.stringify(key)}`))
  }

  peek(key: string): unknown {
    return Object.hasOwn(this.#incoming, key) ? this.#incoming[key] : undefined
  }

  consume(key: string): void {
    this.#used = true
    this.#consumed[key] = this.#incoming[key]
    const { [key]: _, ...left } = this.#incoming
    this.#incoming = left
  }

  /** What another request wrote meanwhile is there too, but for what this one consumed. */
  rebase(found: Readonly<Record<string, unknown>>): void {
    const isOwn = (key: string) => isSame(found, this.#kept, key)
    const isGone = (key: string) => isSame(found, this.#consumed, key)
    const keys = Object.keys(found)
    const theirs = keys.filter((key) => !isOwn(key) && !isGone(key))
    this.#kept = pick(found, keys.filter(isOwn))
    this.#incoming = pick(found, theirs)
  }

  /** Takes note of what is kept now. */
  written(flash: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(this.#added).filter((key) => isSame(flash, this.#added, key))
    Object.assign(this.#kept, pick(this.#added, keys))
    for (const key of keys) delete this.#added[key]
  }

  /** Leaves behind what came from before a sign-in; what this request set stays. */
  forgetIncoming(): void {
    this.#incoming = {}
  }

  /** What the next request is to find. */
  outgoing(): Record<string, unknown> {
    return { ...this.#incoming, ...this.#kept, ...this.#added }
  }

  differsFrom(persisted: Readonly<Record<string, unknown>> = {}): boolean {
    return this.#used && JSON.stringify(this.outgoing()) !== JSON.stringify(persisted)
  }
}

function isSame(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
  key: string,
): boolean {
  return Object.hasOwn(b, key) && JSON.stringify(a[key]) === JSON.stringify(b[key])
}

function pick(from: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, from[key]]))
}
