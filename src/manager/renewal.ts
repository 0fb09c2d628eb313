import { equalBytes, firstKey } from '../crypto/mac.ts'
import { hashToken, nextToken, type SessionToken, sign } from '../crypto/session-token.ts'
import { toBase64Url } from '../encoding.ts'
import { CLOCK_LEEWAY, randomBytes, toSeconds } from '../session/lifecycle.ts'
import type { SessionRecord } from '../session/record.ts'
import type { TokenState } from '../session/stored.ts'
import type { Settings } from './settings.ts'

/** What a token with a right tag is to the session under its handle; classed once, when the request is opened. */
export type TokenClass = 'current' | 'next' | 'previous' | 'reused' | 'unjudged'

/** The better of two cookies of one session has the lower rank. */
export const RANK: Record<TokenClass, number> = {
  next: 0,
  current: 1,
  previous: 2,
  reused: 3,
  unjudged: 3,
}

/** Classes a token; the current one costs no more than the hash there is. */
export async function classify(
  { keyring, cookie, renewal }: Settings<object>,
  token: SessionToken,
  { current, previous }: TokenState,
  now: number,
): Promise<TokenClass> {
  const keys = await keyring.keys()
  const matches = async (kept: { readonly kid: number; readonly hash: Uint8Array }) => {
    const ringKey = keys.get(kept.kid)
    return (
      ringKey !== undefined && equalBytes(await hashToken(keyring, ringKey, cookie.name, token), kept.hash)
    )
  }
  if (await matches(current)) return 'current'
  const ringKey = keys.get(current.kid)
  if (ringKey !== undefined) {
    const next = await nextToken(keyring, ringKey, cookie.name, token.handle, current)
    if (equalBytes(next, token.token)) return 'next'
  }
  // A secret that leaked is dropped at once: what was hashed with it cannot be told from a copy, and is no theft.
  if (ringKey === undefined || (previous && !keys.has(previous.kid))) return 'unjudged'
  if (previous === undefined || !(await matches(previous))) return 'reused'
  return toSeconds(now) - previous.replacedAt <= renewal.grace ? 'previous' : 'reused'
}

/** The token that was offered becomes the current one, under the first secret. */
export async function confirmed(
  { keyring, cookie }: Settings<object>,
  token: SessionToken,
  { current: { hash, kid } }: TokenState,
  now: number,
): Promise<TokenState> {
  const first = await firstKey(keyring)
  const since = toSeconds(now)
  return {
    current: {
      hash: await hashToken(keyring, first, cookie.name, token),
      kid: first.index,
      since,
      seed: randomBytes(16),
    },
    previous: { hash, kid, replacedAt: since },
  }
}

/**
 * The same state with the current token's hash under the first secret, for whoever holds that token. Not where the next
 * token may be out, which is made of that hash: the renewal moves it.
 */
export async function rehashed(
  settings: Settings<object>,
  token: SessionToken,
  tokens: TokenState,
  record: SessionRecord,
): Promise<TokenState> {
  const { keyring, cookie, clock } = settings
  const first = await firstKey(keyring)
  if (tokens.current.kid === first.index || mayBeOffered(settings, tokens, record, clock())) return tokens
  const hash = await hashToken(keyring, first, cookie.name, token)
  return { ...tokens, current: { ...tokens.current, hash, kid: first.index } }
}

/**
 * The cookie value for the holder of the current token: the next token once the current one is old enough, else the
 * same with a tag under the first secret, or null when the browser's is as it should be.
 */
export async function offered(
  settings: Settings<object>,
  token: SessionToken,
  tokens: TokenState,
  record: SessionRecord,
  now: number,
): Promise<string | null> {
  const { keyring, cookie, renewal } = settings
  const { current } = tokens
  const [first, keys] = [await firstKey(keyring), await keyring.keys()]
  const ringKey = keys.get(current.kid)
  const isOld = renewal.timeout > 0 && toSeconds(now) - current.since >= renewal.timeout
  if (isOld && record.user !== undefined && ringKey !== undefined) {
    const next = await nextToken(keyring, ringKey, cookie.name, token.handle, current)
    return toBase64Url((await sign(keyring, first, cookie.name, token.handle, next)).value)
  }
  // Not where the next token may be out: the browser must not get this one back.
  if (token.ringKey === first || mayBeOffered(settings, tokens, record, now)) return null
  return toBase64Url((await sign(keyring, first, cookie.name, token.handle, token.token)).value)
}

/** True when the next token may be with the browser, also by a clock that is ahead and a response that is on its way. */
function mayBeOffered(
  { renewal: { timeout, grace } }: Settings<object>,
  { current }: TokenState,
  { user }: SessionRecord,
  now: number,
): boolean {
  return timeout > 0 && user !== undefined && toSeconds(now) - current.since >= timeout - grace - CLOCK_LEEWAY
}
