import type { Invariant } from './invariant.ts'

export const secondFactorsCountOnce: Invariant = {
  name: 'second-factors-count-once',
  sentence:
    'Of several requests that complete one half sign-in one does, and none once it was revoked or signed out before that.',
  exceptions: {
    'kv-store': 'Nothing can be compared: two may complete it.',
    'sealed-marks': 'Each copy of the cookie can complete it, unless the user was revoked.',
    'sealed-kv-marks':
      'Each copy of the cookie can complete it, unless the user was revoked longer ago than the bound.',
    sealed: 'Each copy of the cookie can complete it.',
  },
  completed(_, { mode }, half) {
    if (!mode.inStore || !mode.isStrong) return
    if (half.completions > 1) return 'it was completed twice.'
    const { ended } = half
    return ended !== undefined && ended.by !== 'sign-in' && `it was over by ${ended.by}.`
  },
}
