import { MAX_CHUNKS } from '../cookie/chunk.ts'
import { type Cookie, defineCookie } from '../cookie/serialize.ts'
import { type Keyring, keyringOf } from '../crypto/keyring.ts'
import type { BindingOptions } from '../session/binding.ts'
import type { Policy, Timeouts } from '../session/lifecycle.ts'
import type { SchemaOptions } from '../session/schema.ts'
import type { SessionStore } from '../store.ts'
import { checkOptions } from './check-options.ts'
import { type Emit, emitter } from './emit.ts'
import type { SessionManagerOptions } from './options.ts'
import { RevocationMarks } from './revocations.ts'
import type { SessionMonitor } from './session-monitor.ts'
import { resolveStores, type StoreSettings } from './store-settings.ts'
import { wholeNumber } from './whole-number.ts'

/** The options, checked and resolved once. */
export interface Settings<Data extends object> extends StoreSettings {
  readonly keyring: Keyring
  readonly cookie: Cookie
  readonly policy: Policy
  readonly maxChunks: number
  /** `store` or `revocations` as it was given, to tell settings apart. */
  readonly given: SessionStore | undefined
  readonly marks: RevocationMarks | undefined
  readonly binding: BindingOptions | undefined
  readonly schema: SchemaOptions<Data> | undefined
  readonly clock: () => number
  readonly emit: Emit
  readonly monitor: SessionMonitor | undefined
  /** Seconds. */
  readonly monitorTimeout: number
}

type UnkeyedOptions<Data extends object> = Omit<SessionManagerOptions<Data>, 'secret'>

/** Browsers keep no cookie longer, in seconds: 400 days (RFC 6265bis §5.5). */
const MAX_TIMEOUT = 34_560_000

/** @throws {TypeError | RangeError} With a sentence that says what to do. */
export function resolveOptions<Data extends object>(options: SessionManagerOptions<Data>): Settings<Data> {
  const settings = { ...resolveUnkeyed(options), keyring: keyringOf(options.secret) }
  const { revocations } = settings
  return { ...settings, marks: revocations && new RevocationMarks({ ...settings, store: revocations }) }
}

/**
 * All but the secret, which may come only with the first request.
 *
 * @throws {TypeError | RangeError} With a sentence that says what to do.
 */
export function resolveUnkeyed<Data extends object>(
  options: UnkeyedOptions<Data>,
): Omit<Settings<Data>, 'keyring' | 'marks'> {
  checkOptions(options)
  const { onEvent, monitor, storeTimeout = 2 } = options
  const clock = wholeClock(options.clock)
  const cookie = defineCookie(options.cookie)
  const emit = emitter(onEvent, checkedMonitor(monitor), clock, cookie.name)
  return {
    ...resolveStores(options, emit),
    given: options.store ?? options.revocations,
    binding: options.binding,
    cookie,
    policy: resolvePolicy(options),
    maxChunks: wholeNumber('maxChunks', options.maxChunks ?? 1, MAX_CHUNKS),
    schema: resolveSchema(options),
    clock,
    emit,
    monitor,
    monitorTimeout: storeTimeout,
  }
}

function checkedMonitor(monitor: SessionMonitor | undefined): SessionMonitor | undefined {
  if (monitor === undefined || typeof monitor.assess === 'function') return monitor
  throw new TypeError('monitor must have a method assess: see createMonitor of wafer-session/monitor.')
}

/** In whole milliseconds, as they are written: what is compared with a time must not be a fraction later than it. */
function wholeClock(clock: (() => number) | undefined): () => number {
  return clock === undefined ? Date.now : () => Math.floor(clock())
}

/** True when both open the same cookies and write them in the same way; who is told of it may differ. */
export function sameSettings(a: Settings<object>, b: Settings<object>): boolean {
  const [one, other] = [a, b].map((settings) => {
    const { cookie, policy, maxChunks, revocationMaxAge, renewal, ...others } = settings
    const { onReuse, onStoreError, sessionsPerUser } = others
    return JSON.stringify([
      [cookie, policy, maxChunks, revocationMaxAge, renewal],
      [onReuse, onStoreError, sessionsPerUser],
    ])
  })
  const alike =
    a.keyring === b.keyring && a.given === b.given && a.binding === b.binding && a.monitor === b.monitor
  const fits = a.schema?.schema === b.schema?.schema && a.schema?.migrate === b.schema?.migrate
  return alike && one === other && fits
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
