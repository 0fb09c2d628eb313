/** A misspelt option would be a check that nobody makes, or a log that nobody writes. @throws {TypeError} */
export function refuseUnknown(caller: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${caller} wants options.`)
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(`${caller} has no option ${unknown}. It knows ${known.join(', ')}.`)
  }
}
