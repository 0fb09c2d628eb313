import { SessionError } from '../errors.ts'
import { sessionPart } from '../session/record.ts'
import { endSession } from './end-session.ts'
import { publicNames } from './report.ts'
import type { Settings } from './settings.ts'
import type { FoundLive, Shelf } from './shelf.ts'
import { sessionsOf } from './user-sessions.ts'

/**
 * Keeps a user within `sessionsPerUser`, once the new session is listed: of two sign-ins at the same time at least one
 * sees both.
 *
 * @param replaced The session that the new one takes the place of.
 * @throws {SessionError} `ERR_SESSION_LIMIT`
 */
export async function keepWithinLimit(
  settings: Settings<object>,
  shelf: Shelf,
  created: FoundLive,
  replaced: FoundLive | undefined,
): Promise<void> {
  const { user } = created.content.record
  const limit = settings.sessionsPerUser
  if (limit === undefined || user === undefined) return
  // A session that is just moving to a new id is there twice, and is one.
  const listed = await sessionsOf(settings, shelf, user.id)
  const bySession = new Map(listed.map((found) => [sessionPart(found.handle), found]))
  for (const own of [created, replaced]) if (own !== undefined) bySession.delete(sessionPart(own.handle))
  const others = [...bySession.values()]
  const tooMany = others.length + 1 - limit.max
  if (tooMany <= 0) return
  if (limit.onExceed === 'reject') {
    throw new SessionError(
      'ERR_SESSION_LIMIT',
      `The user has ${others.length} sessions, and ${limit.max} may be.`,
    )
  }
  others.sort((a, b) => a.content.record.lastSeenAt - b.content.record.lastSeenAt)
  const oldest = new Set(others.slice(0, tooMany).map(({ handle }) => sessionPart(handle)))
  // Under every id it has: of several that it is moving to, one goes on.
  const due = listed.filter(({ handle }) => oldest.has(sessionPart(handle)))
  await Promise.all(due.map((found) => evict(settings, shelf, found)))
}

async function evict({ emit }: Settings<object>, shelf: Shelf, found: FoundLive): Promise<void> {
  const ended = await endSession(shelf, found, 'delete')
  if (ended !== null) emit({ type: 'end', reason: 'evicted', ...publicNames(ended.content.record) })
}
