import { firstKey } from '../crypto/mac.ts'
import { compareTraits } from '../session/binding.ts'
import type { Arrival } from './arrival.ts'
import type { Loaded, Refused, SessionBackend } from './backend.ts'
import { bindingOf } from './bind.ts'
import { publicNames } from './report.ts'
import type { Settings } from './settings.ts'

/** The session, unless its client is no longer the one that it is bound to, and `binding` ends it for that. */
export async function compareBinding(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
  held: Loaded,
  now: number,
): Promise<Loaded | Refused> {
  const { record } = held
  const { binding, keyring, emit } = settings
  if (binding === undefined || record.binding === undefined) return held
  const seen = await bindingOf(settings, binding, arrival, record.binding.kid)
  const { changed, ends, isUncertain } = compareTraits(binding, record.binding, seen ?? record.binding)
  const names = publicNames(record)
  if (changed.length > 0) emit({ type: 'binding', ...names, changed }, arrival)
  if (ends) {
    await backend.end(held, now)
    if (backend.canEnd) emit({ type: 'end', reason: 'binding', ...names }, arrival)
  }
  if (ends || isUncertain) return { reason: 'binding', handle: record.handle, userId: names.userId }
  if (changed.length === 0 && seen?.kid === (await firstKey(keyring)).index) return held
  // Reported once: the next write, whenever it comes, keeps what the client is now, and under the first secret.
  return { ...held, record: { ...record, binding: await bindingOf(settings, binding, arrival) } }
}
