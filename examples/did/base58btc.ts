const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Of bytes of which the first is not zero, as multicodecs are. */
export function toBase58btc(bytes: Uint8Array): string {
  let rest = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = ALPHABET.charAt(Number(rest % 58n)) + text
  return text
}

/** @returns Null for what `toBase58btc` does not write: every other spelling would be another name for the same key. */
export function fromBase58btc(text: string): Uint8Array | null {
  if (!/^[2-9A-HJ-NP-Za-km-z][1-9A-HJ-NP-Za-km-z]{0,63}$/.test(text)) return null
  let rest = [...text].reduce((number, digit) => number * 58n + BigInt(ALPHABET.indexOf(digit)), 0n)
  const bytes: number[] = []
  for (; rest > 0n; rest /= 256n) bytes.unshift(Number(rest % 256n))
  return new Uint8Array(bytes)
}
