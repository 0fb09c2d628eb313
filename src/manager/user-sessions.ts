import { tagsOf } from '../crypto/tag.ts'
import { resume } from '../session/lifecycle.ts'
import { latestOf } from './end-session.ts'
import { publicId } from './report.ts'
import type { Settings } from './settings.ts'
import type { FoundLive, Shelf } from './shelf.ts'

/**
 * The live sessions of a user, also those that were listed under an older secret.
 *
 * @throws {TypeError} When the store has no index.
 */
export async function sessionsOf(
  { keyring, policy, clock }: Settings<object>,
  shelf: Shelf,
  userId: string,
): Promise<FoundLive[]> {
  if (!shelf.hasIndex) {
    throw new TypeError(
      'This store has no index, so nothing knows the sessions of a user. Choose one that lists.',
    )
  }
  const listed = await shelf.list(await tagsOf(keyring, 'user', userId))
  // One may have moved on between the list and the read of its record: under its new id it was not listed yet.
  const latest = await Promise.all(listed.map((found) => latestOf(shelf, found)))
  const now = clock()
  const live = latest.filter((found): found is FoundLive => {
    const record = found?.content.record
    return record?.user?.id === userId && typeof resume(policy, record, now) !== 'string'
  })
  return [...new Map(live.map((found) => [publicId(found), found])).values()]
}
