/**
 * What `describeStore` asserts with, as frameworks differ in theirs.
 *
 * @throws {Error} With both values, when they differ. Of a record the value and the version count.
 */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, shouldBe] = [shown(actual), shown(expected)]
  check(is === shouldBe, `${what} is ${shortened(is)}, not ${shortened(shouldBe)}`)
}

/** In any order, and each as often as it is there. */
export function sameMembers(actual: readonly string[], expected: readonly string[], what: string): void {
  same(actual.toSorted(), expected.toSorted(), what)
}

/** @throws {Error} With this message, when it does not hold. */
export function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message)
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, part) => (part === undefined ? '(undefined)' : comparable(part)))
}

/** A store may give a record's properties in any order, and more than these. */
function comparable(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
  const { value, version } = part as { value?: unknown; version?: unknown }
  return { value, version }
}

/** A value of 100 kB would hide the message. */
function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text
}
