import text from './vectors.json' with { type: 'json' }

/** Bytes are in hexadecimal. */
interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly flags: readonly string[]
  readonly result: 'valid' | 'invalid'
}

export interface AesGcmVector extends Vector {
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly msg: string
  readonly ct: string
  readonly tag: string
}

export interface HkdfVector extends Vector {
  readonly ikm: string
  readonly salt: string
  readonly info: string
  /** Bytes. */
  readonly size: number
  readonly okm: string
}

export interface HmacVector extends Vector {
  readonly key: string
  readonly msg: string
  readonly tag: string
}

export interface WycheproofVectors {
  readonly source: string
  readonly commit: string
  readonly aesGcm: readonly AesGcmVector[]
  readonly hkdf: readonly HkdfVector[]
  readonly hmac: readonly HmacVector[]
}

export const wycheproof: WycheproofVectors = text as unknown as WycheproofVectors
