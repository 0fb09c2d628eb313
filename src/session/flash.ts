import { toJsonText } from './json.ts'

/** Values that live until the next request that reads them. */
export class Flash {
  /** What this request found: readable, and kept for the next unless consumed. */
  #incoming: Record<string, unknown>
  /** What this request set: readable from the next on. */
  #added: Record<string, unknown> = {}
  readonly #consumed = new Set<string>()
  #used = false

  constructor(found: Readonly<Record<string, unknown>>) {
    this.#incoming = { ...found }
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
    this.#consumed.add(key)
    delete this.#incoming[key]
  }

  /** What another request wrote meanwhile is there too, but for what this one consumed. */
  rebase(found: Readonly<Record<string, unknown>>): void {
    this.#incoming = Object.fromEntries(Object.entries(found).filter(([key]) => !this.#consumed.has(key)))
  }

  /** Leaves behind what came from before a sign-in; what this request set stays. */
  forgetIncoming(): void {
    this.#incoming = {}
  }

  /** What the next request is to find. */
  outgoing(): Record<string, unknown> {
    return { ...this.#incoming, ...this.#added }
  }

  differsFrom(persisted: Readonly<Record<string, unknown>> = {}): boolean {
    return this.#used && JSON.stringify(this.outgoing()) !== JSON.stringify(persisted)
  }
}
