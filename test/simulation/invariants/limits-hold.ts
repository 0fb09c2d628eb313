import { APPS } from '../world/isolate.ts'
import type { Invariant } from './invariant.ts'

export const limitsHold: Invariant = {
  name: 'limits-hold',
  sentence:
    'When all is at rest, a user has no more live sessions than sessionsPerUser allows, whatever signed in at the same time.',
  exceptions: {
    'kv-store': 'Its index may be 60 seconds late.',
    'sealed-marks': 'Nothing counts sealed sessions.',
    'sealed-kv-marks': 'Nothing counts sealed sessions.',
    sealed: 'Nothing counts sealed sessions.',
  },
  async over({ mode, setting, isolates, ledger, counts }) {
    const { sessionsPerUser } = setting
    const troubled = [...counts.keys()].some((name) => name.startsWith('fault') || name === 'timeouts')
    if (mode.name !== 'store' || sessionsPerUser === undefined || troubled) return undefined
    for (const app of APPS) {
      for (const user of new Set([...ledger.lives.values()].map((life) => life.user))) {
        const list = user === undefined ? [] : await isolates[0]?.manager(app).users.list(user)
        if (list && list.length > sessionsPerUser.max) return `${user} has ${list.length} sessions.`
      }
    }
    return undefined
  },
}
