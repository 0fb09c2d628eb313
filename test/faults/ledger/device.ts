import { type CookieJar, cookieJar } from 'wafer-session/testing'
import type { Finding, Wish } from '../site.ts'
import { acknowledged, fits, GONE, type State, type States, unanswered, union } from './states.ts'

/** Milliseconds since the epoch: what was acknowledged from `since` on may be lost. */
export interface Window {
  readonly since: number
  readonly killedAt: number
  readonly until: number
}

/** What an answer said: `lost` of that many writes for a failover, or something that must not be. */
export interface Judgement {
  readonly lost: number
  readonly wrong?: string
}

interface Entry {
  /** When it was acknowledged or, where nobody had an answer, found to have happened. */
  readonly at: number
  readonly isWrite: boolean
  readonly before: States
}

/** A request on its way. */
export interface Call {
  readonly startedAt: number
  /** What it may find: what there was, with what the requests beside it may have made of it. */
  readonly reach: States
  /** What it may find besides, after a failover. */
  readonly returned: States
  readonly others: readonly Wish[]
}

/** Seconds for which it is remembered what was acknowledged when; no window is longer. */
const MEMORY = 60

/** One browser, and what it may find. */
export class Device {
  readonly jar: CookieJar = cookieJar()
  possible: States = new Set([GONE])
  /** What is possible besides, as a failover may have brought it back. */
  #returned: States = new Set()
  #history: Entry[] = []
  #window: Window | undefined
  /** The last things that happened, for whoever has to find out why something is wrong. */
  #diary: string[] = []
  /** Another device may be ending the session: what was written does not show that it goes on. */
  mayEnd = false
  /** When the session was acknowledged. */
  signedInAt = 0
  /** When another device was told that the session is over. */
  revokedAt = 0

  /** @param others The requests of other tabs at the same time. */
  start(others: readonly Wish[] = []): Call {
    const [reach, returned] = [this.possible, this.#returned].map((states) =>
      others.reduce(unanswered, states),
    )
    return { startedAt: Date.now(), reach: reach as States, returned: returned as States, others }
  }

  /** An answer other than an error came. */
  answered(call: Call, wish: Wish, found: Finding): Judgement {
    const judgement = this.#judge(call, found)
    this.#write(`since ${call.startedAt} ${JSON.stringify(wish)}: ${JSON.stringify(found)}`)
    if (found.user === null && wish.action !== 'sign-in') this.#end(call)
    else this.#acknowledge(call, wish, found)
    return judgement
  }

  /** It was found to be over. What ended it without an answer may be lost too, and the session be back. */
  #end(call: Call): void {
    const before = union(call.reach, this.possible)
    this.#become(new Set([GONE]))
    this.#note(call, { before, isWrite: false })
  }

  /** None came, or an error. */
  failed(wish: Wish): void {
    this.#write(`${JSON.stringify(wish)} failed`)
    this.possible = unanswered(this.possible, wish)
    this.#returned = unanswered(this.#returned, wish)
  }

  /** Another device ended the session, and was told that it is over. */
  revoked(): void {
    this.#write('ended by another device')
    this.#history.push({ at: Date.now(), before: this.possible, isWrite: true })
    this.revokedAt = Date.now()
    this.#become(new Set([GONE]))
  }

  /** Another device is about to end the session. */
  mayBeRevoked(): void {
    this.mayEnd = true
    this.possible = union(this.possible, new Set([GONE]))
  }

  failover(window: Window): void {
    this.#write(`failover, lost from ${window.since} to ${window.until}`)
    this.#window = window
    const undone = this.#history.filter(({ at }) => at >= window.since).map(({ before }) => before)
    if (undone.length > 0) this.#returned = union(this.#returned, this.possible, ...undone, new Set([GONE]))
  }

  #judge(call: Call, found: Finding): Judgement {
    const fitting = (states: States) => [...states].some((state) => fits(state, found))
    if (fitting(this.possible) || fitting(call.reach)) return { lost: 0 }
    const returned = call.others.reduce(unanswered, this.#returned)
    if (!fitting(returned)) {
      if (fitting(call.returned)) return { lost: 0 } // Another tab has found, and counted, the same loss.
      const told = `found ${JSON.stringify(found)}, kept ${JSON.stringify([...this.possible])}`
      return { lost: 0, wrong: [told, ...this.#diary].join('\n  ') }
    }
    const lost = this.#lostSince(found)
    this.#become(returned)
    return { lost }
  }

  #lostSince(found: Finding): number {
    const { since = 0 } = this.#window ?? {}
    const recent = this.#history.filter(({ at }) => at >= since)
    const first = recent.findIndex(({ before }) => [...before].some((state) => fits(state, found)))
    return recent.slice(Math.max(first, 0)).filter(({ isWrite }) => isWrite).length
  }

  #acknowledge(call: Call, wish: Wish, found: Finding): void {
    const before = union(call.reach, this.possible)
    const returned = union(this.#returned, before)
    // A session that another device has ended since is over, whatever this request did to it.
    if (this.revokedAt < call.startedAt || wish.action === 'sign-in') this.#change(wish, found)
    if (wish.action === 'sign-in') [this.signedInAt, this.revokedAt] = [Date.now(), 0]
    if (wish.action !== 'read' && wish.action !== 'revoke')
      this.#note(call, { before, isWrite: true }, returned)
  }

  #change(wish: Wish, found: Finding): void {
    const stays: State[] = this.mayEnd && wish.action !== 'sign-in' ? [GONE] : []
    this.possible = new Set([...acknowledged(this.possible, wish, found), ...stays])
    this.#returned = acknowledged(this.#returned, wish, found)
  }

  /** What was under way when the primary failed may have been written before, acknowledged after, and be lost. */
  #note({ startedAt }: Call, entry: Omit<Entry, 'at'>, returned: States = entry.before): void {
    const at = Date.now()
    this.#history = this.#history.filter((one) => at - one.at < MEMORY * 1000)
    this.#history.push({ at, ...entry })
    if (this.#window !== undefined && startedAt <= this.#window.until) {
      this.#returned = union(this.#returned, returned, new Set([GONE]))
    }
  }

  #write(line: string): void {
    this.#diary = [...this.#diary.slice(-20), `${Date.now()} ${line}`]
  }

  #become(states: States): void {
    this.possible = states
    this.#returned = new Set()
  }
}
