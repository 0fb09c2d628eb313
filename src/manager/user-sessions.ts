import { tagsOf } from '../crypto/tag.ts'
import type { Bytes } from '../encoding.ts'
import { resume } from '../session/lifecycle.ts'
import { type SessionRecord, sameSession } from '../session/record.ts'
import { findLive, latestOf } from './end-session.ts'
import { federatedTag, isOf, type Subject } from './federated.ts'
import type { FederatedSubject } from './federated-subject.ts'
import { publicId } from './report.ts'
import type { Settings } from './settings.ts'
import type { FoundLive, Shelf } from './shelf.ts'

/**
 * The live sessions of a user, also those that were listed under an older secret.
 *
 * @throws {TypeError} When the store has no index.
 */
export async function sessionsOf(
  settings: Settings<object>,
  shelf: Shelf,
  userId: string,
): Promise<FoundLive[]> {
  return listed(settings, shelf, ['user', userId], ({ user }) => user?.id === userId)
}

/**
 * One of them, under every id that it has: while it moves there are several, of which one goes on. One that has moved too
 * often to be followed is in the list.
 */
export async function sessionOf(
  settings: Settings<object>,
  shelf: Shelf,
  handle: Bytes,
  userId: string,
): Promise<FoundLive[]> {
  const found = await findLive(shelf, handle)
  if (found !== null && found.content.record.user?.id !== userId) return []
  const all = shelf.hasIndex ? await sessionsOf(settings, shelf, userId) : []
  const own = all.filter((one) => sameSession(one.handle, handle))
  return eachOnce(found === null ? own : [found, ...own])
}

/** The live sessions of a user, and where somebody is half signed in as this user. */
export async function allOf(settings: Settings<object>, shelf: Shelf, userId: string): Promise<FoundLive[]> {
  return listed(settings, shelf, ['user', userId], ({ user, pending }) => (user ?? pending)?.id === userId)
}

/** The sessions that a logout at an OpenID provider is about. */
export function federatedSessions(
  settings: Settings<object>,
  shelf: Shelf,
  subject: FederatedSubject,
): Promise<FoundLive[]> {
  return listed(settings, shelf, federatedTag(subject), ({ user, pending }) =>
    isOf((user ?? pending)?.oidc, subject),
  )
}

async function listed(
  { keyring, policy, clock }: Settings<object>,
  shelf: Shelf,
  subject: Subject,
  belongs: (record: SessionRecord) => boolean,
): Promise<FoundLive[]> {
  if (!shelf.hasIndex) {
    throw new TypeError(
      'This store has no index, so nothing knows the sessions of a user. Choose one that lists.',
    )
  }
  const found = await shelf.list(await tagsOf(keyring, ...subject))
  // What cannot be read stays: it may be of another cookie, whose sessions are listed under the same tags.
  // One may have moved on between the list and the read of its record: under its new id it was not listed yet.
  const latest = await Promise.all(found.map((one) => latestOf(shelf, one)))
  const now = clock()
  const live = latest.filter((one): one is FoundLive => {
    const record = one?.content.record
    return record !== undefined && belongs(record) && typeof resume(policy, record, now) !== 'string'
  })
  return eachOnce(live)
}

function eachOnce(found: readonly FoundLive[]): FoundLive[] {
  return [...new Map(found.map((one) => [publicId(one), one])).values()]
}
