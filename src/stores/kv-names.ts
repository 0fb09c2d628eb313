/** Bytes, see https://developers.cloudflare.com/kv/platform/limits/. */
const MAX_NAME = 512

/** The names of records and of entries of the index: one key per record, and one for each of its tags. */
export interface KVNames {
  record(key: string): string
  /** What all the entries of a tag begin with, and nothing else does. */
  entries(tag: string): string
  entry(tag: string, key: string): string
  /** The key that an entry of the tag stands for. */
  keyOf(tag: string, entry: string): string
}

/** As JSON: no tag can forge the closing quote, and half a surrogate pair, which UTF-8 does not have, is escaped. */
export function kvNames(prefix: string): KVNames {
  const entries = (tag: string) => `${prefix}tag:${JSON.stringify(tag)}`
  return {
    record: (key) => `${prefix}record:${JSON.stringify(key)}`,
    entries,
    entry: (tag, key) => entries(tag) + JSON.stringify(key),
    keyOf: (tag, entry) => JSON.parse(entry.slice(entries(tag).length)),
  }
}

/** KV refuses any other name, so that nothing can be under it. */
export function fits(name: string): boolean {
  return bytes(name) <= MAX_NAME
}

/** @throws {RangeError} When a name is longer than KV takes. */
export function checkNames(names: readonly string[]): void {
  const tooLong = names.find((name) => !fits(name))
  if (tooLong === undefined) return
  throw new RangeError(`KV takes names of at most ${MAX_NAME} bytes: this one has ${bytes(tooLong)}.`)
}

function bytes(name: string): number {
  return new TextEncoder().encode(name).length
}
