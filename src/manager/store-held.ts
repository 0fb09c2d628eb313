import type { SessionToken } from '../crypto/session-token.ts'
import type { Loaded } from './backend.ts'
import { RANK, type TokenClass } from './renewal.ts'
import type { FoundLive } from './shelf.ts'

/** A session in a store, and the token by which this request holds it. */
export interface StoreHeld extends Loaded {
  readonly token: SessionToken
  readonly tokenClass: TokenClass
  readonly found: FoundLive
}

export function held(token: SessionToken, tokenClass: TokenClass, found: FoundLive): StoreHeld {
  const { record, data } = found.content
  return { record, data, stale: false, rank: RANK[tokenClass], token, tokenClass, found }
}
