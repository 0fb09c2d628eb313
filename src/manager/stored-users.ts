import { resume } from '../session/lifecycle.ts'
import { sameSession } from '../session/record.ts'
import { endSession, findLive } from './end-session.ts'
import { publicId, publicNames } from './report.ts'
import type { Settings } from './settings.ts'
import type { FoundLive, Shelf } from './shelf.ts'
import { allOf, federatedSessions, sessionOf, sessionsOf } from './user-sessions.ts'
import { checkedUser, checkFederated, handleOf, type UserSession, type UserSessions } from './users.ts'

/** More than any user signs in while being signed out everywhere. */
const MAX_ROUNDS = 16

/** The users whose sessions are in a store with an index. */
export function storedUsers<Data extends object>(
  settings: Settings<object>,
  shelf: Shelf,
): UserSessions<Data> {
  async function end(found: FoundLive): Promise<number> {
    const ended = await endSession(shelf, found, 'delete')
    if (ended === null) return 0
    settings.emit({ type: 'end', reason: 'revoked', ...publicNames(ended.content.record) })
    return 1
  }

  async function endEach(found: readonly FoundLive[]): Promise<number> {
    return (await Promise.all(found.map(end))).reduce((a, b) => a + b, 0)
  }

  return {
    async list(userId) {
      const found = await sessionsOf(settings, shelf, checkedUser(userId))
      return found.map(describe).sort((a, b) => b.createdAt - a.createdAt || b.lastSeenAt - a.lastSeenAt)
    },
    async revoke(sessionId, userId) {
      checkedUser(userId)
      const handle = handleOf(sessionId)
      const found = handle === null ? [] : await sessionOf(settings, shelf, handle, userId)
      return (await endEach(found)) > 0
    },
    async revokeAll(userId, { except } = {}) {
      const spared = handleOf(typeof except === 'string' ? except : except?.id)
      if (except !== undefined && spared === null) throw new TypeError('except must be a session, or its id.')
      checkedUser(userId)
      return endAll(async () => {
        const all = await allOf(settings, shelf, userId)
        return spared === null ? all : all.filter(({ handle }) => !sameSession(handle, spared))
      })
    },
    revokeFederated(subject) {
      checkFederated(subject)
      return endAll(() => federatedSessions(settings, shelf, subject))
    },
    async isLive(sessionId, userId) {
      checkedUser(userId)
      const handle = handleOf(sessionId)
      const found = handle && (await findLive(shelf, handle))
      const record = found?.content.record
      if (record?.user?.id !== userId || record.stepUpSince !== undefined) return false
      return typeof resume(settings.policy, record, settings.clock()) !== 'string'
    },
  }

  /** Until a list shows nothing else: a session may be moving on, or be created, while the others end. */
  async function endAll(list: () => Promise<FoundLive[]>): Promise<number> {
    const seen = new Set<string>()
    let count = 0
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const due = (await list()).filter((found) => !seen.has(publicId(found)))
      if (due.length === 0) return count
      for (const found of due) seen.add(publicId(found))
      count += await endEach(due)
    }
    return count
  }
}

function describe({ content: { record } }: FoundLive): UserSession {
  return {
    id: publicNames(record).sessionId,
    createdAt: record.createdAt * 1000,
    lastSeenAt: record.lastSeenAt * 1000,
    device: record.device,
    location: record.location,
  }
}
