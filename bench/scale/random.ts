/**
 * Numbers from 0 to 1, the same ones for the same seed.
 *
 * @param seed Any whole number but 0.
 * @see Marsaglia, Xorshift RNGs (2003), section 3
 */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
