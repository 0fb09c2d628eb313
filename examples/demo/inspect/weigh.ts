/** Something that takes room in a cookie or a record. */
export interface Weight {
  readonly name: string
  readonly bytes: number
  /** True for a key of `session.data`: what an application can do something about. */
  readonly own: boolean
}

interface Weighed {
  /** The bytes that are sealed, with all that sealing adds. */
  readonly sealed: number
  readonly data: object
  /** Of the name of the cookie; 0 for a record. */
  readonly name: number
  /** Handle and times, and in a store also the hash of the token. */
  readonly fixed: number
}

const SEAL = 36

/** Where every byte goes, the heaviest first. */
export function weigh({ sealed, data, name, fixed }: Weighed): Weight[] {
  const keys = Object.entries(data).map(([key, value]) => ({
    name: key,
    // With the quotes, the colon, and the comma or a brace.
    bytes: bytesIn(JSON.stringify(key)) + bytesIn(JSON.stringify(value) ?? '') + 2,
    own: true,
  }))
  const inData = keys.reduce((sum, { bytes }) => sum + bytes, 0)
  const rest = sealed - SEAL - fixed - inData
  const others = [
    { name: name === 0 ? 'handle, times, hashes of the token' : 'handle and times', bytes: fixed },
    { name: 'who, how, flash messages', bytes: rest },
    { name: 'seal: version, kid, hour, iv, tag', bytes: SEAL },
    { name: 'base64url', bytes: Math.ceil((sealed * 4) / 3) - sealed },
    { name: 'the name of the cookie', bytes: name },
  ]
  const all = [...keys, ...others.map((other) => ({ ...other, own: false }))]
  return all.filter(({ bytes }) => bytes > 0).toSorted((a, b) => b.bytes - a.bytes)
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length
}
