import { createCipheriv, createDecipheriv, createSecretKey, hash, type KeyObject } from 'node:crypto'

/** A key of the twin: its bytes, and what is made of them once. */
class TwinKey {
  readonly bytes: Uint8Array
  #object: KeyObject | undefined
  #pads: readonly [inner: Uint8Array, outer: Uint8Array] | undefined
  #extracted: TwinKey | undefined

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get object(): KeyObject {
    this.#object ??= createSecretKey(this.bytes)
    return this.#object
  }

  /** RFC 2104 §2, for keys of at most a block. */
  get pads(): readonly [inner: Uint8Array, outer: Uint8Array] {
    const pad = (by: number) => new Uint8Array(64).map((_, i) => (this.bytes[i] ?? 0) ^ by)
    this.#pads ??= [pad(0x36), pad(0x5c)]
    return this.#pads
  }

  /** RFC 5869 §2.2, without a salt. */
  get extracted(): TwinKey {
    this.#extracted ??= new TwinKey(hmac(NO_SALT, this.bytes))
    return this.#extracted
  }
}

const NO_SALT = new TwinKey(new Uint8Array(0))
const FIRST = Uint8Array.of(1)

const TAG = 16

/**
 * What this library asks of Web Crypto, on `node:crypto`, done by the time the call returns: its promises settle within
 * microtasks, so that a scheduler knows when all is at rest. `crypto-twin.node.test.ts` holds it against the real one.
 */
export class CryptoTwin {
  /** How many calls there were. */
  calls = 0

  async importKey(_format: string, bytes: Uint8Array): Promise<TwinKey> {
    this.calls++
    return new TwinKey(Uint8Array.from(bytes))
  }

  async deriveBits(params: HkdfParams, key: TwinKey, bits: number): Promise<ArrayBuffer> {
    this.calls++
    return hkdf(params, key, bits).buffer
  }

  async deriveKey(params: HkdfParams, key: TwinKey, { length }: { length: number }): Promise<TwinKey> {
    this.calls++
    return new TwinKey(hkdf(params, key, length))
  }

  async sign(_algorithm: string, key: TwinKey, message: Uint8Array): Promise<ArrayBuffer> {
    this.calls++
    return new Uint8Array(hmac(key, message)).buffer
  }

  async encrypt(
    { iv, additionalData }: AesGcmParams,
    key: TwinKey,
    plaintext: Uint8Array,
  ): Promise<ArrayBuffer> {
    this.calls++
    const cipher = createCipheriv('aes-256-gcm', key.object, iv as Uint8Array)
    if (additionalData !== undefined) cipher.setAAD(additionalData as Uint8Array)
    const sealed = new Uint8Array(plaintext.length + TAG)
    sealed.set(cipher.update(plaintext))
    cipher.final()
    sealed.set(cipher.getAuthTag(), plaintext.length)
    return sealed.buffer
  }

  async decrypt(
    { iv, additionalData }: AesGcmParams,
    key: TwinKey,
    sealed: Uint8Array,
  ): Promise<ArrayBuffer> {
    this.calls++
    const end = sealed.length - TAG
    const decipher = createDecipheriv('aes-256-gcm', key.object, iv as Uint8Array, { authTagLength: TAG })
    if (additionalData !== undefined) decipher.setAAD(additionalData as Uint8Array)
    decipher.setAuthTag(sealed.subarray(end))
    const plaintext = new Uint8Array(decipher.update(sealed.subarray(0, end)))
    decipher.final()
    return plaintext.buffer
  }
}

/** Several times as fast as createHmac. */
function hmac(key: TwinKey, message: Uint8Array): Uint8Array {
  const [inner, outer] = key.pads
  return sha256(outer, sha256(inner, message))
}

function sha256(a: Uint8Array, b: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([a, b]), 'buffer')
}

/** One block of RFC 5869 is all that is asked for, and never with a salt; a quarter of what hkdfSync costs. */
function hkdf({ salt, info }: HkdfParams, key: TwinKey, bits: number): Uint8Array<ArrayBuffer> {
  if (salt.byteLength > 0 || bits > 256)
    throw new RangeError('The twin derives 32 bytes at most, without a salt.')
  const block = hmac(key.extracted, Buffer.concat([info as Uint8Array, FIRST]))
  return new Uint8Array(block.subarray(0, bits / 8))
}
