import type { Context } from 'hono'
import { env } from 'hono/adapter'
import { createSessionManager, type SessionManager } from '../manager/manager.ts'
import type { SessionManagerOptions } from '../manager/options.ts'
import { resolveUnkeyed } from '../manager/settings.ts'

/**
 * As for `createSessionManager`; without a `secret` the variable `SESSION_SECRET` of the environment is read: one secret,
 * or several with commas between them.
 */
export type HonoSessionOptions<Data extends object> = Omit<SessionManagerOptions<Data>, 'secret'> & {
  readonly secret?: SessionManagerOptions<Data>['secret'] | undefined
}

/** What `session()` makes a manager of. */
export type Source<Data extends object> = HonoSessionOptions<Data> | SessionManager<Data>

/** The manager for a request: made once, where the options do not depend on the request. */
export function managerSource<Data extends object>(
  source: Source<Data> | ((c: Context) => Source<Data>),
): (c: Context) => SessionManager<Data> {
  if (typeof source === 'function') return (c: Context) => toManager(named(source(c)), c)
  if (isManager(source) || source.secret !== undefined) {
    const manager = isManager(source) ? source : createSessionManager(withSecret(source, source.secret))
    return () => manager
  }
  resolveUnkeyed(source) // A mistake in it is told now; the environment is there only with the first request.
  let manager: SessionManager<Data> | undefined
  return (c: Context) => {
    manager ??= toManager(source, c)
    return manager
  }
}

/** A binding with a misspelt name must become neither the common secret nor cookies that nobody can revoke. */
function named<Data extends object>(source: Source<Data>): Source<Data> {
  if (isManager(source)) return source
  const missing = FROM_BINDINGS.find((name) => name in source && source[name] === undefined)
  if (missing !== undefined) {
    throw new TypeError(`session(fn) got a ${missing} that is undefined. Is the variable it comes from set?`)
  }
  return source
}

const FROM_BINDINGS = ['secret', 'store', 'revocations'] as const

function toManager<Data extends object>(source: Source<Data>, c: Context): SessionManager<Data> {
  if (isManager(source)) return source
  return createSessionManager(withSecret(source, source.secret ?? secretsOf(c)))
}

/** `SESSION_SECRET`: one secret, or several with commas between them, the first of which seals. */
function secretsOf(c: Context): string | string[] | undefined {
  const { SESSION_SECRET } = env<{ SESSION_SECRET?: string }>(c)
  if (typeof SESSION_SECRET !== 'string') return SESSION_SECRET // A binding may be anything; the manager says so.
  const secrets = SESSION_SECRET.split(',').map((secret) => secret.trim())
  return secrets.length === 1 ? secrets : secrets.filter((secret) => secret !== '')
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
