import { type SessionRecord, sessionPart } from '../session/record.ts'
import type { ServerState } from './server-state.ts'
import type { Settings } from './settings.ts'
import { serverState } from './stored-state.ts'

/**
 * An ID token is too long for a cookie beside data, and is needed once: for the logout at the provider. It is kept on the
 * server, where there is a store, as long as the session can last.
 */
export async function keepIdToken(
  settings: Settings<object>,
  record: SessionRecord,
  idToken: string,
): Promise<void> {
  const { name, state } = placeOf(settings, record)
  await state?.create(name, idToken, { expiresAt: record.absoluteExpiresAt * 1000 })
}

export async function keptIdToken(
  settings: Settings<object>,
  record: SessionRecord,
): Promise<string | undefined> {
  const { name, state } = placeOf(settings, record)
  const entry = await state?.get(name)
  return typeof entry?.value === 'string' ? entry.value : undefined
}

/** Of half a sign-in that becomes a whole one, which is another session. */
export async function passOnIdToken(
  settings: Settings<object>,
  before: SessionRecord | undefined,
  after: SessionRecord,
): Promise<void> {
  if (before?.pending?.oidc === undefined) return
  const idToken = await keptIdToken(settings, before)
  if (idToken !== undefined) await keepIdToken(settings, after, idToken)
}

/** What cannot be deleted now ends with the time of the session. */
export async function forgetIdToken(settings: Settings<object>, record: SessionRecord): Promise<void> {
  if (record.user?.oidc === undefined) return
  const { name, state } = placeOf(settings, record)
  await state?.delete(name).catch(() => {})
}

/** By the half of the handle that stays through regenerations. */
function placeOf(
  settings: Settings<object>,
  { handle }: SessionRecord,
): { name: readonly string[]; state: ServerState | undefined } {
  const isThere = (settings.store ?? settings.revocations) !== undefined
  return { name: [sessionPart(handle)], state: isThere ? serverState(settings, 'id-token') : undefined }
}
