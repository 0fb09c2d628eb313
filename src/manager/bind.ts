import { firstKey, mac } from '../crypto/mac.ts'
import { lengthPrefixed, toBase64Url } from '../encoding.ts'
import { type BindingOptions, clientTraits } from '../session/binding.ts'
import type { Binding } from '../session/record.ts'
import type { Arrival } from './arrival.ts'
import type { Settings } from './settings.ts'

/** A quarter of an HMAC is enough to tell two clients apart, and takes less room in a cookie. */
const HASH_BYTES = 8

/**
 * What a session of this client is bound to, as keyed hashes.
 *
 * @param kid The secret of the binding that it is compared with. @default The first
 * @returns Undefined when that secret is no longer there: nothing can be compared then.
 */
export async function bindingOf(
  { keyring }: Settings<object>,
  options: BindingOptions,
  { request, info }: Arrival,
  kid?: number,
): Promise<Binding | undefined> {
  const ringKey = kid === undefined ? await firstKey(keyring) : (await keyring.keys()).get(kid)
  if (ringKey === undefined) return undefined
  const traits = Object.entries(clientTraits(options, request, info))
  const hashes = await Promise.all(
    traits.map(async (trait) => {
      const digest = await mac(keyring, ringKey, 'binding', lengthPrefixed(...trait))
      return [trait[0], toBase64Url(digest.subarray(0, HASH_BYTES))]
    }),
  )
  return { kid: ringKey.index, hashes: Object.fromEntries(hashes) }
}
