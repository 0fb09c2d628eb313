import type { LogEntry } from '../log-entry.ts'
import type { Sink } from '../sink.ts'

/**
 * One line of JSON for each entry, such as log collectors read (ASVS 16.2.4).
 *
 * @param write Takes a line without its end, such as `console.log`.
 * @param types Which to write. @default all
 * @throws {TypeError}
 */
export function jsonSink(write: (line: string) => unknown, types?: readonly LogEntry['type'][]): Sink {
  if (typeof write !== 'function')
    throw new TypeError('jsonSink(write) wants a function, such as console.log.')
  return {
    write(entry) {
      if (types !== undefined && !types.includes(entry.type)) return
      const { at, ...rest } = entry
      return write(JSON.stringify({ time: new Date(at).toISOString(), ...rest }))
    },
  }
}
