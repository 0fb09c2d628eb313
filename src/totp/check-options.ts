/**
 * A misspelt option must not leave the default in place without a word: `lastSteps` would let codes in twice.
 *
 * @throws {TypeError}
 */
export function checkNames(caller: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${caller} wants an object of options.`)
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name))
  if (unknown === undefined) return
  throw new TypeError(`${caller} has no option ${unknown}. There are: ${names.join(', ')}.`)
}

/** @throws {TypeError} When it is no name to count under. */
export function checkUserId(userId: unknown): asserts userId is string {
  if (typeof userId !== 'string' || userId === '') throw new TypeError('userId must be a non-empty string.')
}
