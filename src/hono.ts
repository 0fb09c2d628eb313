/**
 * Hono middleware.
 *
 * @module
 */
import type { Context, MiddlewareHandler } from 'hono'
import { env } from 'hono/adapter'
import { HTTPException } from 'hono/http-exception'
import { createSessionManager, type SessionManager } from './manager/manager.ts'
import type { SessionManagerOptions } from './manager/options.ts'
import type { Session } from './session/session.ts'

/**
 * Makes `c.var.session` and `c.var.sessions` (the manager) known to TypeScript: `new Hono<SessionEnv<Data>>()`.
 * A second session beside it has a variable of its own: `SessionEnv<Data, 'admin'>` types `admin` and `admins`.
 */
export type SessionEnv<Data extends object = Record<string, unknown>, Variable extends string = 'session'> = {
  Variables: { [V in Variable]: Session<Data> } & { [V in `${Variable}s`]: SessionManager<Data> }
}

/** As for `createSessionManager`; without a `secret` the variable `SESSION_SECRET` of the environment is read. */
export type HonoSessionOptions<Data extends object> = Omit<SessionManagerOptions<Data>, 'secret'> & {
  readonly secret?: SessionManagerOptions<Data>['secret'] | undefined
}

/** Which of several sessions side by side is meant. */
export interface VariableOption<Variable extends string = string> {
  /** The name of the context variable; the manager has the same with an `s`. @default 'session' */
  readonly variable?: Variable | undefined
}

/** What a handler behind `requireUser` knows, whatever its `Data`. */
export type SignedInEnv<Variable extends string = 'session'> = {
  Variables: { [V in Variable]: { readonly userId: string; readonly authTime: number } }
}

type Source<Data extends object> = HonoSessionOptions<Data> | SessionManager<Data>

/**
 * Opens the session before the handler as `c.var.session` and commits it after.
 *
 * A 5xx or a throw keeps no changes; a sign-out holds whatever the status.
 *
 * @param source Options, a manager, or a function of the context that gives either: on Workers bindings arrive per
 * request.
 * @throws {TypeError | RangeError} For wrong options.
 */
export function session<Data extends object = Record<string, unknown>, Variable extends string = 'session'>(
  source: Source<Data> | ((c: Context) => Source<Data>) = {},
  { variable = 'session' as Variable }: VariableOption<Variable> = {},
): MiddlewareHandler<SessionEnv<Data, Variable>> {
  const managerFor = managerSource(source)

  return async function session(c: Context, next) {
    const sessions = managerFor(c)
    if (!claimCookie(c, sessions.cookieName, variable)) return next()

    const opened = await sessions.open(c.req.raw)
    c.set(variable, opened)
    c.set(`${variable}s`, sessions)
    await next()

    const failed = c.error !== undefined || c.res.status >= 500
    const response = await sessions.respond(opened, c.res, { failed })
    if (response === c.res) return
    c.res = undefined // Else Hono would copy the old headers over the new ones, and drop our cookie.
    c.res = response
  }
}

/** Lets only requests through that brought a session; else 401. */
export function requireSession({ variable = 'session' }: VariableOption = {}): MiddlewareHandler {
  return async function requireSession(c, next) {
    if (sessionOf(c, variable).isNew) throw unauthorized()
    await next()
  }
}

/** Lets only signed-in users through, so that `c.var.session.userId` is a string; else 401. */
export function requireUser<Variable extends string = 'session'>({
  variable = 'session' as Variable,
}: VariableOption<Variable> = {}): MiddlewareHandler<SignedInEnv<Variable>> {
  return async function requireUser(c: Context, next) {
    if (sessionOf(c, variable).userId === undefined) throw unauthorized()
    await next()
  }
}

/**
 * Lets only users through who authenticated at most `maxAge` seconds ago; else 401, with the challenge of RFC 9470.
 *
 * @throws {RangeError} When `maxAge` is not a positive number.
 */
export function requireFresh<Variable extends string = 'session'>(
  maxAge: number | ({ readonly maxAge: number } & VariableOption<Variable>),
): MiddlewareHandler<SignedInEnv<Variable>> {
  const options: { readonly maxAge: number } & VariableOption =
    typeof maxAge === 'object' && maxAge !== null ? maxAge : { maxAge }
  const { maxAge: seconds, variable = 'session' } = options
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new RangeError(`requireFresh(maxAge) wants seconds: current value is ${seconds}.`)
  }
  const challenge = `Bearer error="insufficient_user_authentication", max_age="${seconds}"`

  return async function requireFresh(c: Context, next) {
    const current = sessionOf(c, variable)
    if (current.userId === undefined) throw unauthorized()
    if (!current.isFresh(seconds)) throw unauthorized({ 'WWW-Authenticate': challenge })
    await next()
  }
}

/** The context variable of every cookie that a request has open. */
const claims = /* @__PURE__ */ new WeakMap<Context, Map<string, string>>()

/**
 * False for the same middleware once more, as through app.route: one cookie has one session.
 *
 * @throws {TypeError} When the cookie is another variable's: whoever signs in as one would be signed in as the other.
 */
function claimCookie(c: Context, cookieName: string, variable: string): boolean {
  const claimed = claims.get(c) ?? new Map<string, string>()
  const holder = claimed.get(cookieName)
  if (holder !== undefined && holder !== variable) {
    throw new TypeError(
      `The cookie ${cookieName} is that of c.var.${holder}. Give c.var.${variable} its own cookie.name.`,
    )
  }
  claims.set(c, claimed.set(cookieName, variable))
  return holder === undefined
}

function managerSource<Data extends object>(source: Source<Data> | ((c: Context) => Source<Data>)) {
  if (typeof source === 'function') return (c: Context) => toManager(source(c), c)
  if (isManager(source) || source.secret !== undefined) {
    const manager = isManager(source) ? source : createSessionManager(withSecret(source, source.secret))
    return () => manager
  }
  // The environment is there with the first request; later ones find the same one.
  let manager: SessionManager<Data> | undefined
  return (c: Context) => {
    manager ??= toManager(source, c)
    return manager
  }
}

function toManager<Data extends object>(source: Source<Data>, c: Context): SessionManager<Data> {
  if (isManager(source)) return source
  const secret = source.secret ?? env<{ SESSION_SECRET?: string }>(c).SESSION_SECRET
  return createSessionManager(withSecret(source, secret))
}

function withSecret<Data extends object>(
  options: HonoSessionOptions<Data>,
  secret: SessionManagerOptions<Data>['secret'] | undefined,
): SessionManagerOptions<Data> {
  if (secret !== undefined) return { ...options, secret }
  throw new TypeError(
    'session() needs a secret: pass { secret }, or set SESSION_SECRET to the output of `openssl rand -base64 32`.',
  )
}

function isManager<Data extends object>(source: Source<Data>): source is SessionManager<Data> {
  if (typeof source !== 'object' || source === null)
    throw new TypeError('session() wants options or a manager.')
  if (source instanceof Promise)
    throw new TypeError('session(fn) wants a synchronous function of the context.')
  return 'open' in source
}

function sessionOf(c: Context, variable: string): Session {
  const found: Session | undefined = c.get(variable)
  if (found === undefined)
    throw new TypeError(`There is no c.var.${variable}: app.use(session(…)) must come first.`)
  return found
}

function unauthorized(headers?: Record<string, string>): HTTPException {
  return new HTTPException(401, {
    res: new Response('Unauthorized', { status: 401, ...(headers && { headers }) }),
  })
}
