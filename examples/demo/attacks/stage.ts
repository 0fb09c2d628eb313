import type { Context } from 'hono'
import type { Assessment } from 'wafer-session/monitor'
import type { DemoEnv } from '../env.ts'
import { victim } from '../people.ts'
import type { Mode } from '../sessions.ts'
import type { Seen } from '../watch/seen.ts'
import type { Place } from './place.ts'
import { type Answer, type Send, Visitor } from './visitor.ts'

/** One thing that somebody did, and how it ended. */
export interface Step {
  readonly who: string
  readonly did: string
  readonly answer: string
  /** Null for what is neither: it only prepares the rest. */
  readonly verdict: 'refused' | 'asked again' | 'let in' | null
  /** Seconds since the step before, by the clock of the attack. */
  readonly after: number
  readonly events: readonly Seen[]
}

/** The fetch of the whole application. */
export type AppFetch = (request: Request, bindings: object) => Response | Promise<Response>

/** Where an attack plays: real requests through the whole application, and an account of what came of each. */
export class Stage {
  readonly mode: Mode
  readonly steps: Step[] = []
  /** What the monitor made of the requests, the last one last. */
  readonly assessments: Assessment[] = []
  readonly #c: Context<DemoEnv>
  readonly #fetch: AppFetch
  #events: Seen[] = []
  #skipped = 0
  #pause = 0

  constructor(c: Context<DemoEnv>, fetch: AppFetch, mode: Mode) {
    this.#c = c
    this.#fetch = fetch
    this.mode = mode
  }

  /** @param fetch Another application than this one. */
  visitor(place: Place, fetch: AppFetch = this.#fetch): Visitor {
    const { origin } = new URL(this.#c.req.url)
    const send: Send = async (request, client) => {
      const simulation = {
        now: () => Date.now() + this.#skipped * 1000,
        client,
        note: (seen: Seen) => this.#events.push(seen),
        judge: (assessment: Assessment) => this.assessments.push(assessment),
      }
      return fetch(request, { ...this.#c.env, simulation })
    }
    return new Visitor(place, { cookieName: this.#c.var.sessions.cookieName, origin, send })
  }

  /** The victim, signed in. */
  async victim(place: Place, fetch?: AppFetch, did = 'signs in.'): Promise<Visitor> {
    const visitor = this.visitor(place, fetch)
    await this.did('Hedy', did, signIn(visitor), null)
    return visitor
  }

  /** What led up to it: real as well, and told in one line. */
  async earlier(who: string, did: string, happened: Promise<void>): Promise<void> {
    await happened
    this.steps.push({ who, did, answer: '', verdict: null, after: 0, events: [] })
    this.#events = []
  }

  /** Lets seconds pass, on the clock of this attack only. */
  skip(seconds: number): void {
    this.#skipped += seconds
    this.#pause = seconds
  }

  /** Waits for an answer and writes it down. */
  async did(who: string, did: string, answer: Promise<Answer>, verdict?: null): Promise<Answer> {
    const given = await answer
    this.steps.push({
      who,
      did,
      answer: textOf(given),
      verdict: verdict === null ? null : verdictOf(given),
      after: this.#pause,
      events: this.#events,
    })
    this.#events = []
    this.#pause = 0
    return given
  }
}

export function signIn(visitor: Visitor): Promise<Answer> {
  return visitor.post('/sign-in', { name: victim.id, password: victim.password })
}

function textOf({ status, to, heading }: Answer): string {
  if (to !== undefined) return `${status}, on to ${to}`
  return heading === undefined ? `${status}` : `${status}, the page “${heading}”`
}

/** Pages that are for somebody send everybody else to one of two others. */
function verdictOf({ status, to = '' }: Answer): Step['verdict'] {
  if (to.startsWith('/confirm')) return 'asked again'
  return to.startsWith('/sign-in') || status >= 400 ? 'refused' : 'let in'
}
