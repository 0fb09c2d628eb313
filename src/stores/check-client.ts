/**
 * A binding whose name is misspelt must be told at once, not by the first request that needs it.
 *
 * @throws {TypeError} When what a store is given lacks the method.
 */
export function checkClient(store: string, wants: string, client: unknown, method: string): void {
  const given = client as Readonly<Record<string, unknown>> | null | undefined
  if (typeof given?.[method] === 'function') return
  const what = given == null ? String(given) : `a ${typeof given} without ${method}()`
  throw new TypeError(`${store} wants ${wants}, not ${what}. Is the binding or variable it comes from set?`)
}
