/** Calls of a store: each is a round trip, and on the bill. */
export interface Calls {
  reads: number
  writes: number
}
