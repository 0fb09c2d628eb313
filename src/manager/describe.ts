import { describeDevice } from '../session/device.ts'
import { toSeconds } from '../session/lifecycle.ts'
import type { SessionRecord } from '../session/record.ts'
import { type Arrival, bindingOf } from './bind.ts'
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
  if (before !== undefined && record.user === before.user) return record
  const { request, info } = arrival
  return {
    ...record,
    ...(marks && record.user && { user: after(record.user, marks.earliestSignIn) }),
    ...(marks && record.user && { checkedAt: toSeconds(settings.clock()) }),
    ...(store && { device: describeDevice(request.headers.get('User-Agent')), location: info.location }),
    ...(binding && { binding: await bindingOf(settings, binding, arrival) }),
  }
}

/** Whoever signs in within the millisecond of a revocation signs in after it. */
function after<User extends { readonly authTime: number }>(user: User, earliest: number): User {
  return user.authTime < earliest ? { ...user, authTime: earliest } : user
}
