/**
 * A name for any key, also for one that is not well-formed Unicode, where a system takes few characters. Two keys never
 * get one name.
 *
 * @param unsafe What is escaped, one UTF-16 code unit at a time. It has to match `_`, which is the escape itself.
 */
export function safeKey(key: string, unsafe: RegExp): string {
  return key.replace(unsafe, (unit) => `_${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
