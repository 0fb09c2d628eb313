import type { Invariant } from './invariant.ts'

export const authoritativeIsSo: Invariant = {
  name: 'authoritative-is-so',
  sentence:
    'requireAuthoritative lets no request go on whose session had ended before it began, by no more than the store is late.',
  exceptions: {
    'kv-store': 'As ended-stays-ended.',
    'sealed-kv-marks': 'Marks may be seen 60 seconds late, and the clocks may differ.',
    sealed: 'There is nothing to ask.',
  },
  stood({ asked, life }, { mode }) {
    if (life?.ended === undefined || !mode.isStrong) return
    const { step, by } = life.ended
    return step < asked.begun.step && by !== 'sweep' && `it was over by ${by} at step ${step}.`
  },
}
