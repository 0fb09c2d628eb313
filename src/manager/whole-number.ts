/** @throws {TypeError | RangeError} When the value of an option is not a whole number of that size. */
export function wholeNumber(name: string, value: unknown, max: number, min = 1): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number.`)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}: current value is ${value}.`)
  }
  return value
}
