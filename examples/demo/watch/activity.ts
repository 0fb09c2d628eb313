import { createSessionManager } from 'wafer-session'
import { type ActivityLog, activityLog } from 'wafer-session/monitor'
import type { Bindings } from '../env.ts'
import { keptIn } from '../sessions.ts'

/** "Recent activity" of users, kept where sessions are, or the marks of those that were ended; sealed, like these. */
export function activityIn(env: Bindings): ActivityLog {
  const secret = env.SESSION_SECRET.split(/\s*,\s*/) // As the middleware reads it.
  return activityLog({ sessions: createSessionManager({ secret, ...keptIn(env) }) })
}
