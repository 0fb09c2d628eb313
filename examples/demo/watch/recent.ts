import type { RiskAction } from 'wafer-session'
import type { Seen } from './seen.ts'

/** One line of the list of events. */
export interface Entry extends Seen {
  readonly number: number
  /** The same refusal again within ten seconds is counted here and not listed: a flood must not wash away the rest. */
  readonly times: number
}

/** What the monitor made of a request. */
export interface Judged {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly userId: string
  readonly risk: number
  readonly action: RiskAction
  readonly simulated: boolean
}

/** Where sign-ins came from, and what the monitor stopped. */
export interface Place {
  readonly name: string
  readonly latitude: number
  readonly longitude: number
  readonly signIns: number
  readonly stopped: number
}

const MOST = 200
const MOST_PLACES = 60
const SAME_REFUSAL = 10_000

/**
 * What this isolate of the Worker has seen since it started, bounded. Another isolate has seen other things: an
 * application that must know everything gives the monitor a sink.
 */
export class Recent {
  readonly events: Entry[] = []
  readonly judged: Judged[] = []
  readonly refusals = new Map<string, number>()
  readonly places = new Map<string, Place>()
  /** Grows with everything that is noted. */
  version = 0
  #number = 0

  note(seen: Seen): void {
    this.version++
    if (seen.type === 'reject') this.#countRefusal(seen)
    if (isSignIn(seen) || isStopped(seen)) this.#countPlace(seen)
    const twin = this.events.findIndex((entry) => isSameRefusal(entry, seen))
    const times = twin === -1 ? 1 : 1 + (this.events.splice(twin, 1)[0]?.times ?? 0)
    this.events.unshift({ ...seen, number: ++this.#number, times })
    this.events.length = Math.min(this.events.length, MOST)
  }

  judge(judged: Judged): void {
    this.version++
    this.judged.unshift(judged)
    this.judged.length = Math.min(this.judged.length, MOST)
  }

  #countRefusal({ detail = 'unknown' }: Seen): void {
    this.refusals.set(detail, (this.refusals.get(detail) ?? 0) + 1)
  }

  #countPlace(seen: Seen): void {
    const { place: name = 'An unnamed place', latitude, longitude } = seen
    if (latitude === undefined || longitude === undefined) return
    const key = `${Math.round(latitude)} ${Math.round(longitude)}`
    const before = this.places.get(key)
    const signIns = (before?.signIns ?? 0) + (isSignIn(seen) ? 1 : 0)
    const stopped = (before?.stopped ?? 0) + (isStopped(seen) ? 1 : 0)
    this.places.delete(key) // So that the first one is the one not seen for longest.
    this.places.set(key, { name, latitude, longitude, signIns, stopped })
    const [oldest] = this.places.keys()
    if (this.places.size > MOST_PLACES && oldest !== undefined) this.places.delete(oldest)
  }
}

function isSignIn({ type, userId }: Seen): boolean {
  return type === 'create' && userId !== undefined
}

/** A step-up was asked for, or the session ended. */
function isStopped({ type, detail }: Seen): boolean {
  return type === 'risk' && detail !== 'report'
}

function isSameRefusal(entry: Entry, seen: Seen): boolean {
  return (
    entry.type === 'reject' &&
    seen.type === 'reject' &&
    entry.detail === seen.detail &&
    entry.simulated === seen.simulated &&
    entry.userId === seen.userId &&
    Math.abs(seen.at - entry.at) < SAME_REFUSAL
  )
}
