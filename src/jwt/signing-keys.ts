import { isPlain } from '../session/json.ts'
import { ALGORITHMS, algorithmOf, privateMember, type SigningKey } from './jwk.ts'

/**
 * Private keys, checked as far as can be told without importing them, and copied: they are the issuer's from here on.
 *
 * @throws {TypeError} With what is wrong, by the position in the list and never by content.
 */
export function checkedKeys(keys: readonly SigningKey[]): SigningKey[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new TypeError('keys must be a list of private JWKs: generateSigningKey() makes one.')
  }
  keys.forEach((key, i) => {
    const problem = problemOf(key)
    if (problem !== null) throw new TypeError(`keys[${i}] ${problem}`)
    if (keys.findIndex(({ kid }) => kid === key.kid) !== i) {
      throw new TypeError(`keys[${i}] has the kid of another one: each needs its own.`)
    }
  })
  return keys.map((key) => ({ ...key }))
}

function problemOf(key: SigningKey): string | null {
  if (!isPlain(key)) return 'is no JWK.'
  if (typeof key.kid !== 'string' || key.kid === '') return 'has no kid: services know it by that.'
  if (key.alg === undefined || algorithmOf(key) === null) {
    return `must be a key for one of ${ALGORITHMS.join(', ')} that names it as its alg; RSA with at least 2048 bits.`
  }
  return privateMember(key) === undefined ? 'is a public key: it cannot sign.' : null
}
