import { CryptoTwin } from './crypto-twin.ts'
import type { Random } from './random.ts'
import type { VirtualTimers } from './virtual-timers.ts'

/** What stands in for the parts of a runtime that are not the same twice. */
interface Props {
  readonly random: Random
  readonly timers: VirtualTimers
}

export const twin: CryptoTwin = new CryptoTwin()
const rest = setImmediate
let props: Props | undefined

/**
 * Replaces Web Crypto, its random numbers and the timers of this thread by those of the seed that is being played. Only
 * for threads that do nothing else: nothing is put back.
 */
export function setStage(next: Props): void {
  if (props === undefined) install()
  props = next
}

/** Until nothing more happens by itself: all promises that could settle have. */
export function atRest(): Promise<void> {
  return new Promise((resolve) => rest(resolve))
}

function install(): void {
  const getRandomValues = (bytes: Uint8Array) => {
    props?.random.fill(bytes)
    return bytes
  }
  const randomUUID = () => Buffer.from(getRandomValues(new Uint8Array(16))).toString('hex')
  const crypto = { subtle: twin, getRandomValues, randomUUID }
  Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true })
  // The newest runtimes have these, and the sources use them: a tenth of a seed is base64url without.
  Object.assign(Uint8Array, { fromBase64: (text: string) => new Uint8Array(Buffer.from(text, 'base64url')) })
  Object.assign(Uint8Array.prototype, {
    toBase64(this: Uint8Array) {
      return Buffer.from(this.buffer, this.byteOffset, this.length).toString('base64url')
    },
  })
  Object.assign(globalThis, {
    setTimeout: (ring: () => void, milliseconds = 0) => props?.timers.set(ring, milliseconds),
    clearTimeout: (id: number) => props?.timers.clear(id),
  })
}
