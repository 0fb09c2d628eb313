import type { Session } from '../session/session.ts'
import type { RevocationMarks } from './revocations.ts'
import type { Settings } from './settings.ts'
import { checkedUser, checkFederated, handleOf, type UserSessions } from './users.ts'

/** With `revocations` the session that stays must have been authenticated within this time, in seconds. */
const EXCEPT_MAX_AGE = 300

/** Sealed cookies alone: every call rejects. */
export function sealedUsers<Data extends object>(): UserSessions<Data> {
  const needs = 'sessions in a store, or revocations: sealed cookies alone leave nothing to list or end.'
  return {
    list: () => refuse(`users.list() needs ${needs}`),
    revoke: () => refuse(`users.revoke() needs ${needs}`),
    revokeAll: () => refuse(`users.revokeAll() needs ${needs}`),
    revokeFederated: () => refuse(`users.revokeFederated() needs ${needs}`),
    isLive: () => refuse(`users.isLive() needs ${needs}`),
  }
}

/** Sealed cookies that can be revoked. */
export function markedUsers<Data extends object>(
  { clock }: Settings<object>,
  marks: RevocationMarks,
): UserSessions<Data> {
  return {
    list: () => refuse('users.list() needs sessions in a store: with revocations nothing knows them.'),
    async revoke(sessionId, userId) {
      const handle = handleOf(sessionId)
      if (handle === null) return false
      await marks.endSession(checkedUser(userId), handle)
      return true
    },
    async revokeAll(userId, { except } = {}) {
      await marks.endBefore(
        checkedUser(userId),
        except === undefined ? clock() + 1 : notBefore(except, userId),
      )
      return undefined
    },
    async revokeFederated(subject) {
      checkFederated(subject)
      await marks.endFederated(subject)
      return undefined
    },
    isLive: () => refuse('users.isLive() needs sessions in a store: with revocations nothing knows them.'),
  }

  /** Marks carry no exceptions: what stays is whatever authenticated no earlier than this session. */
  function notBefore(except: Session<Data> | string, userId: string): number {
    const session = typeof except === 'string' ? undefined : except
    if (session?.userId !== userId || !session.isFresh(EXCEPT_MAX_AGE)) {
      throw new TypeError(
        `With revocations, revokeAll(userId, { except }) wants a session of this user, authenticated within the last ` +
          `${EXCEPT_MAX_AGE} seconds. Ask for the password first: requireFresh(${EXCEPT_MAX_AGE}).`,
      )
    }
    return session.authTime as number
  }
}

async function refuse(sentence: string): Promise<never> {
  throw new TypeError(sentence)
}
