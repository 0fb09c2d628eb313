import { SessionError } from '../errors.ts'
import type { StoreErrorEvent } from '../events.ts'
import type { SessionStore, StoreConsistency } from '../store.ts'
import type { Emit } from './emit.ts'

/** A store that answers in time or fails with a `SessionError`, and has every method. */
export interface BoundedStore extends Required<Omit<SessionStore, 'capabilities'>> {
  readonly consistency: StoreConsistency
  readonly atomicUpdate: boolean
  readonly hasIndex: boolean
}

interface Bounds {
  /** Seconds. */
  readonly timeout: number
  readonly emit: Emit
}

type Operation = StoreErrorEvent['operation']

/**
 * Bounds every call: a read that fails is tried once more within the time, a write never is, for nobody knows whether
 * it landed (ASVS 13.2.6).
 */
export function boundedStore(store: SessionStore, bounds: Bounds): BoundedStore {
  const read = <T>(operation: Operation, call: () => Promise<T>) => bounded(bounds, operation, call, 2)
  const write = <T>(operation: Operation, call: () => Promise<T>) => bounded(bounds, operation, call, 1)

  return {
    consistency: store.capabilities.consistency,
    atomicUpdate: store.capabilities.atomicUpdate,
    hasIndex: store.capabilities.index !== false, // Whoever declares one has a list: the options were checked.
    get: (key) => read('get', () => store.get(key)),
    getMany(keys) {
      return read('getMany', () => store.getMany?.(keys) ?? Promise.all(keys.map((key) => store.get(key))))
    },
    list: (tag) => read('list', async () => (await store.list?.(tag)) ?? []),
    create: (key, value, options) =>
      write('create', async () => won(await store.create(key, value, options))),
    update: (key, value, options) =>
      write('update', async () => won(await store.update(key, value, options))),
    delete: (key, options) => write('delete', () => store.delete(key, options)),
  }
}

/** A write that lost must not pass for one that won, whatever a store calls that. @throws {TypeError} */
function won(version: string | null): string | null {
  if (version === null || typeof version === 'string') return version
  throw new TypeError('the store gave neither a version nor null')
}

async function bounded<T>(
  { timeout, emit }: Bounds,
  operation: Operation,
  call: () => Promise<T>,
  tries: number,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let late = false
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      late = true
      reject(new Error(`no answer within ${timeout} seconds`))
    }, timeout * 1000)
  })
  try {
    return await Promise.race([attempts(call, tries, () => late), deadline])
  } catch (cause) {
    emit({ type: 'store-error', operation, cause })
    throw new SessionError('ERR_SESSION_STORE', `The session store failed: ${operation}.`, { cause })
  } finally {
    clearTimeout(timer)
  }
}

async function attempts<T>(call: () => Promise<T>, tries: number, isLate: () => boolean): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (tries <= 1 || isLate()) throw error
    return attempts(call, tries - 1, isLate)
  }
}
