import { tagsOf } from '../crypto/tag.ts'
import { resume } from '../session/lifecycle.ts'
import type { Settings } from './settings.ts'
import { type FoundLive, isLive, type Shelf } from './shelf.ts'

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
  const now = clock()
  return listed.filter(isLive).filter(({ content: { record } }) => {
    return record.user?.id === userId && typeof resume(policy, record, now) !== 'string'
  })
}
