import type { Session } from 'wafer-session'
import type { Outcome } from '../stores/gate.ts'
import type { Browser } from './browser.ts'
import type { Life } from './life.ts'
import type { OperationName } from './operations.ts'

export type App = 'a' | 'b'

/** What the handlers keep: keys of their own, a counter, one key that all fight for. */
export type Data = Record<string, unknown>

/** What a handler sees of its session when it begins. */
export interface Opened {
  readonly id: string
  readonly isNew: boolean
  readonly userId: string | undefined
  readonly pendingId: string | undefined
  readonly authTime: number | undefined
  readonly acr: string | undefined
  readonly amr: readonly string[]
  readonly expiresAt: number
  readonly data: Data
  /** The isolate's clock. */
  readonly clock: number
}

/** How the cookies of a request come about. */
export type Brings = 'jar' | 'nothing' | 'garbage' | 'tampered' | 'doubled' | 'swapped'

/** What is asked for; all else of an exchange is what became of it. */
export interface Asked {
  readonly id: number
  readonly browser: Browser
  readonly app: App
  readonly isolate: number
  readonly operation: OperationName
  readonly brings: Brings
  /** The Cookie header. */
  readonly header: string
  /** Step, true time and the isolate's clock when it was sent. */
  readonly begun: { readonly step: number; readonly at: number; readonly clock: number }
}

export interface Settled {
  readonly step: number
  readonly at: number
  readonly clock: number
  readonly response?: Response
  readonly error?: unknown
}

/** One request and its response. */
export class Exchange {
  readonly asked: Asked
  session: Session<Data> | undefined
  opened: Opened | undefined
  /** The life of the session that was opened. */
  life: Life | undefined
  settled: Settled | undefined
  /** Store calls, and those of them that write. */
  calls = 0
  writeCalls = 0
  /** Calls of Web Crypto before it first waited for a store. */
  cryptoCalls = 0
  storeErrors = 0
  readonly faults: Outcome[] = []
  timeouts = 0
  /** It gives the session a new id. */
  isMoving = false
  /** The token that it made the current one. */
  renewed: string | undefined
  taken: { readonly isAgain: boolean; readonly singleUse: boolean } | undefined
  readonly rejects: string[] = []
  /** What is only sure once the response is there. */
  readonly onDone: ((isKept: boolean) => void)[] = []

  constructor(asked: Asked) {
    this.asked = asked
  }

  /** True when the store was not itself. */
  get isTroubled(): boolean {
    return this.faults.length > 0 || this.timeouts > 0
  }

  /** True when a response came that says that all went well. */
  get isKept(): boolean {
    return this.settled?.response !== undefined && this.settled.response.status < 500
  }
}
