import { SessionError } from '../errors.ts'
import { boundedStore } from '../manager/bounded-store.ts'
import type { SessionStore, StoredValue } from '../store.ts'
import type { AccessTokenClaims } from './claims.ts'
import { refusal } from './refusal.ts'

/** A session manager, as far as a verifier asks it. */
export interface LiveSessions {
  readonly users: { isLive(sessionId: string, userId: string): Promise<boolean> }
}

/** The store of the revocation marks, or the manager of sessions in a store. */
export type RevocationSource = SessionStore | LiveSessions

type IsLive = (claims: AccessTokenClaims) => Promise<boolean>

/**
 * Asks whether the session of a token still stands.
 *
 * @param timeout Seconds.
 * @throws {TypeError} When it is neither a store nor a manager.
 */
export function liveness(source: RevocationSource, timeout: number): IsLive {
  if (isManager(source)) return (claims) => isLive(source, claims)
  // The client of a database has a `get` too, which finds no mark of anything.
  if (typeof source?.get !== 'function' || source.capabilities == null) {
    throw new TypeError(
      'revocations must be the store of the revocation marks, such as redisStore(client), or the session manager.',
    )
  }
  return (claims) => isUnmarked(source, claims, timeout)
}

function isManager(source: RevocationSource): source is LiveSessions {
  return typeof (source as Partial<LiveSessions> | null)?.users?.isLive === 'function'
}

async function isLive({ users }: LiveSessions, { sid, sub }: AccessTokenClaims): Promise<boolean> {
  if (sid === undefined) throw refusal('The token names no session.')
  return users.isLive(sid, sub)
}

/** One batch read. What cannot be told is no. */
async function isUnmarked(
  source: SessionStore,
  { session_marks }: AccessTokenClaims,
  timeout: number,
): Promise<boolean> {
  if (session_marks === undefined || session_marks.keys.length === 0) {
    throw refusal('The token names no marks: has the session manager that made it revocations?')
  }
  const { keys, auth_time_ms } = session_marks
  const { getMany } = boundedStore(source, { timeout, emit: () => {} })
  const marks = await getMany(keys)
  if (marks?.length !== keys.length) {
    throw new SessionError('ERR_SESSION_STORE', 'The store gave fewer marks than it was asked for.')
  }
  return marks.every((mark) => mark == null || auth_time_ms >= timeOf(mark))
}

/** What is no number refuses, as in the manager. */
function timeOf({ value }: StoredValue): number {
  return /^\d+$/.test(value) ? Number(value) : Number.NaN
}
