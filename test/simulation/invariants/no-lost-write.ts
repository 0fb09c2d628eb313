import type { Invariant } from './invariant.ts'

export const noLostWrite: Invariant = {
  name: 'no-lost-write',
  sentence:
    'A key that a response, or session.commit(), said was written is there for every request that begins later, and ' +
    'update(fn) has counted at least as often as was said, and no more often than was asked for.',
  exceptions: {
    'kv-store': 'Of two that race the last one stays, and a read may be 60 seconds old.',
    'sealed-marks': 'Of two responses the last to arrive wins; see sealed-as-given.',
    'sealed-kv-marks': 'Of two responses the last to arrive wins; see sealed-as-given.',
    sealed: 'Of two responses the last to arrive wins; see sealed-as-given.',
  },
  opened({ asked, opened, life }, { mode }) {
    if (life === undefined || opened === undefined || !mode.inStore || !mode.isStrong) return
    const { step } = asked.begun
    for (const [key, written] of life.keys) {
      if (written !== undefined && written.step < step && !(key in opened.data)) {
        return `${key}, written by step ${written.step}, is not there.`
      }
    }
    const least = life.counts.filter((counted) => counted.step < step).length
    const count = Number(opened.data.count ?? 0)
    if (count < least) return `update(fn) has counted to ${count}, and ${least} were confirmed.`
    return count > life.countsSent && `update(fn) has counted to ${count}, and ${life.countsSent} were sent.`
  },
}
