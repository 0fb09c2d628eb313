/** @throws {TypeError} */
export function namedText(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${name} must be a non-empty string.`)
}
