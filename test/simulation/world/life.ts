import type { App } from './exchange.ts'

export interface Authentication {
  readonly authTime: number
  readonly acr: string | undefined
  readonly amr: readonly string[]
}

/** When something was known to have happened. */
export interface Moment {
  readonly step: number
  /** True time, in milliseconds. */
  readonly at: number
}

/** What the simulation knows of one session, under whatever ids, without asking the code that it tests. */
export interface Life {
  readonly app: App
  /** The half of its ids that stays. */
  readonly part: string
  readonly user: string | undefined
  readonly isPending: boolean
  /** Sent, whether or not they were kept. */
  readonly authentications: Authentication[]
  /** When a response said that it is there. */
  born: Moment | undefined
  /** The id that it has as far as responses have said, and those that it had, with when a response said so. */
  id: string
  readonly formerIds: Map<string, Moment>
  /** How many requests are giving it another id, and when the last one tried, by the true time. */
  moving: number
  lastMove: number
  /** Something may have ended it. */
  mayBeOver: boolean
  /** An isolate has found it too old, by its clock. */
  hasExpired: boolean
  /** Known to be over. */
  ended: (Moment & { readonly by: string }) | undefined
  /** Written after something may have ended it: on a store that does not compare, that may bring it back. */
  isWrittenLate: boolean
  /** Its cookies have been with its owner only, and came to the owner in order. */
  isHonest: boolean
  /** Keys that were sent to be written, with when a response said that they are. */
  readonly keys: Map<string, Moment | undefined>
  /** How often `update(fn)` has counted: sent, and confirmed. */
  countsSent: number
  readonly counts: Moment[]
  /** Bearer tokens, and when each was replaced, by the clock of the isolate that did it. */
  readonly tokens: Map<string, { readonly id: string; replaced: number | undefined }>
  /** The latest clock of an isolate that has served it. */
  lastUse: number
  /** The latest clock at which somebody may have authenticated, or it began. */
  lastStart: number
  isRemembered: boolean
  /** A challenge may be waiting. */
  isChallenged: boolean
  /** Tokens that have become the current one. */
  readonly winners: Set<string>
  /** What half a sign-in has become. */
  successor: Life | undefined
  /** Whoever made a whole sign-in of it. */
  completions: number
}

export function newLife(app: App, id: string, clock: number, who: Pick<Life, 'user' | 'isPending'>): Life {
  return {
    app,
    part: partOf(id),
    ...who,
    authentications: [],
    born: undefined,
    id,
    formerIds: new Map(),
    moving: 0,
    lastMove: Number.NEGATIVE_INFINITY,
    mayBeOver: false,
    hasExpired: false,
    ended: undefined,
    isWrittenLate: false,
    isHonest: true,
    keys: new Map(),
    countsSent: 0,
    counts: [],
    tokens: new Map(),
    lastUse: clock,
    lastStart: clock,
    isRemembered: false,
    isChallenged: false,
    winners: new Set(),
    successor: undefined,
    completions: 0,
  }
}

/** The half of an id that stays through regenerations: of its 8 bytes, 10 characters and 4 bits, the characters do. */
export function partOf(id: string): string {
  return id.slice(0, 10)
}
