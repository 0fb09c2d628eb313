import type { OperationName } from '../world/operations.ts'
import type { Setting } from '../world/setting.ts'

/** A few requests at the same time, after a few one by one. */
export interface Scenario {
  readonly name: string
  /** One after the other, with so many seconds before each. */
  readonly before: readonly (readonly [operation: OperationName, pause: number])[]
  /** Seconds that pass then. */
  readonly pause: number
  /** All sent with the same cookie, and their store calls tried in every order. */
  readonly together: readonly OperationName[]
  /** Of all their store calls so many fail, each of them, before or after what they asked was done. */
  readonly faults: number
}

/** The world of a scenario: nothing is left to a seed but the bytes. */
export const STILL: Setting = {
  seed: 0,
  mode: 'store',
  theme: 'mixed',
  isolates: 2,
  browsers: 1,
  thieves: 0,
  requests: 0,
  atOnce: 3,
  skew: 0,
  faults: 0,
  faultKinds: {},
  lostResponses: 0,
  onReuse: 'end',
  onStoreError: 'fail',
  sessionsPerUser: undefined,
  rotates: false,
}

/** Where a session can be when the requests come. */
const STATES: Readonly<Record<string, Pick<Scenario, 'before' | 'pause'>>> = {
  'signed in': {
    before: [
      ['signIn', 0],
      ['putChallenge', 1],
    ],
    pause: 5,
  },
  'due for renewal': {
    before: [
      ['signIn', 0],
      ['write', 1],
    ],
    pause: 140,
  },
  'with the next token': {
    before: [
      ['signIn', 0],
      ['read', 140],
    ],
    pause: 5,
  },
  'half signed in': {
    before: [
      ['halfSignIn', 0],
      ['putChallenge', 1],
    ],
    pause: 5,
  },
}

/** What a request may do to it, in few enough store calls. */
const ACTS: readonly OperationName[] = [
  'write',
  'count',
  'signIn',
  'reauthenticate',
  'regenerate',
  'signOut',
  'commitBetween',
  'takeChallenge',
]

function inEveryState(together: readonly OperationName[], faults: number): Scenario[] {
  return Object.entries(STATES).map(([state, { before, pause }]) => {
    return { name: `${state}: ${together.join()}`, before, pause, together, faults }
  })
}

/** Every two of them in every state. "Sign out everywhere" has thousands of orders with each: that is left to the seeds. */
export function pairs(): Scenario[] {
  return ACTS.flatMap((one, i) => ACTS.slice(i).flatMap((other) => inEveryState([one, other], 0)))
}

/** Two of which one writes, with every place of one failure. */
export function troubledPairs(): Scenario[] {
  const acts: readonly OperationName[] = ['write', 'regenerate', 'signOut']
  return acts.flatMap((act) => inEveryState(['write', act], 1))
}

/** Three at once in a session that stands: all of them write, or one ends it under the others. */
export function triples(): Scenario[] {
  const acts: readonly OperationName[] = ['write', 'signOut']
  return acts.flatMap((act) => inEveryState(['write', 'count', act], 0).slice(0, 1))
}
