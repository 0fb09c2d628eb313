import type { Context, MiddlewareHandler } from 'hono'
import { aal1, aal2, aal3 } from '../manager/presets.ts'
import { reaches } from '../session/assurance.ts'
import type { Session } from '../session/session.ts'
import { type VariableOption, variableOf } from './env.ts'
import { guard, type SignedInEnv, unauthorized } from './guard.ts'
import { detour, returnPath } from './return-path.ts'

export interface FreshOptions<Variable extends string = 'session'> extends VariableOption<Variable> {
  /** Seconds since the last authentication. @default what NIST SP 800-63B-4 asks of the `acr`, where that is one of its levels */
  readonly maxAge?: number | undefined
  /** The assurance level that must have been reached, or several that will do; `aal3` also does for `aal2`. */
  readonly acr?: string | readonly string[] | undefined
  /**
   * The page of this site that asks for the password or the second factor: where a browser that asked for a page is sent,
   * with `return_to`; see `returnPath`. Without it, and for everything else, the answer is a 401.
   */
  readonly redirectTo?: string | undefined
}

interface Demand {
  readonly maxAge: number | undefined
  readonly acr: readonly string[]
  readonly redirectTo: string | undefined
}

const TIMEOUTS: Readonly<Record<string, number>> = {
  aal1: aal1.absoluteTimeout,
  aal2: aal2.absoluteTimeout,
  aal3: aal3.absoluteTimeout,
}

/**
 * Lets only users through who authenticated at most `maxAge` seconds ago, and as surely as `acr` asks; others are sent to
 * where that is done, or get 401 with the challenge of RFC 9470 §3.
 *
 * @throws {TypeError | RangeError} When the options cannot be met, or send people to another site.
 */
export function requireFresh<Variable extends string = 'session'>(
  options: number | FreshOptions<Variable>,
  variableOption: VariableOption<Variable> = {},
): MiddlewareHandler<SignedInEnv<Variable>> {
  const given: FreshOptions<Variable> =
    typeof options === 'object' && options !== null ? options : { maxAge: options }
  const { maxAge, acr, redirectTo, ...others } = { ...variableOption, ...given }
  variableOf('requireFresh', others, ['maxAge', 'acr', 'redirectTo'])
  const demand = checked({ maxAge, acr: acr === undefined ? [] : levels(acr), redirectTo })
  const challenge = challengeOf(demand)
  return guard('requireFresh', others, (session, c) => {
    const mayStepUp = session.userId !== undefined || session.pending !== undefined
    if (session.userId !== undefined && meets(session, demand)) return null
    if (mayStepUp && demand.redirectTo !== undefined && isPage(c)) return detourTo(demand.redirectTo, c)
    return unauthorized(session.userId === undefined ? {} : { 'WWW-Authenticate': challenge })
  })
}

function checked({ maxAge, acr, redirectTo }: Demand): Demand {
  const seconds = maxAge ?? longestFor(acr)
  if (seconds === undefined ? acr.length === 0 : !(Number.isFinite(seconds) && seconds > 0)) {
    throw new RangeError(`requireFresh(maxAge) wants seconds: current value is ${maxAge}.`)
  }
  if (redirectTo !== undefined && returnPath(redirectTo, '') === '') {
    throw new TypeError(`redirectTo must be a path of this site, such as '/step-up'.`)
  }
  return { maxAge: seconds, acr, redirectTo }
}

/** @throws {TypeError} Also for none at all: a list that came out empty must not ask for nothing. */
function levels(acr: string | readonly string[]): readonly string[] {
  const names: readonly unknown[] = Array.isArray(acr) ? acr : [acr]
  const isName = (name: unknown) => typeof name === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name)
  if (names.length > 0 && names.every(isName)) return names as readonly string[]
  throw new TypeError(`acr must be a name without spaces and quotes, such as 'aal2', or a list of them.`)
}

/** The longest time that one of the levels allows; undefined when one of them says nothing of it. */
function longestFor(acr: readonly string[]): number | undefined {
  const times = acr.map((value) => TIMEOUTS[value])
  return times.includes(undefined) || times.length === 0 ? undefined : Math.max(...(times as number[]))
}

function meets(session: Session, { maxAge, acr }: Demand): boolean {
  return (
    (maxAge === undefined || session.isFresh(maxAge)) &&
    (acr.length === 0 || acr.some((level) => reaches(session.acr, level)))
  )
}

function challengeOf({ maxAge, acr }: Demand): string {
  const parts = [
    'Bearer error="insufficient_user_authentication"',
    acr.length > 0 ? `acr_values="${acr.join(' ')}"` : '',
    maxAge === undefined ? '' : `max_age="${maxAge}"`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** True for a browser that goes to a page, and not for a script that fetches something. */
function isPage({ req }: Context): boolean {
  const mode = req.header('Sec-Fetch-Mode')
  return mode === undefined ? (req.header('Accept') ?? '').includes('text/html') : mode === 'navigate'
}

/** A form that was sent cannot be sent again: of what is no GET nothing leads back. */
function detourTo(page: string, { req }: Context): Response {
  const { pathname, search } = new URL(req.url)
  const back = ['GET', 'HEAD'].includes(req.method) ? pathname + search : undefined
  return new Response(null, { status: 303, headers: { Location: detour(page, back) } })
}
