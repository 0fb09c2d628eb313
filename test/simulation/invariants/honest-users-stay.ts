import { bringsOf } from '../world/ledger.ts'
import { TIMEOUTS } from '../world/modes.ts'
import type { Invariant } from './invariant.ts'

export const honestUsersStay: Invariant = {
  name: 'honest-users-stay',
  sentence:
    'A user whose cookies nobody copied, and whose browser has the last one, is let in until the session ends or its time ' +
    'is over: no renewal, lost response, second tab or restart signs anybody out, and nobody honest is held for a thief.',
  exceptions: {
    'kv-store': 'Another place may not see a new session for a minute, nor the last write of one.',
  },
  settled({ asked, opened, rejects, isTroubled }, { ledger, mode }) {
    if (asked.brings !== 'jar' || asked.browser.isThief) return
    const values = bringsOf(asked.header)
    const issued = values.map((value) => ledger.cookies.get(value)).find((one) => one?.life.app === asked.app)
    if (issued === undefined) return
    const { life } = issued
    if (life.isHonest && rejects.includes('reused')) return 'an honest user is held for a thief.'
    if (mode.name === 'kv-store' || isTroubled || !life.isHonest || life.mayBeOver || opened === undefined)
      return
    if (life.moving > 0 || issued.id !== life.id || life.born === undefined) return
    const { step, clock } = asked.begun
    if (life.born.step >= step || (life.formerIds.size > 0 && lastStep(life.formerIds) >= step)) return
    const start = Math.max(...life.authentications.map(({ authTime }) => authTime), issued.clock - 1e12)
    const longest = life.isPending ? 500 : TIMEOUTS.idle - 60
    if (!Number.isFinite(start) || clock >= start + longest * 1000) return
    const who = opened.userId ?? opened.pendingId
    return who !== life.user && `${life.user} is not let in: ${rejects.join() || 'no reason'}.`
  },
}

function lastStep(formerIds: ReadonlyMap<string, { readonly step: number }>): number {
  return Math.max(...[...formerIds.values()].map(({ step }) => step))
}
