import { onTestFinished } from 'vitest'

// Not vi.spyOn: on Bun a method of `crypto` that was restored cannot be watched again.
const original = crypto.getRandomValues.bind(crypto)
let draw: ((bytes: Uint8Array) => boolean) | undefined
let seen: ((bytes: Uint8Array) => void) | undefined

function install(): void {
  Object.defineProperty(crypto, 'getRandomValues', {
    configurable: true,
    writable: true,
    value<T extends ArrayBufferView>(array: T): T {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      if (!draw?.(bytes)) original(array as unknown as Uint8Array<ArrayBuffer>)
      seen?.(bytes)
      return array
    },
  })
  onTestFinished(() => {
    draw = undefined
    seen = undefined
  })
}

/** Everything that the generator gives from here to the end of the test, in hexadecimal. */
export function drawnBytes(): readonly string[] {
  install()
  const drawn: string[] = []
  seen = (bytes) => drawn.push(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''))
  return drawn
}

/** The next draws of that many bytes give these, in order; then the generator is itself again. */
export function nextDraws(length: number, ...values: readonly Uint8Array[]): void {
  install()
  const queue = [...values]
  draw = (bytes) => {
    const value = bytes.length === length ? queue.shift() : undefined
    if (value !== undefined) bytes.set(value)
    return value !== undefined
  }
}
