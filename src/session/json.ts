import { SessionError } from '../errors.ts'

/**
 * JSON text of a value that JSON can hold whole: what comes back is what went in.
 *
 * An own property that is `undefined` is left out, as if deleted; everything else that JSON would drop or change is
 * refused by its path.
 *
 * @throws {SessionError} `ERR_SESSION_NOT_SERIALIZABLE`, with the path: `session.data.user.born is a Date`.
 */
export function toJsonText(value: unknown, path: string): string {
  assertJson(value, path, [])
  return JSON.stringify(value)
}

/** Freezes the objects and arrays of a JSON value; a client or an entity that got in by mistake is not ours to freeze. */
export function deepFreeze(value: unknown, seen: Set<unknown> = new Set()): void {
  if (!isContainer(value) || seen.has(value)) return
  seen.add(value)
  Object.freeze(value)
  for (const child of Object.values(value)) deepFreeze(child, seen)
}

/** A view of a JSON value in which every change, however deep, throws what `error` makes. */
export function readOnly<T extends object>(value: T, error: () => Error): T {
  const refuse = (): never => {
    throw error()
  }
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver)
      // Of a frozen object a proxy must give what is there, and that is frozen too.
      return isContainer(found) && !Object.isFrozen(target) ? readOnly(found, error) : found
    },
    set: refuse,
    deleteProperty: refuse,
    defineProperty: refuse,
    setPrototypeOf: refuse,
  })
}

function assertJson(value: unknown, path: string, above: readonly object[]): void {
  const problem = describeProblem(value, above)
  if (problem !== null) throw notSerializable(`${path} ${problem}`)
  if (!isObject(value)) return
  const inside = [...above, value]
  for (const [key, child] of Object.entries(value)) {
    if (key === '__proto__') throw notSerializable(`${path} has a key named __proto__`)
    if (child === undefined && !Array.isArray(value)) continue
    assertJson(child, Array.isArray(value) ? `${path}[${key}]` : childPath(path, key), inside)
  }
}

/** What JSON would lose, or null. */
function describeProblem(value: unknown, above: readonly object[]): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : `is ${value}`
  if (typeof value !== 'object') return value === undefined ? 'is undefined' : `is a ${typeof value}`
  if (above.includes(value)) return 'contains itself'
  if (Object.getOwnPropertySymbols(value).length > 0) return 'has a symbol as a key'
  if (Array.isArray(value))
    return Object.keys(value).length === value.length ? null : 'has holes or named properties'
  if (isContainer(value)) return null
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } }
  return `is a ${prototype.constructor?.name || 'class instance'}`
}

function notSerializable(problem: string): SessionError {
  return new SessionError(
    'ERR_SESSION_NOT_SERIALIZABLE',
    `${problem}: a session holds what JSON can hold (objects, arrays, strings, finite numbers, booleans, null).`,
  )
}

function childPath(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

/** A plain object or an array. */
function isContainer(value: unknown): value is object {
  if (!isObject(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
