import { SessionError } from '../errors.ts'
import { type Found, type FoundLive, isLive, type Shelf } from './shelf.ts'

/** What stays behind: nothing, or a tombstone that tells whoever comes late that all is well. */
type Remains = 'delete' | 'bury'

/** Lost races after which a session is removed whatever anybody has made of it. */
const MAX_LOST = 64

/** What is only looked up follows no more moves than this: whoever makes them could have it done again and again. */
const MAX_STEPS = 64

/**
 * Ends a session wherever it has moved to: what another request makes of it meanwhile is ended too, so that no
 * sign-out is undone by a request in flight. Also after many moves, behind which a thief may want to hide: each names a
 * session that was made after it, so the way has an end, and on a way that is deleted nobody goes twice.
 *
 * @returns What was ended; null when it was over already.
 * @throws {SessionError} `ERR_SESSION_STORE`, also for a record that cannot be read: it may be live, or name what is.
 */
export async function endSession(shelf: Shelf, start: Found, remains: Remains): Promise<FoundLive | null> {
  const passed: Found[] = []
  const ended = await endLatest(shelf, start, remains, passed)
  // Last: until then whoever tries again after a failure finds the way.
  if (remains === 'delete') for (const tombstone of passed) await shelf.delete(tombstone)
  return ended
}

async function endLatest(
  shelf: Shelf,
  start: Found,
  remains: Remains,
  passed: Found[],
): Promise<FoundLive | null> {
  let found: Found | null = start
  for (let lost = 0; found !== null && (lost < MAX_LOST || !isLive(found)); ) {
    const removed: boolean = !isLive(found) || (await remove(shelf, found, remains))
    if (removed && isLive(found)) return found
    if (removed) passed.push(found)
    else lost++
    const next = removed ? successorOf(found) : found.handle
    if (next === undefined) return null
    found = await shelf.get(next)
    if (found?.content === null) throw unreadable()
  }
  if (found !== null) await shelf.delete(found)
  return isLive(found) ? found : null
}

/** The live session under a handle, or what it has become under a later one. */
export async function findLive(shelf: Shelf, handle: Found['handle']): Promise<FoundLive | null> {
  return latestOf(shelf, await shelf.get(handle))
}

/** What was found, or what it has become under a later handle, when that is live. */
export async function latestOf(shelf: Shelf, start: Found | null): Promise<FoundLive | null> {
  let found = start
  for (let steps = 0; found !== null && !isLive(found) && steps < MAX_STEPS; steps++) {
    const next = successorOf(found)
    found = next === undefined ? null : await shelf.get(next)
  }
  return isLive(found) ? found : null
}

/** @returns False when another request wrote first. */
async function remove(shelf: Shelf, found: FoundLive, remains: Remains): Promise<boolean> {
  // Where nothing can be compared, a tombstone before the end would only be a second write of the same key.
  const bury = shelf.isAtomic || remains === 'bury'
  if (bury && !(await shelf.bury(found))) return false
  if (remains === 'delete') await shelf.delete(found)
  return true
}

function unreadable(): SessionError {
  return new SessionError(
    'ERR_SESSION_STORE',
    'A stored session cannot be read, so nobody knows whether it ended.',
  )
}

function successorOf({ content }: Found): Found['handle'] | undefined {
  return content !== null && 'successor' in content ? content.successor : undefined
}
