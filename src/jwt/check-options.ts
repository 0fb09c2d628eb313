import { namedText } from '../manager/named-text.ts'

/** One name or a list of them. @throws {TypeError} */
export function audienceOf(audience: string | readonly string[]): string | string[] {
  if (!Array.isArray(audience)) return namedText('audience', audience)
  if (audience.length === 0) throw new TypeError('audience must have at least one name.')
  return audience.map((name) => namedText('audience', name))
}

/** Words with a space between them, fit for a header (RFC 6749 §3.3). @throws {TypeError} */
export function wordsOf(name: string, given: string | readonly string[] = []): string[] {
  const words = typeof given === 'string' ? given.split(' ') : [...given]
  if (words.every((word) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(word))) return words
  throw new TypeError(`${name} must be words of printable ASCII without quotes and backslashes.`)
}
