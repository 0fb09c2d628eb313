import type { Session } from 'wafer-session'
import type { Data, Opened } from './exchange.ts'

/** What a handler sees of its session when it begins. */
export function observe(session: Session<Data>, clock: number): Opened {
  const { id, isNew, userId, authTime, acr, amr, expiresAt, pending } = session
  const data = JSON.parse(JSON.stringify(session.data)) as Data
  return {
    id,
    isNew,
    userId,
    pendingId: pending?.userId,
    authTime,
    acr,
    amr: pending?.amr ?? amr,
    expiresAt,
    data,
    clock,
  }
}
