/** The rows that a title begins with: `row 12: …`, `rows 3, 5-7 and 9: …`. */
export function rowsOf(title: string): number[] {
  const [, list = ''] = /^rows? (\d+(?:(?:, | and |-)\d+)*)\b[^\n]*?:/.exec(title) ?? []
  return list === '' ? [] : list.split(/, | and /).flatMap(range)
}

/** The same of all string literals in a source, which is where a test has its title. */
export function rowsIn(source: string): number[] {
  return Array.from(source.matchAll(/['"`](rows? \d[^'"`\n]*)/g)).flatMap(([, title = '']) => rowsOf(title))
}

function range(part: string): number[] {
  const [first = 0, last = first] = part.split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
