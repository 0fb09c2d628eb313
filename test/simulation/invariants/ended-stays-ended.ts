import type { Invariant } from './invariant.ts'

export const endedStaysEnded: Invariant = {
  name: 'ended-stays-ended',
  sentence:
    'What was signed out, replaced, revoked or evicted opens for no request that begins after the bound that its mode ' +
    'declares (none in a strong store), the skew of the clocks added.',
  exceptions: {
    sealed: 'Nothing on the server knows the session: only time ends it.',
    'kv-store':
      'Without compare-and-set a write that raced with the end, or read before it, may bring the session back.',
  },
  opened({ asked, opened, life }, { mode, setting }) {
    if (life?.ended === undefined || mode.endsWithin === null || opened === undefined) return
    if (!mode.inStore && opened.userId === undefined) return
    if (mode.inStore && !mode.isStrong && life.isWrittenLate) return
    const { step, at, by } = life.ended
    // A session that one clock holds for expired is left out of a sweep, and another one may open it a moment longer.
    const late = mode.endsWithin + (mode.endsWithin > 0 || by === 'sweep' ? 2 * setting.skew + 1000 : 0)
    if (asked.begun.step <= step || asked.begun.at <= at + late) return
    return `ended by ${by} at step ${step}, and ${opened.userId ?? 'somebody'} is let in.`
  },
}
