import type { Exchange } from '../world/exchange.ts'
import type { Life } from '../world/life.ts'
import type { ModeName } from '../world/mode-names.ts'
import type { World } from '../world/world.ts'

export type Check = (exchange: Exchange, world: World, life: Life) => string | false | undefined

/** What must hold whatever happens. Each check gives a sentence when it does not. */
export interface Invariant {
  readonly name: string
  readonly sentence: string
  /** Where it cannot hold, and why. */
  readonly exceptions: Readonly<Partial<Record<ModeName, string>>>
  /** The request was sent, and its code has come to its first store call. */
  readonly begun?: Check
  /** The handler begins. */
  readonly opened?: Check
  /** The response is there, or an error. */
  readonly settled?: Check
  /** Half a sign-in has become a whole one. */
  readonly completed?: Check
  /** A challenge was taken. */
  readonly took?: Check
  /** `requireAuthoritative` let the request go on. */
  readonly stood?: Check
  /** A token has become the current one. */
  readonly renewed?: Check
  /** Everything has come to rest. */
  readonly over?: (world: World) => Promise<string | undefined>
}

export type Checkpoint = Exclude<keyof Invariant, 'name' | 'sentence' | 'exceptions' | 'over'>
