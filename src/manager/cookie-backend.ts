import { MAX_COOKIE_BYTES } from '../cookie/chunk.ts'
import { sealContext } from '../crypto/keyring.ts'
import { hourOf, seal, unseal } from '../crypto/seal.ts'
import { fromBase64Url, toBase64Url } from '../encoding.ts'
import { CLOCK_LEEWAY, longestIdle } from '../session/lifecycle.ts'
import { decodeRecord, encodeRecord } from '../session/record.ts'
import type { SessionBackend } from './backend.ts'
import type { Settings } from './settings.ts'

/** Keeps the whole record in the cookie, sealed. */
export function cookieBackend({ keyring, cookie, policy, maxChunks }: Settings<object>): SessionBackend {
  const context = sealContext('session', cookie.name)
  const lifetime = longestIdle(policy) * 1000

  return {
    async load(value, now) {
      if (value.length > maxChunks * MAX_COOKIE_BYTES) return 'too-long'
      const sealed = fromBase64Url(value)
      if (sealed === null) return 'malformed'
      const newest = hourOf(now + CLOCK_LEEWAY * 1000)
      const hours = { oldest: hourOf(now - lifetime), current: hourOf(now), newest }
      const unsealed = await unseal(keyring, context, sealed, hours)
      if (typeof unsealed === 'string') return unsealed
      const decoded = decodeRecord(unsealed.plaintext)
      return decoded === null ? 'undecodable' : { ...decoded, stale: !unsealed.primary }
    },
    async save(record, now) {
      return toBase64Url(await seal(keyring, context, encodeRecord(record), now))
    },
  }
}
