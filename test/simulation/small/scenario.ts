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

/** Every two of them in every state. "Sign out everywhere" has thousands of orders with each, and is asked for apart. */
export function pairs(faults: number, acts: readonly OperationName[] = ACTS): Scenario[] {
  return Object.entries(STATES).flatMap(([state, { before, pause }]) =>
    acts.flatMap((one, i) =>
      acts.slice(i).map((other) => {
        return { name: `${state}: ${one}, ${other}`, before, pause, together: [one, other], faults }
      }),
    ),
  )
}

/** Three at once, of those that change a session in place or end it. */
export function triples(): Scenario[] {
  const acts: readonly OperationName[] = ['write', 'count', 'signOut', 'regenerate']
  return Object.entries(STATES).flatMap(([state, { before, pause }]) =>
    acts.map((act) => {
      const together: readonly OperationName[] = ['write', 'count', act]
      return { name: `${state}: ${together.join()}`, before, pause, together, faults: 0 }
    }),
  )
}
