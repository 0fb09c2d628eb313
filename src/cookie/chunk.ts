import { cookieValues, MAX_CANDIDATES } from './parse.ts'

/** Browsers drop a cookie whose name and value are longer, in octets (RFC 6265bis §5.6 step 5). */
export const MAX_COOKIE_BYTES = 4096

/** With the limit below, no more are ever needed. */
export const MAX_CHUNKS = 4

/**
 * Node answers 431 to more than 16 KiB of request headers, and then to every request, sign-out included: a session may
 * take 14 of them, in bytes.
 */
const MAX_SESSION_BYTES = 14 * 1024

/** `2.` before the first part says how many there are; `.1` behind the name says which part it is: both two octets. */
const CHUNK_OVERHEAD = 2

/** A value too long for one cookie begins with the number of its parts. */
const COUNTED = /^([2-4])\.(.*)/s

/**
 * A value as the cookies that carry it, by name. One cookie if it fits, else `name=3.…`, `name.1=…`, `name.2=…`.
 * Null when it does not fit in `maxChunks`.
 */
export function splitChunks(name: string, value: string, maxChunks: number): Map<string, string> | null {
  if (name.length + value.length <= MAX_COOKIE_BYTES) return new Map([[name, value]])
  const size = MAX_COOKIE_BYTES - name.length - CHUNK_OVERHEAD
  const count = Math.ceil(value.length / size)
  if (value.length + count * (name.length + CHUNK_OVERHEAD) > capacity(maxChunks)) return null
  const chunks = new Map<string, string>()
  for (let i = 0; i < count; i++) {
    const part = value.slice(i * size, (i + 1) * size)
    chunks.set(chunkName(name, i), i === 0 ? `${count}.${part}` : part)
  }
  return chunks
}

/** The most that so many cookies may hold, names included, in bytes. */
export function capacity(maxChunks: number): number {
  return Math.min(maxChunks * MAX_COOKIE_BYTES, MAX_SESSION_BYTES)
}

/**
 * The values that the Cookie header may hold under a name, chunks put together; null when there are more than
 * `MAX_CANDIDATES`. Chunks that lack a part stay as they are, and are then refused as not canonical.
 */
export function joinChunks(header: string, name: string, maxChunks: number): string[] | null {
  const heads = cookieValues(header, name)
  if (heads.length > MAX_CANDIDATES) return null
  if (maxChunks === 1) return heads
  const values = heads.flatMap((head) => joined(header, name, head))
  return values.length > MAX_CANDIDATES ? null : values
}

/**
 * The names of all cookies in the header that belong to this one, the parts of an older, longer value included, but for
 * those in use.
 */
export function chunkNames(
  header: string,
  name: string,
  inUse: ReadonlyMap<string, string> = new Map(),
): string[] {
  const names: string[] = []
  for (let i = 0; i < MAX_CHUNKS; i++) {
    const candidate = chunkName(name, i)
    if (!inUse.has(candidate) && cookieValues(header, candidate).length > 0) names.push(candidate)
  }
  return names
}

function joined(header: string, name: string, head: string): string[] {
  const counted = COUNTED.exec(head)
  if (counted === null) return [head]
  let values = [counted[2] as string]
  for (let i = 1; i < Number(counted[1]); i++) {
    const parts = cookieValues(header, chunkName(name, i))
    values = values.flatMap((start) => parts.map((part) => start + part)).slice(0, MAX_CANDIDATES + 1)
  }
  return values.length === 0 ? [head] : values
}

function chunkName(name: string, index: number): string {
  return index === 0 ? name : `${name}.${index}`
}
