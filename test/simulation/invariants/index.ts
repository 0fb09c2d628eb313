import { anonymousTouchesNothing } from './anonymous-touches-nothing.ts'
import { assuranceIsEarned } from './assurance-is-earned.ts'
import { authoritativeIsSo } from './authoritative-is-so.ts'
import { challengesAreTakenOnce } from './challenges-are-taken-once.ts'
import { copiesAreFound } from './copies-are-found.ts'
import { endedStaysEnded } from './ended-stays-ended.ts'
import { honestUsersStay } from './honest-users-stay.ts'
import type { Invariant } from './invariant.ts'
import { limitsHold } from './limits-hold.ts'
import { noLostWrite } from './no-lost-write.ts'
import { noStranger } from './no-stranger.ts'
import { oldIdsAreDead } from './old-ids-are-dead.ts'
import { oneWinnerPerRenewal } from './one-winner-per-renewal.ts'
import { sealedAsGiven } from './sealed-as-given.ts'
import { secondFactorsCountOnce } from './second-factors-count-once.ts'
import { timeoutsHold } from './timeouts-hold.ts'
import { untrustedInputNeverThrows } from './untrusted-input-never-throws.ts'

export const INVARIANTS: readonly Invariant[] = [
  endedStaysEnded,
  oneWinnerPerRenewal,
  noLostWrite,
  noStranger,
  timeoutsHold,
  honestUsersStay,
  copiesAreFound,
  oldIdsAreDead,
  secondFactorsCountOnce,
  challengesAreTakenOnce,
  assuranceIsEarned,
  authoritativeIsSo,
  sealedAsGiven,
  anonymousTouchesNothing,
  untrustedInputNeverThrows,
  limitsHold,
]
