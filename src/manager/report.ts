import { toBase64Url } from '../encoding.ts'
import { type SessionRecord, sameSession } from '../session/record.ts'
import type { Arrival } from './arrival.ts'
import type { Settings } from './settings.ts'

/** Says what became of the session, by comparing what the client held with what it will hold. */
export function report(
  { emit }: Settings<object>,
  before: SessionRecord | undefined,
  after: SessionRecord,
  arrival: Arrival,
): void {
  if (before?.handle === after.handle) return // Nearly always: the same session goes on.
  const names = publicNames(after)
  if (before === undefined) {
    emit({ type: 'create', ...names }, arrival)
  } else if (!sameSession(before.handle, after.handle)) {
    emit({ type: 'end', reason: 'sign-in', ...publicNames(before) }, arrival)
    emit({ type: 'create', ...names }, arrival)
  } else if (names.sessionId !== publicId(before)) {
    const type = before.user === after.user ? 'regenerate' : 'reauthenticate'
    emit({ type, ...names, previousId: publicNames(before).sessionId }, arrival)
  }
}

/** What an event may say of a session. */
export function publicNames(record: SessionRecord): { sessionId: string; userId: string | undefined } {
  return { sessionId: publicId(record), userId: record.user?.id }
}

export function publicId(record: { readonly handle: Uint8Array }): string {
  return toBase64Url(record.handle)
}
