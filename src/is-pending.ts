/** Is it to be waited for? Also what a call of another Worker gives, which is no `Promise`. */
export function isPending<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Partial<Promise<T>> | null | undefined)?.then === 'function'
}
