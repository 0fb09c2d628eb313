import { isPlain, toJsonText } from '../session/json.ts'
import { OWN_CLAIMS } from './claims.ts'

/**
 * The claims that an application adds to a token.
 *
 * @throws {TypeError} When they are not JSON, or one is the issuer's own.
 */
export function customClaims(claims: unknown = {}): Record<string, unknown> {
  if (!isPlain(claims)) throw new TypeError('claims must be an object of JSON values.')
  const own = OWN_CLAIMS.find((name) => Object.hasOwn(claims, name))
  if (own !== undefined) throw new TypeError(`The claim ${own} comes from the session and the issuer.`)
  try {
    return JSON.parse(toJsonText(claims, 'claims'))
  } catch (cause) {
    throw new TypeError('claims must be an object of JSON values: the cause says which one is none.', {
      cause,
    })
  }
}
