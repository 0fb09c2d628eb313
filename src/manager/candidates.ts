import { joinChunks } from '../cookie/chunk.ts'
import { SessionError } from '../errors.ts'
import { changedKinds, endsSession } from '../session/binding.ts'
import { resume } from '../session/lifecycle.ts'
import { sameSession } from '../session/record.ts'
import type { Loaded, Refused, SessionBackend } from './backend.ts'
import { type Arrival, bindingOf } from './bind.ts'
import { publicId, publicNames } from './report.ts'
import type { Settings } from './settings.ts'

/**
 * The live session among the cookies of our name, whatever their order; undefined when there is none, or no telling.
 * An error is why this visitor may change nothing.
 */
export async function findSession(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
): Promise<Loaded | SessionError | undefined> {
  const { cookie, clock, maxChunks, emit } = settings
  const values = joinChunks(arrival.header, cookie.name, maxChunks)
  if (values === null) return emit({ type: 'reject', reason: 'too-many' }) as undefined
  const now = clock()
  // Sorted, so that of two copies seen at the same time it is always the same one.
  const all = await Promise.all(values.sort().map((value) => look(settings, backend, value, now)))
  const live = all.filter(isHeld)
  const refused = all.filter((one): one is Refused => !isHeld(one))
  const strangers = refused.filter(
    ({ handle }) => !live.some((held) => handle && sameSession(handle, held.record.handle)),
  )
  await Promise.all(strangers.map((one) => pass(settings, one)))
  if (new Set(live.map(({ record }) => publicId(record))).size > 1) {
    return emit({ type: 'reject', reason: 'ambiguous' }) as undefined
  }
  const [best] = live.sort((a, b) => a.rank - b.rank || b.record.lastSeenAt - a.record.lastSeenAt)
  if (best === undefined) return strangers.some(({ readOnly }) => readOnly) ? movedOn() : undefined
  const settled = await settle(settings, backend, arrival, best, now)
  if (isHeld(settled)) return settled
  await pass(settings, settled)
  return settled.readOnly ? movedOn() : undefined
}

async function look(settings: Settings<object>, backend: SessionBackend, value: string, now: number) {
  const loaded = await backend.load(value, now)
  return isHeld(loaded) ? alive(settings, backend, loaded, now) : loaded
}

/** The session with its deadlines as they stand now. */
export async function alive<Held extends Loaded>(
  settings: Settings<object>,
  backend: SessionBackend,
  loaded: Held,
  now: number,
): Promise<Held | Refused> {
  const record = resume(settings.policy, loaded.record, now)
  if (typeof record !== 'string') return { ...loaded, record }
  if (record !== 'issued-in-future') await backend.discard(loaded).catch(() => {})
  return { reason: record, handle: loaded.record.handle, userId: loaded.record.user?.id }
}

async function settle(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
  best: Loaded,
  now: number,
): Promise<Loaded | Refused> {
  const settled = await backend.settle(best, now)
  const standing = isHeld(settled) ? await alive(settings, backend, settled, now) : settled
  return isHeld(standing) ? compareBinding(settings, backend, arrival, standing, now) : standing
}

/** Is the client what it was when the session was opened? */
async function compareBinding(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
  held: Loaded,
  now: number,
): Promise<Loaded | Refused> {
  const { record } = held
  if (settings.binding === undefined || record.binding === undefined) return held
  const seen = await bindingOf(settings, settings.binding, arrival, record.binding.kid)
  const changed = seen === undefined ? [] : changedKinds(record.binding, seen)
  if (changed.length === 0) return held
  const names = publicNames(record)
  settings.emit({ type: 'binding', ...names, changed })
  // Reported once: the next write, whenever it comes, keeps what the client is now.
  if (!endsSession(settings.binding, changed)) return { ...held, record: { ...record, binding: seen } }
  await backend.end(held, now)
  if (backend.canEnd) settings.emit({ type: 'end', reason: 'binding', ...names })
  return { reason: 'binding', handle: record.handle, userId: names.userId }
}

/** Tells of a refusal, and does what it calls for. */
async function pass({ emit }: Settings<object>, { reason, handle, userId, verdict }: Refused): Promise<void> {
  emit({ type: 'reject', reason, ...(handle && { sessionId: publicId({ handle }), userId }) })
  await verdict?.()
}

function isHeld(one: Loaded | Refused): one is Loaded {
  return 'record' in one
}

function movedOn(): SessionError {
  return new SessionError(
    'ERR_SESSION_ENDED',
    'the session has just moved on under a new cookie, which this request did not bring.',
  )
}
