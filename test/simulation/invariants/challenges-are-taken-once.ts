import type { Invariant } from './invariant.ts'

export const challengesAreTakenOnce: Invariant = {
  name: 'challenges-are-taken-once',
  sentence: 'A challenge that is said to be single-use is given to one request; a strong store makes it so.',
  exceptions: {
    'kv-store': 'Says singleUse: false.',
    'sealed-kv-marks': 'Says singleUse: false.',
    sealed: 'Says singleUse: false.',
  },
  took({ taken }, { mode }) {
    if (taken === undefined) return
    if (taken.singleUse !== mode.isStrong) return `singleUse is ${taken.singleUse}.`
    return taken.singleUse && taken.isAgain && 'a second request has the same challenge.'
  },
}
