import type { Invariant } from './invariant.ts'

export const oneWinnerPerRenewal: Invariant = {
  name: 'one-winner-per-renewal',
  sentence:
    'A token becomes the current one once, whatever the number of requests that bring it at the same time.',
  exceptions: {
    'kv-store': 'Nothing is renewed where nothing can be compared.',
    'sealed-marks': 'There is no token.',
    'sealed-kv-marks': 'There is no token.',
    sealed: 'There is no token.',
  },
  renewed({ renewed }, _, life) {
    if (renewed === undefined) return
    if (life.winners.has(renewed)) return 'a second request has made the same token the current one.'
    life.winners.add(renewed)
    return
  },
}
