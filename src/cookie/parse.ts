/**
 * More cookies of one name than this and none is looked at: which of them a browser sends first is the attacker's
 * choice, so the outcome must not depend on it (RFC 6265bis §4.2.2).
 */
export const MAX_CANDIDATES = 4

/**
 * The values of every cookie of exactly this name, in the order sent, at most one more than `MAX_CANDIDATES`.
 *
 * Linear in the header, and never throws. Only a semicolon separates cookies, and only space and tab are blank: a comma
 * or a no-break space, both of which a sibling domain can plant, would let it forge a `__Host-` name.
 */
export function cookieValues(header: string, name: string): string[] {
  const values: string[] = []
  let at = header.indexOf(name)
  while (at !== -1 && values.length <= MAX_CANDIDATES) {
    const equals = at + name.length
    if (header[equals] === '=' && startsPair(header, at)) values.push(valueFrom(header, equals + 1))
    at = header.indexOf(name, equals)
  }
  return values
}

function startsPair(header: string, at: number): boolean {
  let before = at - 1
  while (isBlank(header[before])) before--
  return before < 0 || header[before] === ';'
}

function valueFrom(header: string, start: number): string {
  const semicolon = header.indexOf(';', start)
  let end = semicolon === -1 ? header.length : semicolon
  while (end > start && isBlank(header[end - 1])) end--
  return header.slice(start, end)
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t'
}
