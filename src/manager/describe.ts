import { describeDevice } from '../session/device.ts'
import { toSeconds } from '../session/lifecycle.ts'
import { type SessionRecord, type SignedIn, sameSession } from '../session/record.ts'
import type { Arrival } from './arrival.ts'
import { bindingOf } from './bind.ts'
import type { Settings } from './settings.ts'

/**
 * The record of a session that just began, or whose user just authenticated, with what this configuration keeps of its
 * client; any other as it is.
 */
export async function described(
  settings: Settings<object>,
  arrival: Arrival,
  record: SessionRecord,
  before: SessionRecord | undefined,
): Promise<SessionRecord> {
  const { store, marks, binding } = settings
  // A new id that came while the sign-in was being written does not have what was written of it.
  if (before !== undefined && record.user === before.user) return { ...descriptionOf(before), ...record }
  const { request, info } = arrival
  return {
    ...record,
    ...(marks && record.user && checkable(record, record.user, before)),
    ...(store && { device: describeDevice(request.headers.get('User-Agent')), location: locationOf(info) }),
    ...(binding && { binding: await bindingOf(settings, binding, arrival) }),
  }
}

/**
 * Nobody can have revoked a new session before its sign-in, which may be a while ago. A session that goes on may have been
 * revoked since its last check; its new authentication is later than the one before by whatever clock, so that the marks
 * can tell the older cookies apart.
 */
function checkable(
  { handle, checkedAt }: SessionRecord,
  user: SignedIn,
  before: SessionRecord | undefined,
): Pick<SessionRecord, 'user' | 'checkedAt'> {
  if (before === undefined || !sameSession(before.handle, handle)) {
    return { user, checkedAt: toSeconds(user.authTime) }
  }
  const earliest = (before.user?.authTime ?? 0) + 1
  return { user: user.authTime < earliest ? { ...user, authTime: earliest } : user, checkedAt }
}

/** What is no text would make the record one that nobody can read. */
function locationOf({ location }: { readonly location?: unknown }): string | undefined {
  if (typeof location === 'string') return location
  if (location === undefined || location === null) return undefined
  throw new TypeError(`info.location must be a text, such as 'Lisbon, PT'.`)
}

function descriptionOf({ device, location, binding, checkedAt }: SessionRecord): Partial<SessionRecord> {
  return { device, location, binding, checkedAt }
}
