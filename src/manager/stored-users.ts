import { sameSession } from '../session/record.ts'
import { endSession, findLive } from './end-session.ts'
import { publicNames } from './report.ts'
import type { Settings } from './settings.ts'
import type { FoundLive, Shelf } from './shelf.ts'
import { sessionsOf } from './user-sessions.ts'
import { checkedUser, handleOf, type UserSession, type UserSessions } from './users.ts'

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

  return {
    async list(userId) {
      const found = await sessionsOf(settings, shelf, checkedUser(userId))
      return found.map(describe).sort((a, b) => b.createdAt - a.createdAt || b.lastSeenAt - a.lastSeenAt)
    },
    async revoke(sessionId, userId) {
      checkedUser(userId)
      const handle = handleOf(sessionId)
      const found = handle && (await findLive(shelf, handle))
      return found?.content.record.user?.id === userId && (await end(found)) > 0
    },
    async revokeAll(userId, { except } = {}) {
      const spared = except === undefined ? null : handleOf(typeof except === 'string' ? except : except?.id)
      if (except !== undefined && spared === null) throw new TypeError('except must be a session, or its id.')
      const seen = new Set<string>()
      let count = 0
      // Until a list shows nothing else: a session may be moving on, or be created, while the others end.
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const all = await sessionsOf(settings, shelf, checkedUser(userId))
        const due = all.filter(({ handle, content: { record } }) => {
          return !(spared && sameSession(handle, spared)) && !seen.has(publicNames(record).sessionId)
        })
        if (due.length === 0) return count
        for (const { content } of due) seen.add(publicNames(content.record).sessionId)
        count += (await Promise.all(due.map(end))).reduce((a, b) => a + b, 0)
      }
      return count
    },
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
