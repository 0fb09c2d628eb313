import { toBase64Url } from '../encoding.ts'
import type { SessionRecord } from '../session/record.ts'
import type { Settings } from './settings.ts'

/** Says what became of the session, by comparing what the client held with what it will hold. */
export function report(
  { emit }: Settings<object>,
  before: SessionRecord | undefined,
  after: SessionRecord,
): void {
  const names = publicNames(after)
  if (before === undefined) {
    emit({ type: 'create', ...names })
  } else if (!sameBytes(before.handle, after.handle, 0, 8)) {
    emit({ type: 'end', reason: 'sign-in', ...publicNames(before) })
    emit({ type: 'create', ...names })
  } else if (!sameBytes(before.handle, after.handle, 8, 16)) {
    const type = before.user === after.user ? 'regenerate' : 'reauthenticate'
    emit({ type, ...names, previousId: publicNames(before).sessionId })
  }
}

/** Compares public handles; bearer values are never compared like this. */
function sameBytes(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  return a.subarray(from, to).every((byte, i) => byte === b[from + i])
}

/** What an event may say of a session. */
export function publicNames(record: SessionRecord): { sessionId: string; userId: string | undefined } {
  return { sessionId: publicId(record), userId: record.user?.id }
}

export function publicId(record: SessionRecord): string {
  return toBase64Url(record.handle)
}
