import { SessionError } from '../errors.ts'

/** Deeper than any session; far from where a runtime's own stack ends. */
const MAX_DEPTH = 500

/**
 * JSON text of a value that JSON can hold whole: what comes back is what went in.
 *
 * An own property that is `undefined` is left out, as if deleted; everything else that JSON would drop or change is
 * refused by its path.
 *
 * @throws {SessionError} `ERR_SESSION_NOT_SERIALIZABLE`, with the path: `session.data.user.born is a Date`.
 */
export function toJsonText(value: unknown, path: string): string {
  const problem = findProblem(value, [])
  if (problem === null) return JSON.stringify(value)
  throw new SessionError(
    'ERR_SESSION_NOT_SERIALIZABLE',
    `${path}${problem}: a session holds only what JSON can hold.`,
  )
}

/** Freezes the objects and arrays of a JSON value; a client or an entity that got in by mistake is not ours to freeze. */
export function deepFreeze(value: unknown): void {
  const found = [value]
  const frozen = new Set() // Before, or by this: what is met again.
  for (const one of found) {
    if (!isContainer(one) || frozen.has(one)) continue
    if (Object.isFrozen(one)) frozen.add(one)
    else Object.freeze(one)
    for (const key of Object.keys(one)) {
      const child: unknown = one[key as never]
      if (isObject(child)) found.push(child)
    }
  }
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

/** The first thing that JSON would lose, behind its path, or null. Paths are spelled out only on the way back. */
function findProblem(value: unknown, above: object[]): string | null {
  const problem = describeProblem(value, above)
  if (problem !== null) return ` ${problem}`
  if (!isObject(value)) return null
  above.push(value)
  for (const key of Object.keys(value)) {
    if (key === '__proto__') return ' has a key named __proto__'
    const child: unknown = value[key as never]
    if (typeof child === 'string') continue // Most of what there is.
    const found = child === undefined && !Array.isArray(value) ? null : findProblem(child, above)
    if (found !== null) return stepTo(key) + found
  }
  above.pop()
  return null
}

/** What JSON would lose, or null. */
function describeProblem(value: unknown, above: readonly object[]): string | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : `is ${value}`
  if (typeof value !== 'object') return value === undefined ? 'is undefined' : `is a ${typeof value}`
  if (above.includes(value)) return 'contains itself'
  if (above.length > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} deep`
  if (Object.getOwnPropertySymbols(value).length > 0) return 'has a symbol as a key'
  if (Array.isArray(value)) return isDense(value) ? null : 'has holes or named properties'
  if (isContainer(value)) return null
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } }
  return `is a ${prototype.constructor?.name || 'class instance'}`
}

/** A step of a path. A key may be a client's choice: what is no plain word is quoted. */
export function stepTo(key: string): string {
  if (/^\d+$/.test(key)) return `[${key}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

/** Own keys come in the order 0, 1, 2… and then the names: the last one tells whether there is a hole or a name. */
function isDense(array: readonly unknown[]): boolean {
  const keys = Object.keys(array)
  return keys.length === array.length && (keys.at(-1) ?? '-1') === String(array.length - 1)
}

/** An array or a plain object, of this realm or another. */
function isContainer(value: unknown): value is object {
  if (!isObject(value)) return false
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === Object.prototype) return true // Nearly always.
  return Array.isArray(value) || prototype === null || Object.hasOwn(prototype, 'isPrototypeOf')
}

/** What JSON calls an object. */
export function isPlain(value: unknown): value is object {
  return isObject(value) && !Array.isArray(value)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
