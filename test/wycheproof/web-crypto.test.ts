/** Project Wycheproof's vectors against the Web Crypto of this runtime, asked as src/crypto asks it. */
import { describe, expect, test } from 'vitest'
import { fromHex, hex } from '../support/wafer1.ts'
import { type AesGcmVector, type HkdfVector, type HmacVector, wycheproof } from './vectors.ts'

const { aesGcm, hkdf, hmac } = wycheproof
const { subtle } = crypto

function titled<V extends { tcId: number; comment: string; flags: readonly string[]; result: string }>(
  vectors: readonly V[],
): [title: string, vector: V][] {
  return vectors.map((vector) => {
    const about = [vector.comment, ...vector.flags].filter((text) => text !== '').join(', ')
    return [`${vector.tcId}, ${vector.result}: ${about}`, vector]
  })
}

test('there are as many vectors as were taken over', () => {
  const counts = [aesGcm, hkdf, hmac].map((list) => {
    return [list.filter(({ result }) => result === 'valid').length, list.length]
  })
  expect(counts).toEqual([
    [39, 66],
    [37, 38],
    [54, 162],
  ])
})

describe('AES-256-GCM, 96-bit IV, 128-bit tag', () => {
  function setting({ key, iv, aad }: AesGcmVector) {
    const parameters = { name: 'AES-GCM', iv: fromHex(iv), additionalData: fromHex(aad) }
    const imported = subtle.importKey('raw', fromHex(key), 'AES-GCM', false, ['encrypt', 'decrypt'])
    return { parameters, imported }
  }

  test.each(titled(aesGcm))('%s', async (_, vector) => {
    const { parameters, imported } = setting(vector)
    const sealed = fromHex(vector.ct + vector.tag)

    const encrypted = await subtle.encrypt(parameters, await imported, fromHex(vector.msg))
    const decrypted = subtle.decrypt(parameters, await imported, sealed).then(
      (plaintext) => hex(new Uint8Array(plaintext)),
      () => null,
    )

    expect(hex(new Uint8Array(encrypted)) === hex(sealed)).toBe(vector.result === 'valid')
    expect(await decrypted).toBe(vector.result === 'valid' ? vector.msg : null)
  })
})

describe('HKDF-SHA-256, input key material of at least 256 bits', () => {
  async function derive({ ikm, salt, info, size }: HkdfVector) {
    const material = await subtle.importKey('raw', fromHex(ikm), 'HKDF', false, ['deriveBits', 'deriveKey'])
    const parameters = { name: 'HKDF', hash: 'SHA-256', salt: fromHex(salt), info: fromHex(info) }
    return subtle.deriveBits(parameters, material, 8 * size).then(
      (bits) => hex(new Uint8Array(bits)),
      () => null,
    )
  }

  test.each(titled(hkdf))('%s', async (_, vector) => {
    expect(await derive(vector)).toBe(vector.result === 'valid' ? vector.okm : null)
  })
})

describe('HMAC-SHA-256, 256-bit key, the whole tag or its first half', () => {
  test.each(titled(hmac))('%s', async (_, { key, msg, tag, result }: HmacVector) => {
    const algorithm = { name: 'HMAC', hash: 'SHA-256', length: 256 }
    const imported = await subtle.importKey('raw', fromHex(key), algorithm, false, ['sign'])

    const digest = hex(new Uint8Array(await subtle.sign('HMAC', imported, fromHex(msg))))

    expect(digest.slice(0, tag.length) === tag).toBe(result === 'valid')
  })
})
