import { describe, expect, test } from 'vitest'
import { CryptoTwin } from './runtime/crypto-twin.ts'
import { Random } from './runtime/random.ts'

const twin = new CryptoTwin() as unknown as SubtleCrypto
const real = crypto.subtle
const random = new Random(1, 'twin')

function bytes(length: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(length)
  random.fill(made)
  return made
}

const hex = (buffer: ArrayBuffer) => Buffer.from(buffer).toString('hex')

/** What both make of the same. */
async function both<T>(use: (subtle: SubtleCrypto) => Promise<T>): Promise<[T, T]> {
  return [await use(twin), await use(real)]
}

const hkdf = (info: Uint8Array<ArrayBuffer>) => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt: new Uint8Array(0),
  info,
})
const secretKey = (subtle: SubtleCrypto, secret: Uint8Array<ArrayBuffer>) =>
  subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits', 'deriveKey'])

describe('CryptoTwin', () => {
  test('derives, signs and seals as Web Crypto does', async () => {
    for (let round = 0; round < 200; round++) {
      const [secret, info, message, iv, aad] = [
        bytes(32 + round),
        bytes(round),
        bytes(round * 3),
        bytes(12),
        bytes(9),
      ]
      const bits = await both(async (subtle) => {
        return hex(await subtle.deriveBits(hkdf(info), await secretKey(subtle, secret), 32))
      })
      expect(bits[0]).toBe(bits[1])
      const signed = await both(async (subtle) => {
        const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 }
        const key = await subtle.deriveKey(hkdf(info), await secretKey(subtle, secret), hmac, false, ['sign'])
        return hex(await subtle.sign('HMAC', key, message))
      })
      expect(signed[0]).toBe(signed[1])
      const sealed = await both(async (subtle) => {
        const aes = { name: 'AES-GCM', length: 256 }
        const uses: KeyUsage[] = ['encrypt', 'decrypt']
        const key = await subtle.deriveKey(hkdf(info), await secretKey(subtle, secret), aes, false, uses)
        const gcm = { name: 'AES-GCM', iv, additionalData: aad }
        const text = new Uint8Array(await subtle.encrypt(gcm, key, message))
        expect(hex(await subtle.decrypt(gcm, key, text))).toBe(hex(message.buffer))
        const forged = text.slice()
        forged[round % forged.length] = (forged[round % forged.length] as number) ^ 1
        await expect(subtle.decrypt(gcm, key, forged)).rejects.toBeDefined()
        return hex(text.buffer)
      })
      expect(sealed[0]).toBe(sealed[1])
    }
  })

  test('counts its calls', async () => {
    const counting = new CryptoTwin()
    await counting.sign('HMAC', await counting.importKey('raw', bytes(32)), bytes(1))
    expect(counting.calls).toBe(2)
  })
})
