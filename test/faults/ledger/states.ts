import type { Finding, Wish } from '../site.ts'

/** What a browser may find: no session, or one with a number and a note. */
export type State = typeof GONE | `${number} ${string}`

export const GONE = ''

/** All that is possible as far as anyone outside can know. */
export type States = ReadonlySet<State>

/** Where a session gets a new cookie, or none: without an answer the browser keeps the old one, which may be dead. */
const CHANGES_COOKIE: readonly Wish['action'][] = ['sign-in', 'regenerate', 'sign-out']

/** Whether a state is what a request found. */
export function fits(state: State, { user, n, note }: Finding): boolean {
  if (state === GONE || user === null) return state === GONE && user === null
  return numberOf(state) === n && (note === undefined || note === noteOf(state))
}

/** What the states become by a request that was answered. */
export function acknowledged(states: States, wish: Wish, found: Finding): States {
  return new Set([...states].flatMap((state) => (state === GONE ? begun(wish) : changed(state, wish, found))))
}

/** What they may have become by one that was not: nobody knows whether it landed, or will yet. */
export function unanswered(states: States, wish: Wish): States {
  if (wish.action === 'read' || wish.action === 'revoke') return states
  if (CHANGES_COOKIE.includes(wish.action)) return new Set([...states, GONE])
  return new Set([...states].flatMap((state) => [state, after(state, wish)]))
}

export function union(...sets: readonly States[]): States {
  return new Set(sets.flatMap((set) => [...set]))
}

function begun({ action, n = 0 }: Wish): State[] {
  if (action === 'sign-in') return [`${n} `]
  // Nothing is written by what only reads, so nothing is known of what was on its way.
  return action === 'read' || action === 'take' || action === 'revoke' ? [GONE] : []
}

function changed(state: Exclude<State, typeof GONE>, wish: Wish, found: Finding): State[] {
  // A note that landed late, while another one was taken, stays.
  if (wish.action === 'take' && found.note !== noteOf(state)) return [state]
  return [after(state, wish)]
}

function after(state: State, { action, n = 0, note = '' }: Wish): State {
  if (action === 'sign-out') return GONE
  if (action === 'sign-in') return `${n} `
  if (state === GONE) return GONE
  if (action === 'write') return `${n} ${noteOf(state)}`
  if (action === 'flash') return `${numberOf(state)} ${note}`
  return action === 'take' ? `${numberOf(state)} ` : state
}

function numberOf(state: State): number {
  return Number(state.slice(0, state.indexOf(' ')))
}

function noteOf(state: State): string {
  return state.slice(state.indexOf(' ') + 1)
}
