import { SessionError, type SessionErrorCode } from 'wafer-session'
import type { Exchange } from '../world/exchange.ts'
import { HandlerError } from '../world/operations.ts'
import type { World } from '../world/world.ts'
import type { Invariant } from './invariant.ts'

export const untrustedInputNeverThrows: Invariant = {
  name: 'untrusted-input-never-throws',
  sentence:
    'Whatever a client sends and a store answers, the only errors are the documented ones, each with its cause: ' +
    'ERR_SESSION_STORE only when the store failed, ERR_SESSION_CONFLICT only when others wrote, ERR_SESSION_LIMIT only ' +
    'where there is one, ERR_SESSION_ENDED only for a session that is over or has moved. Garbage reaches no store.',
  exceptions: {
    'kv-store': 'A session may be said to have ended that another write, or an older read, has hidden.',
  },
  settled(exchange, world) {
    const { asked, calls, settled } = exchange
    const error = settled?.error
    if (asked.brings === 'garbage' && asked.operation === 'read' && calls > 0)
      return `garbage cost ${calls} store calls.`
    if (error === undefined || error instanceof HandlerError) return
    if (!(error instanceof SessionError)) return error instanceof Error ? error.stack : String(error)
    return !CAUSES[error.code]?.(exchange, world) && `without a cause: ${error.code}, ${error.message}`
  },
}

/** What must have happened for an error to be one. */
const CAUSES: Partial<Record<SessionErrorCode, (exchange: Exchange, world: World) => boolean>> = {
  ERR_SESSION_STORE: ({ isTroubled }) => isTroubled,
  ERR_SESSION_LIMIT: (_, { setting }) => setting.sessionsPerUser?.onExceed === 'reject',
  ERR_SESSION_CONFLICT: ({ isTroubled, asked }, { setting, lateWrite }) =>
    isTroubled || setting.atOnce > 1 || lateWrite >= asked.begun.step,
  ERR_SESSION_ENDED: ({ isTroubled, asked, life }, { mode, setting }) => {
    if (mode.name === 'kv-store' || isTroubled || setting.onStoreError === 'anonymous') return true
    if (life === undefined) return asked.brings !== 'nothing'
    return life.mayBeOver || life.hasExpired || life.moving > 0 || life.formerIds.size > 0 || !life.isHonest
  },
}
