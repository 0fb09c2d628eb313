import type { Invariant } from './invariant.ts'

export const oldIdsAreDead: Invariant = {
  name: 'old-ids-are-dead',
  sentence:
    'Once a response has said that a session has a new id (a sign-in, a second factor, a new authentication, a ' +
    'regeneration), a cookie of an id before opens nothing.',
  exceptions: {
    'kv-store': 'A read may be 60 seconds old, and a late write may bring the old record back.',
    'sealed-marks': 'A cookie from before a regeneration is of the same authentication, and as good.',
    'sealed-kv-marks': 'A cookie from before a regeneration is of the same authentication, and as good.',
    sealed: 'Whoever keeps an older cookie can present it until its own deadline.',
  },
  opened({ asked, opened, life }, { mode }) {
    if (life === undefined || opened === undefined || !mode.inStore || !mode.isStrong) return
    const left = life.formerIds.get(opened.id)
    return left !== undefined && left.step < asked.begun.step && `the id was left at step ${left.step}.`
  },
}
