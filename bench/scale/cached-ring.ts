import { keyringOf, type RingKey, sealContext } from '../../src/crypto/keyring.ts'

/** A key ring whose keys are nothing: the cache is the library's own, no crypto takes part. */
export interface CachedRing {
  /** @returns 1 when the key of the hour has to be derived, else 0. */
  need(hour: number, current: number): 0 | 1
}

const CONTEXT = sealContext('session', '__Host-session')
const RING_KEY = { index: 1 } as RingKey
const KEY = {} as CryptoKey

let rings = 0

export function freshRing(): CachedRing {
  rings += 1
  const ring = keyringOf(`a secret of an isolate, whose number is ${rings}`)
  return {
    need(hour, current) {
      if (ring.cached(RING_KEY, CONTEXT, hour) !== undefined) return 0
      ring.keep(RING_KEY, CONTEXT, hour, KEY, current)
      return 1
    },
  }
}
