import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'

/** A key of the twin: its bytes, and what is made of them once. */
class TwinKey {
  readonly bytes: Uint8Array
  #object: KeyObject | undefined
  #pads: readonly [inner: Uint8Array, outer: Uint8Array] | undefined

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
}

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

  async deriveBits({ salt, info }: HkdfParams, key: TwinKey, bits: number): Promise<ArrayBuffer> {
    this.calls++
    return hkdf(key, salt, info, bits / 8)
  }

  async deriveKey(
    { salt, info }: HkdfParams,
    key: TwinKey,
    { length }: { length: number },
  ): Promise<TwinKey> {
    this.calls++
    return new TwinKey(new Uint8Array(hkdf(key, salt, info, length / 8)))
  }

  async sign(_algorithm: string, key: TwinKey, message: Uint8Array): Promise<ArrayBuffer> {
    this.calls++
    const [inner, outer] = key.pads
    return owned(sha256(outer, sha256(inner, message))) // Several times as fast as createHmac.
  }

  async encrypt(
    { iv, additionalData }: AesGcmParams,
    key: TwinKey,
    plaintext: Uint8Array,
  ): Promise<ArrayBuffer> {
    this.calls++
    const cipher = createCipheriv('aes-256-gcm', key.object, iv as Uint8Array)
    if (additionalData !== undefined) cipher.setAAD(additionalData as Uint8Array)
    return owned(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]))
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
    return owned(Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]))
  }
}

function sha256(a: Uint8Array, b: Uint8Array): Uint8Array {
  return hash('sha256', Buffer.concat([a, b]), 'buffer')
}

function hkdf(key: TwinKey, salt: BufferSource, info: BufferSource, length: number): ArrayBuffer {
  return hkdfSync('sha256', key.bytes, salt as Uint8Array, info as Uint8Array, length)
}

function owned(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer
}
