import type { ServerState } from '../manager/server-state.ts'
import { RETRY_AFTER } from './answers.ts'
import type { Logout } from './logout-claims.ts'
import { refusal } from './refusal.ts'

/** Milliseconds for which the name is taken while the sessions end: until the provider was told to try again. */
const LEASE = RETRY_AFTER * 1000

/**
 * Does what a logout token asks for, once per `jti` (OpenID Connect Back-Channel Logout 1.0 §2.6).
 *
 * The name is taken before anything ends: a token that comes again must end nothing, as somebody may have signed in since.
 * It is taken for a moment only, and for good once all has ended: should this fail, or this machine die, and the store be
 * out of reach for giving the name back, the provider can still try again with the same token.
 *
 * @param now Milliseconds since the epoch.
 * @throws {SessionError} `ERR_TOKEN_INVALID` when it was seen before; what `act` throws; `ERR_SESSION_STORE`
 */
export async function once(
  state: ServerState,
  { iss, jti, until }: Logout,
  now: number,
  act: () => Promise<unknown>,
): Promise<void> {
  const name = [iss, jti]
  // Where nothing can be compared, as in KV, a second write to one key within a second may be refused: so it is the only one.
  const leased = state.atomicUpdate ? Math.min(now + LEASE, until) : until
  const version = await state.create(name, 1, { expiresAt: leased })
  if (version === null) throw refusal('Its jti was seen before.')
  try {
    await act()
    if (!state.atomicUpdate) return
    const kept = await state.update(name, 1, { expiresAt: until, version })
    if (kept === null) await state.create(name, 1, { expiresAt: until }) // All of that took longer than the lease.
  } catch (error) {
    await giveBack(state, name, version).catch(() => {})
    throw error
  }
}

/** Of a name that another request has taken since, and maybe used up, nothing is given back. */
async function giveBack(state: ServerState, name: readonly string[], version: string): Promise<void> {
  if (state.atomicUpdate && (await state.get(name))?.version !== version) return
  await state.delete(name)
}
