import { SessionError } from 'wafer-session'
import type { Exchange } from '../world/exchange.ts'
import { HandlerError } from '../world/operations.ts'
import type { Invariant } from './invariant.ts'

export const untrustedInputNeverThrows: Invariant = {
  name: 'untrusted-input-never-throws',
  sentence:
    'Whatever a client sends and a store answers, the only errors are the documented ones, each with its cause: ' +
    'ERR_SESSION_STORE only when the store failed, ERR_SESSION_CONFLICT only when others wrote, ERR_SESSION_LIMIT only ' +
    'where there is one, ERR_SESSION_ENDED only for a session that is over or has moved. Garbage reaches no store.',
  exceptions: {},
  settled(exchange, world) {
    const { asked, calls, settled } = exchange
    if (asked.brings === 'garbage' && asked.operation === 'read' && calls > 0)
      return `garbage cost ${calls} store calls.`
    const error = settled?.error
    return error === undefined || error instanceof HandlerError
      ? undefined
      : complaint(error, exchange, world.setting)
  },
}

function complaint(
  error: unknown,
  { isTroubled, asked, opened, life }: Exchange,
  {
    sessionsPerUser,
    atOnce,
    onStoreError,
  }: { sessionsPerUser: unknown; atOnce: number; onStoreError: string },
): string | undefined {
  if (!(error instanceof SessionError)) return `${error instanceof Error ? error.stack : String(error)}`
  const { code } = error
  if (code === 'ERR_SESSION_STORE') return isTroubled ? undefined : 'the store failed, and did not.'
  if (code === 'ERR_SESSION_LIMIT') {
    return sessionsPerUser === undefined ? 'there is no limit.' : undefined
  }
  if (code === 'ERR_SESSION_CONFLICT') return atOnce > 1 || isTroubled ? undefined : 'nobody else wrote.'
  if (code === 'ERR_SESSION_ENDED') {
    const isOver = life === undefined ? asked.brings !== 'nothing' : life.mayBeOver || life.moving > 0
    const hasMoved = life !== undefined && opened !== undefined && life.formerIds.size > 0
    return isOver || hasMoved || isTroubled || onStoreError === 'anonymous' || life?.isHonest === false
      ? undefined
      : `a live session is said to have ended: ${error.message}`
  }
  return `${code}: ${error.message}`
}
