import { toJsonText } from './json.ts'

type JsonObject = Record<string, unknown>

/**
 * What a request did to its data, in order, so that it can be done again on top of what another request wrote: the
 * top-level keys it set or deleted, and the functions it gave to `update`.
 */
export class Changes {
  readonly #steps: ((data: JsonObject) => void)[] = []
  /** JSON text of the data after the last step. */
  #text: string

  /** @param text JSON text of the data before any of them. */
  constructor(text: string) {
    this.#text = text
  }

  /**
   * Notes what was changed in place since the last step.
   *
   * @throws {SessionError} `ERR_SESSION_NOT_SERIALIZABLE`
   */
  note(data: object): void {
    const text = toJsonText(data, 'session.data')
    if (text === this.#text) return
    const [before, after] = [JSON.parse(this.#text) as JsonObject, JSON.parse(text) as JsonObject]
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const value = JSON.stringify(after[key])
      if (value === JSON.stringify(before[key])) continue
      this.#steps.push((onto) => {
        if (value === undefined) delete onto[key]
        else onto[key] = JSON.parse(value)
      })
    }
    this.#text = text
  }

  /** Notes a function that has just changed the data. */
  noteUpdate(fn: (data: never) => void, data: object): void {
    this.#steps.push(fn as (data: JsonObject) => void)
    this.#text = toJsonText(data, 'session.data')
  }

  /** How many steps there are. */
  get count(): number {
    return this.#steps.length
  }

  /** Does the steps from one to before another again, on other data. @returns False when there were none. */
  replay(onto: object, from = 0, to: number = this.count): boolean {
    const steps = this.#steps.slice(from, to)
    for (const step of steps) step(onto as JsonObject)
    return steps.length > 0
  }

  /** The first ones are kept now: they are not done again. */
  settle(count: number): void {
    this.#steps.splice(0, count)
  }

  /** From here on the data is what `replay` made of it. */
  adopt(text: string): void {
    this.#text = text
  }
}
