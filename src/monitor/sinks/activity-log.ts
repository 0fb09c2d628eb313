import type { ServerState } from '../../manager/server-state.ts'
import type { LogEntry } from '../log-entry.ts'
import type { Sink } from '../sink.ts'

export interface ActivityLogOptions {
  /** The manager whose store keeps the log, or a function that gives it: the manager may need the monitor first. */
  readonly sessions: Keeper | (() => Keeper)
  /** Entries of a user; the oldest makes room, of what there is most of in one session. @default 50 */
  readonly maxEntries?: number | undefined
  /** Seconds after which an entry is no longer shown, and a user's last one no longer kept. @default 7776000: 90 days */
  readonly retention?: number | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: (() => number) | undefined
}

interface Keeper {
  serverState(purpose: string): ServerState
}

/** "Recent activity", by user; a sink for `createMonitor`. */
export interface ActivityLog extends Sink {
  /** The newest first. @throws {SessionError} `ERR_SESSION_STORE` */
  list(userId: string): Promise<LogEntry[]>
  forgetUser(userId: string): Promise<void>
}

/** What a user would want to know of. */
const TYPES: readonly LogEntry['type'][] = ['create', 'end', 'reauthenticate', 'risk', 'binding']
const TRIES = 5

/**
 * Keeps what happened to a user's sessions, sealed, in the manager's store: one read and one write for each entry, and none
 * for a request about which there is nothing to say.
 *
 * @throws {TypeError} Without a manager.
 */
export function activityLog(options: ActivityLogOptions): ActivityLog {
  const { sessions, maxEntries = 50, retention = 7_776_000, clock = Date.now } = options
  if (typeof sessions !== 'function' && typeof sessions?.serverState !== 'function') {
    throw new TypeError('activityLog({ sessions }) wants the session manager, or a function that gives it.')
  }
  const state = () => (typeof sessions === 'function' ? sessions() : sessions).serverState('activity')

  async function append(userId: string, entry: LogEntry): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const kept = await state().get([userId])
      const entries = bounded([entry, ...current(kept?.value)], maxEntries)
      const place = { expiresAt: clock() + retention * 1000 }
      const version = kept
        ? await state().update([userId], entries, { ...place, version: kept.version })
        : await state().create([userId], entries, place)
      if (version !== null) return
    }
    throw new Error('others were writing the activity of the same user')
  }

  function current(value: unknown): LogEntry[] {
    const since = clock() - retention * 1000
    return (Array.isArray(value) ? (value as LogEntry[]) : []).filter(({ at }) => at > since)
  }

  return {
    isSealed: true,
    async write(entry) {
      const { userId, address: _, ...rest } = entry
      if (userId !== undefined && TYPES.includes(entry.type)) await append(userId, rest)
    },
    list: async (userId) => current((await state().get([userId]))?.value),
    forgetUser: (userId) => state().delete([userId]),
  }
}

/** The newest first. A flood of what a thief can repeat, as by another browser each time, must not hide how it began. */
function bounded(entries: readonly LogEntry[], max: number): readonly LogEntry[] {
  if (entries.length === 0 || !(entries.length > max)) return entries
  const kinds = entries.map(({ type, sessionId }) => `${type} ${sessionId}`)
  const counts = new Map<string, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const most = Math.max(...counts.values())
  const last = kinds.findLastIndex((kind) => counts.get(kind) === most)
  return bounded(entries.toSpliced(last, 1), max)
}
