import type { FuzzRandom } from './fuzz-random.ts'

/** Something that reads what anybody may have written. */
export interface FuzzTarget {
  readonly name: string
  /** What real inputs look like: everything else is made of these. Bytes are a string of them, one character each. */
  readonly seeds: readonly string[]
  /** Words of the format, to be thrown in. */
  readonly words: readonly string[]
  /** How an input is changed; see mutate.ts. */
  readonly mutate: Mutator
  /** Every one of these has to be met, or the target no longer tries what it should. */
  readonly outcomes: readonly string[]
  /** The part that it gets of all inputs, beside 1 for the others: what costs more gets less. */
  readonly share?: number | undefined
  /**
   * Reads the input.
   *
   * @returns What came of it.
   * @throws Whatever must not happen.
   */
  read(input: string): Promise<string>
}

/** @param other Another input of the same target. */
export type Mutator = (input: string, random: FuzzRandom, words: readonly string[], other: string) => string

/** What must not happen. */
export class Finding extends Error {
  override name = 'Finding'
}

/** @throws {Finding} */
export function must(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Finding(otherwise)
}
