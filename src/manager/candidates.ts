import { joinChunks } from '../cookie/chunk.ts'
import { SessionError } from '../errors.ts'
import { resume } from '../session/lifecycle.ts'
import { sameSession } from '../session/record.ts'
import type { Arrival } from './arrival.ts'
import { assess } from './assess.ts'
import { isHeld, type Loaded, type Refused, type SessionBackend } from './backend.ts'
import { compareBinding } from './compare-binding.ts'
import { publicId } from './report.ts'
import type { Settings } from './settings.ts'

/** Why a visitor may change nothing, and how a sign-out ends the session all the same. */
export interface Closed {
  readonly refusal: SessionError
  readonly end?: (() => Promise<void>) | undefined
}

/**
 * The live session among the cookies of our name, whatever their order; undefined when there is none, or no telling.
 */
export async function findSession(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
): Promise<Loaded | Closed | undefined> {
  const { cookie, clock, maxChunks, emit } = settings
  const values = joinChunks(arrival.header, cookie.name, maxChunks)
  if (values === null) return emit({ type: 'reject', reason: 'too-many' }, arrival) as undefined
  const now = clock()
  const mayChange = backend.settle !== undefined || (settings.binding ?? settings.monitor) !== undefined
  const [live, refused]: [Loaded[], Refused[]] = [[], []]
  // Sorted, so that of two copies seen at the same time it is always the same one.
  for (const value of values.sort()) {
    const loaded = await backend.load(value, now)
    const one = isHeld(loaded) ? alive(settings, backend, loaded, now) : loaded
    if (isHeld(one) && values.length === 1 && !mayChange) return one // Nearly always.
    if (isHeld(one)) live.push(one)
    else refused.push(one)
  }
  const strangers = refused.filter(
    ({ handle }) => !live.some((held) => handle && sameSession(handle, held.record.handle)),
  )
  for (const one of strangers) await pass(settings, arrival, one)
  if (isAmbiguous(live)) return emit({ type: 'reject', reason: 'ambiguous' }, arrival) as undefined
  const [best] = live.sort((a, b) => a.rank - b.rank || b.record.lastSeenAt - a.record.lastSeenAt)
  if (best === undefined) return movedOn(strangers)
  const settled = mayChange ? await settle(settings, backend, arrival, best, now) : best
  if (isHeld(settled)) return settled
  await pass(settings, arrival, settled)
  return movedOn([settled])
}

function isAmbiguous(live: readonly Loaded[]): boolean {
  return live.length > 1 && new Set(live.map(({ record }) => publicId(record))).size > 1
}

/** The session with its deadlines as they stand now. */
export function alive<Held extends Loaded>(
  { policy }: Settings<object>,
  backend: SessionBackend,
  loaded: Held,
  now: number,
): Held | Refused {
  const { handle, user } = loaded.record
  const record = resume(policy, loaded.record, now)
  if (typeof record !== 'string') return record === loaded.record ? loaded : { ...loaded, record }
  const isOver = record !== 'issued-in-future'
  const verdict = isOver ? () => backend.discard(loaded).catch(() => {}) : undefined
  return { reason: record, handle, userId: user?.id, verdict }
}

async function settle(
  settings: Settings<object>,
  backend: SessionBackend,
  arrival: Arrival,
  best: Loaded,
  now: number,
): Promise<Loaded | Refused> {
  const settled = (await backend.settle?.(best, now)) ?? best
  const standing = isHeld(settled) && settled !== best ? alive(settings, backend, settled, now) : settled
  if (!isHeld(standing)) return standing
  const bound = await compareBinding(settings, backend, arrival, standing, now)
  return isHeld(bound) ? assess(settings, backend, arrival, bound, now) : bound
}

/** Tells of a refusal, and does what it calls for. */
async function pass(
  { emit }: Settings<object>,
  arrival: Arrival,
  { reason, handle, userId, verdict }: Refused,
): Promise<void> {
  emit({ type: 'reject', reason, ...(handle && { sessionId: publicId({ handle }), userId }) }, arrival)
  await verdict?.()
}

function movedOn(refused: readonly Refused[]): Closed | undefined {
  const moved = refused.find(({ readOnly }) => readOnly)
  if (moved === undefined) return undefined
  const refusal = new SessionError(
    'ERR_SESSION_ENDED',
    'the session has just moved on under a new cookie, which this request did not bring.',
  )
  return { refusal, end: moved.end }
}
