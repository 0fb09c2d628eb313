import type { Invariant } from './invariant.ts'

export const assuranceIsEarned: Invariant = {
  name: 'assurance-is-earned',
  sentence:
    'The time, the methods and the level of an authentication that a session shows are those of one that took place in ' +
    'it, and half a sign-in never opens by itself.',
  exceptions: {},
  opened({ opened, life }) {
    if (opened === undefined || life === undefined) return
    if (life.isPending && opened.userId !== undefined) return 'half a sign-in is a whole one.'
    if (opened.userId === undefined) return
    const { authTime, acr, amr } = opened
    const earned = life.authentications.some((one) => {
      return one.authTime === authTime && one.acr === acr && one.amr.join() === amr.join()
    })
    return !earned && `nobody authenticated at ${authTime} as ${acr} by ${amr.join('+')}.`
  },
}
