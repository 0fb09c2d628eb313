import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { ALGORITHMS, type SigningAlgorithm, type SigningKey } from './jwk.ts'

/** As strong as the others (NIST SP 800-57: 128 bits); RSA alone has a choice. */
const RSA_BITS = 3072

/**
 * A private key as a JWK, for the `keys` of a token issuer. Its `kid` is the thumbprint of RFC 7638. Keep it as you keep
 * the session secret.
 *
 * @throws {TypeError} For an algorithm that is not on the list, or that this runtime's Web Crypto does not have.
 */
export async function generateSigningKey(alg: SigningAlgorithm = 'EdDSA'): Promise<SigningKey> {
  if (!ALGORITHMS.includes(alg)) {
    throw new TypeError(`generateSigningKey(alg) wants one of ${ALGORITHMS.join(', ')}.`)
  }
  const options = { extractable: true, ...(alg === 'RS256' && { modulusLength: RSA_BITS }) }
  const { privateKey } = await generateKeyPair(alg, options).catch((cause) => {
    throw new TypeError(`The Web Crypto of this runtime has no ${alg}.`, { cause })
  })
  const jwk = { ...(await exportJWK(privateKey)), alg }
  return { ...jwk, kty: jwk.kty as string, alg, kid: await calculateJwkThumbprint(jwk), use: 'sig' }
}
