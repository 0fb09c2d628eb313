import { MAX_CHUNKS } from '../cookie/chunk.ts'
import { type Cookie, type CookieOptions, defineCookie } from '../cookie/serialize.ts'
import { type Keyring, keyringOf } from '../crypto/keyring.ts'
import type { SessionEvent } from '../events.ts'
import type { Policy, Timeouts } from '../session/lifecycle.ts'
import type { SchemaOptions } from '../session/schema.ts'
import type { SessionManagerOptions } from './options.ts'

/** The options, checked and resolved once. */
export interface Settings<Data extends object> {
  readonly keyring: Keyring
  readonly cookie: Cookie
  readonly policy: Policy
  readonly maxChunks: number
  readonly schema: SchemaOptions<Data> | undefined
  readonly clock: () => number
  readonly emit: (event: UnstampedEvent) => void
}

type UnkeyedOptions<Data extends object> = Omit<SessionManagerOptions<Data>, 'secret'>

/** An event before the manager adds its time and its cookie's name. */
export type UnstampedEvent = SessionEvent extends infer Event
  ? Event extends SessionEvent
    ? Omit<Event, 'at' | 'cookie'>
    : never
  : never

/** Browsers keep no cookie longer, in seconds: 400 days (RFC 6265bis §5.5). */
const MAX_TIMEOUT = 34_560_000

/** What each option is; the empty ones are looked at elsewhere. */
const OPTIONS: Record<keyof SessionManagerOptions, string> = {
  secret: '',
  cookie: 'object',
  idleTimeout: 'number',
  absoluteTimeout: 'number',
  remember: 'object',
  maxChunks: 'number',
  schema: '',
  migrate: 'function',
  onEvent: 'function',
  clock: 'function',
}

const COOKIE: Record<keyof CookieOptions, string> = {
  name: 'string',
  domain: 'string',
  path: 'string',
  sameSite: '',
  secure: 'boolean',
  partitioned: 'boolean',
}

const REMEMBER: Record<keyof Timeouts, string> = { idleTimeout: 'number', absoluteTimeout: 'number' }

/** @throws {TypeError | RangeError} With a sentence that says what to do. */
export function resolveOptions<Data extends object>(options: SessionManagerOptions<Data>): Settings<Data> {
  return { ...resolveUnkeyed(options), keyring: keyringOf(options.secret) }
}

/**
 * All but the secret, which may come only with the first request.
 *
 * @throws {TypeError | RangeError} With a sentence that says what to do.
 */
export function resolveUnkeyed<Data extends object>(
  options: UnkeyedOptions<Data>,
): Omit<Settings<Data>, 'keyring'> {
  checkShape(options)
  const { clock = Date.now, onEvent } = options
  const cookie = defineCookie(options.cookie)
  return {
    cookie,
    policy: resolvePolicy(options),
    maxChunks: wholeNumber('maxChunks', options.maxChunks ?? 1, MAX_CHUNKS),
    schema: resolveSchema(options),
    clock,
    emit: (event) => {
      if (onEvent !== undefined) deliver(onEvent, { ...event, at: clock(), cookie: cookie.name })
    },
  }
}

/** True when both open the same cookies and write them in the same way; who is told of it may differ. */
export function sameSettings(a: Settings<object>, b: Settings<object>): boolean {
  const [one, other] = [a, b].map(({ cookie, policy, maxChunks }) =>
    JSON.stringify([cookie, policy, maxChunks]),
  )
  return one === other && a.keyring === b.keyring && a.schema?.schema === b.schema?.schema
}

function checkShape(options: UnkeyedOptions<object>): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('createSessionManager(options) wants an object.')
  }
  checkKinds('', options, OPTIONS)
  checkKinds('cookie.', options.cookie ?? {}, COOKIE)
  checkKinds('remember.', options.remember ?? {}, REMEMBER)
}

/** A misspelt option must not leave the default in place without a word. */
function checkKinds(prefix: string, options: object, kinds: Record<string, string>): void {
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      throw new TypeError(`Unknown option ${prefix}${name}. There are: ${Object.keys(kinds).join(', ')}.`)
    }
    const kind = value === undefined ? '' : kinds[name]
    if (kind && (value === null || typeof value !== kind)) {
      throw new TypeError(`${prefix}${name} must be ${kind === 'object' ? 'an' : 'a'} ${kind}.`)
    }
  }
}

function resolvePolicy(options: UnkeyedOptions<object>): Policy {
  const { idleTimeout = 1800, absoluteTimeout = 86_400 } = options
  const timeouts = checkedTimeouts('', { idleTimeout, absoluteTimeout })
  return {
    ...timeouts,
    remember: options.remember ? checkedTimeouts('remember.', options.remember) : timeouts,
  }
}

function checkedTimeouts(prefix: string, { idleTimeout, absoluteTimeout }: Timeouts): Timeouts {
  return {
    idleTimeout: wholeNumber(`${prefix}idleTimeout`, idleTimeout, MAX_TIMEOUT),
    absoluteTimeout: wholeNumber(`${prefix}absoluteTimeout`, absoluteTimeout, MAX_TIMEOUT),
  }
}

function resolveSchema<Data extends object>({ schema, migrate }: UnkeyedOptions<Data>) {
  if (schema === undefined) {
    if (migrate !== undefined) throw new TypeError('migrate needs a schema.')
    return undefined
  }
  if (typeof schema?.['~standard']?.validate !== 'function') {
    throw new TypeError('schema must be a Standard Schema, such as one of valibot, zod or arktype.')
  }
  return { schema, migrate }
}

function wholeNumber(name: string, value: unknown, max: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number.`)
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} must be a whole number from 1 to ${max}: current value is ${value}.`)
  }
  return value
}

/** Monitoring must not take a request down, neither at once nor by a rejected promise. */
function deliver(onEvent: (event: SessionEvent) => unknown, event: SessionEvent): void {
  try {
    const result = onEvent(event)
    if (result instanceof Promise) result.catch(() => {})
  } catch {}
}
