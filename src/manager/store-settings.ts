import type { SessionStore, StoreCapabilities } from '../store.ts'
import { type BoundedStore, boundedStore } from './bounded-store.ts'
import type { Emit } from './emit.ts'
import type { SessionLimit, SessionManagerOptions } from './options.ts'
import { wholeNumber } from './whole-number.ts'

/** What the options say of stores, checked and resolved. */
export interface StoreSettings {
  readonly store: BoundedStore | undefined
  readonly revocations: BoundedStore | undefined
  readonly revocationMaxAge: number
  /** Seconds; a timeout of 0 renews nothing. */
  readonly renewal: { readonly timeout: number; readonly grace: number }
  readonly onReuse: 'end' | 'report'
  readonly sessionsPerUser: SessionLimit | undefined
  readonly onStoreError: 'fail' | 'anonymous'
}

type Options = Omit<SessionManagerOptions<never>, 'secret' | 'schema' | 'migrate'>

/** A day: a grace or an age that is longer would be no bound. */
const MAX_AGE = 86_400
const MAX_STORE_TIMEOUT = 60
const METHODS = ['get', 'create', 'update', 'delete'] as const

/** @throws {TypeError | RangeError} With a sentence that says what to do. */
export function resolveStores(options: Options, emit: Emit): StoreSettings {
  const { store, revocations, revocationMaxAge, storeTimeout = 2 } = options
  if (store !== undefined && revocations !== undefined) {
    throw new TypeError('store and revocations exclude each other: sessions in a store are revoked there.')
  }
  if (revocationMaxAge !== undefined && revocations === undefined) {
    throw new TypeError('revocationMaxAge needs revocations.')
  }
  if (!(storeTimeout > 0 && storeTimeout <= MAX_STORE_TIMEOUT)) {
    throw new RangeError(`storeTimeout must be above 0 and at most ${MAX_STORE_TIMEOUT} seconds.`)
  }
  const bounds = { timeout: storeTimeout, emit }
  return {
    store: store && boundedStore(checkedStore('store', store), bounds),
    revocations: revocations && boundedStore(checkedMarks(revocations), bounds),
    revocationMaxAge: wholeNumber('revocationMaxAge', revocationMaxAge ?? 60, MAX_AGE),
    renewal: resolveRenewal(options),
    onReuse: options.onReuse ?? 'end',
    sessionsPerUser: resolveLimit(options),
    onStoreError: options.onStoreError ?? 'fail',
  }
}

function checkedStore(name: string, store: SessionStore): SessionStore {
  const missing = METHODS.find((method) => typeof store[method] !== 'function')
  const capabilities: object | null | undefined = store.capabilities
  if (missing !== undefined || capabilities == null) {
    throw new TypeError(`${name} must be a SessionStore: it has no ${missing ?? 'capabilities'}.`)
  }
  checkCapabilities(`${name}.capabilities`, capabilities)
  if (store.capabilities.index !== false && typeof store.list !== 'function') {
    throw new TypeError(`${name} declares an index, and has no list.`)
  }
  return store
}

/** A promise that is misspelt must not count as another one. */
function checkCapabilities(
  name: string,
  { consistency, atomicUpdate, index }: Partial<StoreCapabilities>,
): void {
  if (consistency !== 'strong' && !isStaleness(consistency)) {
    throw new TypeError(`${name}.consistency must be 'strong' or { staleFor: seconds }.`)
  }
  if (typeof atomicUpdate !== 'boolean') throw new TypeError(`${name}.atomicUpdate must be true or false.`)
  if (index !== 'atomic' && index !== 'ordered' && index !== false && !isStaleness(index)) {
    throw new TypeError(`${name}.index must be 'atomic', 'ordered', { staleFor: seconds } or false.`)
  }
}

function isStaleness(value: unknown): boolean {
  const { staleFor } = (value ?? {}) as { staleFor?: unknown }
  return typeof staleFor === 'number' && staleFor >= 0
}

function checkedMarks(store: SessionStore): SessionStore {
  const { consistency } = checkedStore('revocations', store).capabilities
  if (consistency !== 'strong' && !Number.isFinite(consistency.staleFor)) {
    throw new RangeError(
      'revocations needs a store that says how stale it may be: else nothing is ever sure.',
    )
  }
  return store
}

function resolveRenewal({ store, renewalTimeout, renewalGrace }: Options): StoreSettings['renewal'] {
  const grace = wholeNumber('renewalGrace', renewalGrace ?? 60, MAX_AGE)
  const { consistency, atomicUpdate } = store?.capabilities ?? {}
  const can = consistency === 'strong' && atomicUpdate === true
  if (renewalTimeout !== undefined && renewalTimeout !== 0 && !can) {
    throw new TypeError(
      'renewalTimeout needs a store that is strong and can compare and set: on any other a copy cannot be told ' +
        'from the original. Leave it out, or use such a store.',
    )
  }
  const timeout = can
    ? wholeNumber('renewalTimeout', renewalTimeout ?? Math.max(900, 2 * grace + 1), 34_560_000, 0)
    : 0
  if (timeout !== 0 && timeout <= 2 * grace) {
    throw new RangeError(`renewalTimeout must exceed twice renewalGrace (${grace}), or be 0 for never.`)
  }
  return { timeout, grace }
}

function resolveLimit({ store, sessionsPerUser }: Options): SessionLimit | undefined {
  if (sessionsPerUser === undefined) return undefined
  if (store === undefined || store.capabilities.index === false) {
    throw new TypeError(
      'sessionsPerUser needs a store with an index: nothing else knows the sessions of a user.',
    )
  }
  const { max, onExceed } = sessionsPerUser
  if (onExceed === undefined) throw new TypeError(`sessionsPerUser.onExceed must be 'reject' or 'evict'.`)
  return { max: wholeNumber('sessionsPerUser.max', max, 10_000), onExceed }
}
